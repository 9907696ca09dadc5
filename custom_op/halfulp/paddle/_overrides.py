"""`override`: Paddle's own functions compute by halfulp's kernels."""

from __future__ import annotations

from typing import Any, Callable

from halfulp import overrides
from halfulp.paddle._calls import call
from halfulp.paddle._library import ops
from halfulp.signatures import Op


def _function(op: Op) -> Callable[..., Any]:
    def replacement(*args: Any, **kwargs: Any) -> Any:
        results = call(op, op.values(args, kwargs))
        # Paddle returns a list of one tensor as that tensor.
        return results[0] if op.returns_list and len(results) == 1 else tuple(results) if op.returns_list else results

    replacement.__name__ = op.name
    replacement.__doc__ = op.docstring("paddle")
    return replacement


def override(*names: str) -> overrides.Override:
    """Paddle's functions for these ops (all, where none is named) compute by halfulp, until undo() or the end of `with`.

        with halfulp.paddle.override("eigvalsh"):
            paddle.linalg.eigvalsh(a)

    Throws ValueError for a name that stands for no function of Paddle.
    """
    return overrides.put("paddle", names, ops, _function)
