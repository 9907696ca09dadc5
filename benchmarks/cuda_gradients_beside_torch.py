#!/usr/bin/env python3
"""Times halfulp's gradients of eigenvalues and of Cholesky factors on a GPU beside PyTorch's: calls of both in turn on the same
matrices, medians of host time from an idle device to an idle device, in one run.

    benchmarks/cuda_gradients_beside_torch.py [--library build/cuda/lib/libhalfulp_cuda_calls.so] [--rounds 10] [--only TEXT]

halfulp is given the matrices and the gradient of the result, and finds everything else again; PyTorch's time is that of its
forward pass and its backward pass. Matrices, factors and gradients are standard normal, factors with n / 2 added to their diagonals.
In float64 matrices of more than 128 rows are left out: some of their components would be left to the CPU, for minutes. A line
gives the medians, the ratio, the shares of components that each tier decided, and how many were left to the CPU.
"""
import argparse
import ctypes
import os

import torch

from cuda_host_times import times_of

TYPES = {"float32": 2, "float64": 3}
SIZES = ((1, 32), (1, 128), (1, 512), (256, 32), (1000, 16))  # batch, n
RIGHT_SIDES = 4
SETS = 2


def backward(f, x, gradient):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(f(x), x, gradient)[0]


def draw(op, dtype, batch, n):
    """The inputs in halfulp's order, the output, and torch's call on them."""
    real = getattr(torch, dtype)
    normal = lambda *shape: torch.randn(*shape, device="cuda", dtype=real)
    x = normal(batch, n, n)
    if op == "eigvalsh_grad":
        x = (x + x.mT) / 2
        return (normal(batch, n), x), torch.empty_like(x), lambda dw, a: backward(torch.linalg.eigvalsh, a, dw)
    if op == "eigvals_grad":
        dw = torch.complex(normal(batch, n), normal(batch, n))
        return (dw, x), torch.empty_like(x), lambda w, a: backward(torch.linalg.eigvals, a, w)
    y = (x.tril() + n / 2 * torch.eye(n, device="cuda", dtype=real)).contiguous()
    dout, b = normal(batch, n, RIGHT_SIDES), normal(batch, n, RIGHT_SIDES)
    return (dout, b, y), torch.empty_like(y), lambda d, b, f: backward(lambda l: torch.cholesky_solve(b, l), f, d)


def compare(library, op, dtype, batch, n, rounds):
    call = getattr(library, "halfulp_" + op)
    counts, by_host = torch.zeros(4, dtype=torch.int64, device="cuda"), ctypes.c_int64(0)
    sizes = (ctypes.c_int64 * 3)(batch, n, RIGHT_SIDES)
    sets = [draw(op, dtype, batch, n) for _ in range(SETS)]

    def ours(k, counted=False):
        inputs, out, _ = sets[k % SETS]
        pointers = (ctypes.c_void_p * 3)(*[t.data_ptr() for t in inputs])
        code = call(TYPES[dtype], sizes, pointers, ctypes.c_void_p(out.data_ptr()),
                    ctypes.c_void_p(counts.data_ptr() if counted else None), ctypes.byref(by_host) if counted else None,
                    ctypes.c_void_p(torch.cuda.current_stream().cuda_stream))
        if code != 0:
            raise RuntimeError(op)

    for k in range(SETS):
        ours(k, counted=True)
    us, peer = times_of([ours, lambda k: sets[k % SETS][2](*sets[k % SETS][0])], rounds)
    shares = " ".join(f"{c:.2e}" for c in (counts / counts.sum()).tolist())
    print(f"{op} {dtype} {batch} of {n}x{n}: halfulp {us:.0f} us, torch {peer:.0f} us, ratio {us / peer:.3f}, tiers {shares}, "
          f"left to the CPU {by_host.value} of {int(counts.sum())}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", default="build/cuda/lib/libhalfulp_cuda_calls.so")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    library = ctypes.CDLL(os.path.abspath(options.library))
    for op in ("eigvalsh_grad", "eigvals_grad", "cholesky_solve_y_grad"):
        for dtype in TYPES:
            for batch, n in SIZES:
                if (dtype == "float32" or n <= 128) and options.only in f"{op} {dtype} {batch} of {n}x{n}":
                    compare(library, op, dtype, batch, n, options.rounds)


if __name__ == "__main__":
    main()
