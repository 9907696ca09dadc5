#!/usr/bin/env python3
"""Times halfulp's cholesky_solve and eigvals on a GPU beside PyTorch's: calls of both in turn on the same matrices, medians of
host time from an idle device to an idle device, in one run.

    benchmarks/cuda_linalg_beside_torch.py [--library build/cuda/lib/libhalfulp_cuda_calls.so] [--rounds 20] [--only TEXT]

Systems are those of A A^T / n + I / 4, A and right sides standard normal; eigvals takes standard normal matrices. Inputs rotate
among several. Everything is included, what is left to the CPU too. A line gives the medians, the ratio of halfulp's to torch's,
the shares of components that each tier decided, and how many were left to the CPU.
"""
import argparse
import ctypes
import os

import torch

from cuda_host_times import times_of

TYPES = ("float16", "bfloat16", "float32", "float64")
SYSTEMS = ((1, 32, 1), (1, 128, 4), (1, 512, 4), (1, 1024, 4), (4096, 16, 1), (4096, 16, 4), (256, 64, 4))  # batch, n, k
MATRICES = ((1, 32), (1, 128), (1, 512), (1, 1024), (256, 32), (1000, 64))  # batch, n
SETS = 3


class Kernel:
    """A C function whose tensors are given, and what it counts."""

    def __init__(self, library, name):
        self.name, self.call = name, getattr(library, name)
        self.counts, self.by_host = torch.zeros(4, dtype=torch.int64, device="cuda"), ctypes.c_int64(0)

    def __call__(self, dtype, sizes, tensors, counted=False):
        numbers = (ctypes.c_int64 * len(sizes))(*sizes)
        code = self.call(TYPES.index(dtype), numbers, *[ctypes.c_void_p(t.data_ptr()) for t in tensors],
                         ctypes.c_void_p(self.counts.data_ptr() if counted else None),
                         ctypes.byref(self.by_host) if counted else None,
                         ctypes.c_void_p(torch.cuda.current_stream().cuda_stream))
        if code != 0:
            raise RuntimeError(self.name)


def compare(what, kernel, peer, dtype, sizes, sets, rounds):
    """sets: inputs and the output of halfulp's, in its order; the peer is called with the inputs."""
    for tensors in sets:
        kernel(dtype, sizes, tensors, counted=True)
    us, torch_us = times_of([lambda k: kernel(dtype, sizes, sets[k % len(sets)]), lambda k: peer(*sets[k % len(sets)][:-1])],
                            rounds)
    shares = " ".join(f"{c:.2e}" for c in (kernel.counts / kernel.counts.sum()).tolist())
    print(f"{what}: halfulp {us:.0f} us, torch {torch_us:.0f} us, ratio {us / torch_us:.3f}, tiers {shares}, "
          f"left to the CPU {kernel.by_host.value} of {int(kernel.counts.sum())}", flush=True)


def solve(library, dtype, batch, n, k, rounds):
    def draw():
        a = torch.randn(batch, n, n, device="cuda", dtype=torch.float64)
        spd = a @ a.mT / n + torch.eye(n, device="cuda", dtype=torch.float64) / 4
        x = torch.randn(batch, n, k, device="cuda").to(getattr(torch, dtype))
        return x, torch.linalg.cholesky(spd).to(x.dtype).contiguous(), torch.empty_like(x)
    compare(f"cholesky_solve {dtype} {batch} of {n}x{n}, {k} right sides", Kernel(library, "halfulp_cholesky_solve"),
            torch.cholesky_solve, dtype, (batch, n, k), [draw() for _ in range(SETS)], rounds)


def eigvals(library, dtype, batch, n, rounds):
    def draw():
        x = torch.randn(batch, n, n, device="cuda").to(getattr(torch, dtype))
        return x, torch.empty(batch, n, dtype=torch.complex(x[:1, :1, 0], x[:1, :1, 0]).dtype, device="cuda")
    compare(f"eigvals {dtype} {batch} of {n}x{n}", Kernel(library, "halfulp_eigvals"), torch.linalg.eigvals, dtype,
            (batch, n), [draw() for _ in range(SETS)], rounds)


def measure(library, options):
    for dtype in ("float32", "float64"):
        for batch, n, k in SYSTEMS:
            if options.only in f"cholesky_solve {dtype} {batch} of {n}x{n}":
                solve(library, dtype, batch, n, k, options.rounds)
    for dtype in ("float32", "float64"):
        for batch, n in MATRICES:
            if options.only in f"eigvals {dtype} {batch} of {n}x{n}":
                eigvals(library, dtype, batch, n, 3 if batch > 1 or n > 128 else options.rounds)


def run(measure, rounds):
    """measure(library, options), as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", default="build/cuda/lib/libhalfulp_cuda_calls.so")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    measure(ctypes.CDLL(os.path.abspath(options.library)), options)


if __name__ == "__main__":
    run(measure, rounds=20)
