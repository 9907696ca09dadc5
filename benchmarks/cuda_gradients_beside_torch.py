#!/usr/bin/env python3
"""Times halfulp's gradients of eigenvalues and of Cholesky factors on a GPU beside PyTorch's: calls of both in turn on the same
matrices, medians of host time from an idle device to an idle device, in one run.

    benchmarks/cuda_gradients_beside_torch.py [--library build/cuda/lib/libhalfulp_cuda_calls.so] [--rounds 10] [--only TEXT]

halfulp is given the matrices and the gradient of the result, and finds everything else again; PyTorch's time is that of its
forward pass and its backward pass. Matrices, factors and gradients are standard normal, factors with n / 2 added to their diagonals.
In float64 matrices of more than 128 rows are left out: some of their components would be left to the CPU, for minutes. A line
gives the medians, the ratio, the shares of components that each tier decided, and how many were left to the CPU.
"""
import torch

from cuda_linalg_beside_torch import Kernel, compare, run

SIZES = ((1, 32), (1, 128), (1, 512), (256, 32), (1000, 16))  # batch, n
RIGHT_SIDES = 4
SETS = 2


def backward(f, x, gradient):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(f(x), x, gradient)[0]


def normal(dtype, *shape):
    return torch.randn(*shape, device="cuda", dtype=getattr(torch, dtype))


def draw(op, dtype, batch, n):
    """The inputs in halfulp's order, and the output."""
    x, dw = normal(dtype, batch, n, n), normal(dtype, batch, n)
    if op == "eigvalsh_grad":
        return dw, (x + x.mT) / 2, torch.empty_like(x)
    if op == "eigvals_grad":
        return torch.complex(dw, normal(dtype, batch, n)), x, torch.empty_like(x)
    y = (x.tril() + n / 2 * torch.eye(n, device="cuda", dtype=x.dtype)).contiguous()
    return normal(dtype, batch, n, RIGHT_SIDES), normal(dtype, batch, n, RIGHT_SIDES), y, torch.empty_like(y)


PEERS = {
    "eigvalsh_grad": lambda dw, x: backward(torch.linalg.eigvalsh, x, dw),
    "eigvals_grad": lambda dw, x: backward(torch.linalg.eigvals, x, dw),
    "cholesky_solve_y_grad": lambda dout, b, y: backward(lambda f: torch.cholesky_solve(b, f), y, dout),
}


def measure(library, options):
    for op, peer in PEERS.items():
        for dtype in ("float32", "float64"):
            for batch, n in SIZES:
                what = f"{op} {dtype} {batch} of {n}x{n}"
                if (dtype == "float32" or n <= 128) and options.only in what:
                    compare(what, Kernel(library, "halfulp_" + op), peer, dtype, (batch, n, RIGHT_SIDES),
                            [draw(op, dtype, batch, n) for _ in range(SETS)], options.rounds)


if __name__ == "__main__":
    run(measure, rounds=10)
