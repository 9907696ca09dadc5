"""From the values of an op's parameters to a call of the custom operator halfulp_<op>."""

from __future__ import annotations

import json
from typing import Any

import paddle

from halfulp.paddle._library import compiled
from halfulp.signatures import Op, Parameter, listed, window


def _plain(value: Any) -> Any:
    """Tensors among numbers, as Paddle takes sizes, as numbers."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "shape")


def _input(op: Op, p: Parameter, values: dict[str, Any]) -> Any:
    value = values[p.name]
    if p.types[0] == "Tensor[]":
        return listed(value, "Tensor[]")
    if not _is_tensor(value) and "float" in p.types:
        return paddle.full([], value, values[op.element].dtype)
    if not _is_tensor(value):
        raise TypeError(f"{op.name}: {p.name} is {value!r}; it must be a tensor")
    return value


def _attribute(p: Parameter, value: Any) -> Any:
    kind = p.types[0]
    if kind in ("bool", "int", "str") and len(p.types) == 1:
        expected = {"bool": bool, "int": int, "str": str}[kind]
        value = _plain(value)
        if not isinstance(value, expected):
            raise TypeError(f"{p.name} is {value!r}; it must be of type {expected.__name__}")
        return value
    plain = listed(_plain(value), kind)
    return plain if kind in ("int[]", "int[2]") and len(p.types) == 1 else json.dumps(plain)


def call(op: Op, values: dict[str, Any]) -> Any:
    """Calls the operator. Raises TypeError for a value of a wrong kind, ValueError for one that is not valid."""
    if "padding" in values:
        values = {**values, "padding": window(_plain(values["padding"]), values.get("data_format", "NCHW"))}
    name, inputs, attributes = f"halfulp_{op.name}", [], []
    for p in op.parameters:
        if p.types[0] == "Tensor?":
            if values[p.name] is not None:
                name += f"_with_{p.name}"
                inputs.append(values[p.name])
        elif p.types[0].startswith("Tensor"):
            inputs.append(_input(op, p, values))
        else:
            attributes.append(_attribute(p, values[p.name]))
    results = getattr(compiled, name)(*inputs, *attributes)
    if not op.returns_list:
        return results
    asked = [True] + [bool(values[p.name]) for p in op.parameters if p.name.startswith("return_")]
    return [result for result, wanted in zip(results, asked) if wanted]
