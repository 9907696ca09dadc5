"""`override`: PyTorch's own functions compute by halfulp's kernels."""

from __future__ import annotations

from typing import Any

from halfulp import overrides
from halfulp.signatures import Op
from halfulp.torch._calls import call
from halfulp.torch._library import ops


def _compute(op: Op, args: tuple, kwargs: dict[str, Any]) -> Any:
    if op.name == "expand" and len(args) > 1 and isinstance(args[1], int):
        args = (args[0], list(args[1:]))  # x.expand(2, 3)
    return call(op, op.values(args, kwargs))


def override(*names: str) -> overrides.Override:
    """PyTorch's functions for these ops (all, where none is named) compute by halfulp, until undo() or the end of `with`.

        with halfulp.torch.override("eigvalsh"):
            torch.linalg.eigvalsh(a)

    Throws ValueError for a name that stands for no function of PyTorch.
    """
    return overrides.put("torch", names, ops, _compute)
