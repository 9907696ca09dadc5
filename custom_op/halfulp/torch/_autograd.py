"""Gradients: each input's is an op of its own, named by the spec."""

from __future__ import annotations

from typing import Any

import torch

from halfulp.signatures import Op
from halfulp.torch._calls import call, filled, qualified


def _gradient_values(forward: Op, gradient: Op, values: dict[str, Any], dy: torch.Tensor) -> dict[str, Any]:
    """The parameters of a gradient: those of the forward op by name, shapes of its inputs, and the output's gradient."""
    named = {**{p.alias: p.name for p in forward.parameters if p.alias}, **{p.name: p.name for p in forward.parameters}}
    given = {}
    for p in gradient.parameters:
        if p.name in values:
            given[p.name] = values[p.name]
        elif p.name.endswith("_shape"):
            given[p.name] = list(values[named[p.name.removesuffix("_shape")]].shape)
        else:
            given[p.name] = dy
    return given


def _register(op: Op, ops: dict[str, Op], overload: str, types: dict[str, str]) -> None:
    names = [p.name for p in op.parameters]

    # What the gradients ask for; a tensor of which only the shape is asked for is kept, too: autograd shares it.
    def setup(ctx: Any, inputs: tuple, keyword_only_inputs: dict, output: Any) -> None:
        values = filled(op, types, inputs, keyword_only_inputs)
        ctx.positional = names[: len(inputs)]
        ctx.tensors = [n for n, v in values.items() if isinstance(v, torch.Tensor)]
        ctx.lists = {n: len(v) for n, v in values.items() if isinstance(v, list) and v and isinstance(v[0], torch.Tensor)}
        ctx.plain = {n: v for n, v in values.items() if n not in ctx.tensors and n not in ctx.lists}
        ctx.save_for_backward(*(values[n] for n in ctx.tensors), *(t for n in ctx.lists for t in values[n]))

    def backward(ctx: Any, dy: torch.Tensor) -> tuple:
        saved = list(ctx.saved_tensors)
        values = {**ctx.plain, **dict(zip(ctx.tensors, saved))}
        at = len(ctx.tensors)
        for name, count in ctx.lists.items():
            values[name] = saved[at : at + count]
            at += count
        results: list[Any] = []
        for k, name in enumerate(ctx.positional):
            if name in ctx.lists:
                results.append([None] * ctx.lists[name])
            elif name not in op.gradients or name not in ctx.tensors or not ctx.needs_input_grad[k]:
                results.append(None)
            elif not op.gradients[name]:
                results.append(dy)
            else:
                gradient = ops[op.gradients[name]]
                results.append(call(gradient, _gradient_values(op, gradient, values, dy)))
        return tuple(results)

    if any(len(p.types) > 1 and not p.required for p in op.parameters) and overload != "default":
        chosen = setup  # what takes the other type is given by name
    else:
        def chosen(ctx: Any, inputs: tuple, output: Any) -> None:
            setup(ctx, inputs, {}, output)

    torch.library.register_autograd(qualified(op, overload), backward, setup_context=chosen)


def register(ops: dict[str, Op]) -> None:
    """Tells PyTorch how to differentiate every op that has gradients."""
    for op in ops.values():
        if op.gradients:
            for overload, types in op.overloads:
                _register(op, ops, overload, types)
