"""`override`: Paddle's own functions compute by halfulp's kernels."""

from __future__ import annotations

from typing import Any

from halfulp import overrides
from halfulp.paddle._calls import call
from halfulp.paddle._library import ops
from halfulp.signatures import Op


def _compute(op: Op, args: tuple, kwargs: dict[str, Any]) -> Any:
    results = call(op, op.values(args, kwargs))
    if not op.returns_list:
        return results
    return results[0] if len(results) == 1 else tuple(results)  # Paddle returns a list of one tensor as that tensor


def override(*names: str) -> overrides.Override:
    """Paddle's functions for these ops (all, where none is named) compute by halfulp, until undo() or the end of `with`.

        with halfulp.paddle.override("eigvalsh"):
            paddle.linalg.eigvalsh(a)

    Throws ValueError for a name that stands for no function of Paddle.
    """
    return overrides.put("paddle", names, ops, _compute)
