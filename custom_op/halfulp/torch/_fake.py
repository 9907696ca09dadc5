"""Shapes and dtypes of results, for tensors without data: traced programs, where sizes may be symbols.

A gradient has the shape of what it is the gradient by; an op of scattered updates that of what they go to. The other
ops have a rule here, which the tests hold against what the kernels return.
"""

from __future__ import annotations

from typing import Any, Callable

import torch

from halfulp.signatures import Op
from halfulp.torch._calls import filled, qualified

Values = dict[str, Any]


def _pads(v: Values, axis: int, size: Any, kernel: Any) -> tuple[Any, Any]:
    """Padding before and after an image axis (0: rows, 1: columns)."""
    given = v["padding"]
    stride, dilation = v["stride"][axis], v["dilation"][axis]
    if isinstance(given, str):
        if given.upper() == "VALID":
            return 0, 0
        total = ((size + stride - 1) // stride - 1) * stride + dilation * (kernel - 1) + 1 - size
        total = torch.sym_max(total, 0)
        return total // 2, total - total // 2
    if len(given) == 4:
        return given[2 * axis], given[2 * axis + 1]
    return given[axis % len(given)], given[axis % len(given)]


def _image(v: Values, shape: Any) -> tuple[Any, Any, list[Any]]:
    """Batch, channels and the two sizes of an image tensor."""
    n, *rest = shape
    return (n, rest[2], rest[:2]) if v["data_format"] == "NHWC" else (n, rest[0], rest[1:])


def _layout(v: Values, n: Any, channels: Any, sizes: list[Any]) -> list[Any]:
    return [n, *sizes, channels] if v["data_format"] == "NHWC" else [n, channels, *sizes]


def _conv2d(v: Values) -> torch.Tensor:
    x, weight = v["x"], v["weight"]
    n, _, sizes = _image(v, x.shape)
    out = []
    for axis in range(2):
        kernel = weight.shape[2 + axis]
        before, after = _pads(v, axis, sizes[axis], kernel)
        out.append((sizes[axis] + before + after - v["dilation"][axis] * (kernel - 1) - 1) // v["stride"][axis] + 1)
    return x.new_empty(_layout(v, n, weight.shape[0], out))


def _conv2d_transpose(v: Values) -> torch.Tensor:
    x, weight = v["x"], v["weight"]
    n, _, sizes = _image(v, x.shape)
    out = list(v["output_size"] or [])
    for axis in range(2 if not out else 0):
        kernel, stride = weight.shape[2 + axis], v["stride"][axis]
        before, after = _pads({**v, "stride": [1, 1]}, axis, sizes[axis], kernel) if not isinstance(v["padding"], str) else (0, 0)
        reach = v["dilation"][axis] * (kernel - 1) + 1
        size = (sizes[axis] - 1) * stride + reach - before - after + v["output_padding"][axis % len(v["output_padding"])]
        if isinstance(v["padding"], str) and v["padding"].upper() == "SAME":
            size = sizes[axis] * stride
        out.append(size)
    return x.new_empty(_layout(v, n, weight.shape[1] * v["groups"], out[-2:]))


def _bias_grad(v: Values) -> torch.Tensor:
    return v["dy"].new_empty([v["dy"].shape[3 if v["data_format"] == "NHWC" else 1]])


def _real(dtype: torch.dtype) -> torch.dtype:
    return {torch.complex64: torch.float32, torch.complex128: torch.float64}.get(dtype, dtype)


def _cholesky_solve(v: Values) -> torch.Tensor:
    x, y = v["x"], v["y"]
    return x.new_empty([*torch.broadcast_shapes(x.shape[:-2], y.shape[:-2]), *x.shape[-2:]])


def _expand(v: Values) -> torch.Tensor:
    x, shape = v["x"], list(v["shape"])
    lead = len(shape) - x.dim()
    for k in range(max(lead, 0), len(shape)):
        if isinstance(shape[k], int) and shape[k] == -1:
            shape[k] = x.shape[k - lead]
    return x.new_empty(shape)


def _unique(v: Values) -> list[torch.Tensor]:
    x, axis = v["x"], v["axis"]
    found = torch.library.get_ctx().new_dynamic_size()
    shape = [found] if axis is None else [found if k == axis % x.dim() else n for k, n in enumerate(x.shape)]
    dtype = getattr(torch, v["dtype"])
    slices = list(x.shape) if axis is None else [x.shape[axis]]
    made = [x.new_empty(shape)]
    made += [x.new_empty([found], dtype=dtype)] if v.get("return_index") else []
    made += [x.new_empty(slices, dtype=dtype)] if v["return_inverse"] else []
    made += [x.new_empty([found], dtype=dtype)] if v["return_counts"] else []
    return made


_rules: dict[str, Callable[[Values], Any]] = {
    "index_sample": lambda v: v["x"].new_empty(v["index"].shape),
    "copysign": lambda v: v["x"].new_empty(torch.broadcast_shapes(v["x"].shape, v["y"].shape)),
    "conv2d": _conv2d,
    "conv2d_bias_grad": _bias_grad,
    "conv2d_transpose": _conv2d_transpose,
    "eigvals": lambda v: v["x"].new_empty(v["x"].shape[:-1], dtype=v["x"].dtype.to_complex()),
    "eigvalsh": lambda v: v["x"].new_empty(v["x"].shape[:-1], dtype=_real(v["x"].dtype)),
    "cholesky_solve": _cholesky_solve,
    "expand": _expand,
    "as_strided": lambda v: v["x"].new_empty(v["shape"]),
    "unique": _unique,
    "unique_consecutive": _unique,
}


def _like(name: str) -> Callable[[Values], torch.Tensor]:
    return lambda v: v[name].new_empty(v[name].shape)


def _gradient(op: Op, by: str) -> Callable[[Values], torch.Tensor]:
    """The gradient by an input: a tensor like it, whose shape the call names where it does not hold the input."""
    shapes = [p.name for p in op.parameters if p.name.endswith("_shape")]

    def rule(v: Values) -> torch.Tensor:
        if isinstance(v.get(by), torch.Tensor):
            return v[op.element].new_empty(v[by].shape)
        return v[op.element].new_empty(v[shapes[0]] if shapes else [])

    return rule


def rule_of(op: Op, ops: dict[str, Op]) -> Callable[[Values], Any]:
    """How the results of the op look, by the values of its parameters."""
    if op.name in _rules:
        return _rules[op.name]
    for forward in ops.values():
        for by, gradient in forward.gradients.items():
            if gradient == op.name:
                return _gradient(op, by)
    if op.scatters:
        return _like(op.element)
    raise NotImplementedError(f"halfulp.torch has no rule for the shape of {op.name}'s result")


def register(ops: dict[str, Op]) -> None:
    """Tells PyTorch how the results of every op look."""
    for op in ops.values():
        rule = rule_of(op, ops)
        for overload, types in op.overloads:
            torch.library.register_fake(qualified(op, overload), _fake(op, types, rule))


def _fake(op: Op, types: dict[str, str], rule: Callable[[Values], Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: rule(filled(op, types, args, kwargs))
