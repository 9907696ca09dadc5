#!/usr/bin/env python3
"""Times halfulp's eigenvalues on a GPU beside PyTorch's and CuPy's: calls of all in turn on the same matrices, medians of
host time from an idle device to an idle device, in one run.

    benchmarks/cuda_eigenvalues_beside_torch.py [--library build/cuda/lib/libhalfulp_cuda_calls.so] [--rounds 20]
                                                [--only TEXT] [--no-batch]

Entries are uniform in [-1/2, 1/2). Inputs rotate among several. Everything is included, what is left to the CPU too. A line
gives the medians, the ratios of halfulp's, the shares of eigenvalues that each tier decided, and how many were left to the
CPU.
"""
import argparse
import ctypes
import os

import torch

from cuda_host_times import times_of

TYPES = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
SINGLE = (32, 128, 256, 512, 1024, 2048)
BATCHES = ((4096, 32), (500, 100), (1000, 64), (256, 128), (64, 256))
SETS = 3


class Eigvalsh:
    def __init__(self, path):
        self.call = ctypes.CDLL(os.path.abspath(path)).halfulp_eigvalsh

    def __call__(self, x, w, counts=None, by_host=None):
        pointer = ctypes.c_void_p
        code = self.call(TYPES.index(str(x.dtype)[6:]), ctypes.c_int64(x.shape[0]), ctypes.c_int64(x.shape[1]),
                         pointer(x.data_ptr()), pointer(w.data_ptr()), pointer(counts.data_ptr() if counts is not None else None),
                         ctypes.byref(by_host) if by_host is not None else None,
                         pointer(torch.cuda.current_stream().cuda_stream))
        if code != 0:
            raise RuntimeError("eigvalsh")


def compare(ours, dtype, batch, n, rounds, peers):
    x = [(torch.rand(batch, n, n, dtype=torch.float64, device="cuda") - 0.5).to(getattr(torch, dtype)) for _ in range(SETS)]
    w = torch.empty(batch, n, dtype=x[0].real.dtype, device="cuda")
    counts, by_host = torch.zeros(4, dtype=torch.int64, device="cuda"), ctypes.c_int64(0)
    for a in x:
        ours(a, w, counts, by_host)
    calls = [lambda k: ours(x[k % SETS], w)] + [lambda k, f=f: f(x[k % SETS]) for f in peers.values()]
    us = times_of(calls, rounds)
    beside = ", ".join(f"{name} {t:.0f} us ratio {us[0] / t:.3f}" for name, t in zip(peers, us[1:]))
    shares = " ".join(f"{k:.2e}" for k in (counts / counts.sum()).tolist())
    print(f"eigvalsh {dtype} {batch} of {n}x{n}: halfulp {us[0]:.0f} us, {beside}, tiers {shares}, "
          f"left to the CPU {by_host.value} of {SETS * batch * n}", flush=True)


def peers_of(dtype, batch, n):
    """torch, and for batches CuPy, whose batched solver is the faster one; none has 16-bit formats."""
    peers = {}
    if dtype in ("float32", "float64", "complex64", "complex128"):
        if batch == 1 or n <= 32:  # torch takes its batches one by one beyond that: .3 to .8 s each
            peers["torch"] = torch.linalg.eigvalsh
        if batch > 1:
            import cupy
            peers["cupy"] = lambda a: cupy.linalg.eigvalsh(cupy.from_dlpack(a))
    return peers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", default="build/cuda/lib/libhalfulp_cuda_calls.so")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="")
    parser.add_argument("--no-batch", action="store_true")
    options = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    ours = Eigvalsh(options.library)
    for dtype in ("float32", "float64", "float16", "complex64"):
        for batch, n in [(1, n) for n in SINGLE] + ([] if options.no_batch else list(BATCHES)):
            if options.only in f"{dtype} {batch} of {n}x{n}":
                slow = dtype != "float32" and batch > 1
                compare(ours, dtype, batch, n, 3 if slow or n > 1024 else options.rounds, peers_of(dtype, batch, n))


if __name__ == "__main__":
    main()
