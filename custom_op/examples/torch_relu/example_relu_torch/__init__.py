"""relu for torch: the compiled ops, what they return for fake tensors, and the gradient."""

import torch

from ._ops import relu, relu_grad

__all__ = ["relu"]


@torch.library.register_fake("example_relu_torch::relu")
def _relu_fake(x):
    return torch.empty_like(x)


@torch.library.register_fake("example_relu_torch::relu_grad")
def _relu_grad_fake(y, dy):
    return torch.empty_like(y)


torch.library.register_autograd(
    "example_relu_torch::relu",
    lambda ctx, dy: relu_grad(*ctx.saved_tensors, dy),
    setup_context=lambda ctx, inputs, output: ctx.save_for_backward(output),
)
