"""A package of its author's: the operators lie in `_ops`, and this file chooses what is public."""

from ._ops import example_scale as scale
from ._ops import example_sum_and_difference as sum_and_difference
from ._ops import example_total as total

__all__ = ["scale", "sum_and_difference", "total"]
