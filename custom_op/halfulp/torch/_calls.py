"""From the values of an op's parameters to a call of torch.ops.halfulp.<op>."""

from __future__ import annotations

from typing import Any

import torch

from halfulp.signatures import Op, listed, window


def qualified(op: Op, overload: str) -> str:
    """"halfulp::conv2d.str", as torch.library has it."""
    return f"halfulp::{op.name}" + ("" if overload == "default" else f".{overload}")


def filled(op: Op, types: dict[str, str], args: tuple, kwargs: dict) -> dict[str, Any]:
    """Every parameter's value: PyTorch leaves out those that are the defaults."""
    values = {p.name: listed(p.default, types[p.name]) for p in op.parameters if not p.required}
    return {**values, **dict(zip((p.name for p in op.parameters), args)), **kwargs}


def _fits(value: Any, kind: str) -> bool:
    if kind == "str":
        return isinstance(value, str)
    if kind == "float":
        return isinstance(value, (float, int)) and not isinstance(value, bool)
    if kind == "int":
        return isinstance(value, (int, torch.SymInt))
    return not isinstance(value, (str, float))


def call(op: Op, values: dict[str, Any]) -> Any:
    """Calls the overload that takes values of these types. Raises TypeError where none does."""
    packet = getattr(torch.ops.halfulp, op.name)
    if "padding" in values:
        values["padding"] = window(values["padding"], values.get("data_format", "NCHW"))
    several = [p for p in op.parameters if len(p.types) > 1]
    for overload, types in op.overloads:
        if all(_fits(values[p.name], types[p.name]) for p in several):
            given = {name: listed(value, types[name]) for name, value in values.items()}
            return getattr(packet, overload)(**given)
    rules = "; ".join(f"{p.name} is {values[p.name]!r}; it must be {' or '.join(p.types)}" for p in several)
    raise TypeError(f"{op.name}: {rules}")
