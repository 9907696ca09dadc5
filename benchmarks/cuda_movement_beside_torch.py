#!/usr/bin/env python3
"""Times halfulp's CUDA kernels of ops that move elements, of scatters and of unique beside PyTorch's on one GPU: calls in
turn on the same tensors and stream, medians by device events, in one run.

    benchmarks/cuda_movement_beside_torch.py [--library build/cuda/lib/libhalfulp_cuda_calls.so] [--rounds 20] [--only TEXT]

A line gives the medians, the ratio of halfulp's to torch's, and the share of the bandwidth of a copy (measured in the same
run) that halfulp reaches, counting every byte that has to be read or written once. Scatters stand beside torch's as it is
and with torch.use_deterministic_algorithms.
"""
import argparse
import ctypes
import os

import torch

from cuda_beside_torch import times_of

SIDE = 8192
UPDATES = 10**7
REDUCTIONS = ("assign", "add", "mean", "mul", "amin", "amax")


class Kernels:
    """The C functions: integers as they are, tensors by their addresses, and the stream."""

    def __init__(self, path):
        self.library = ctypes.CDLL(os.path.abspath(path))

    def __call__(self, name, *arguments):
        given = [ctypes.c_void_p(a.data_ptr()) if isinstance(a, torch.Tensor) else ctypes.c_int64(a) for a in arguments]
        if getattr(self.library, name)(*given, ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)) != 0:
            raise RuntimeError(name)


def bytes_per_us(rounds):
    a, b = (torch.randn(SIDE, SIDE, device="cuda") for _ in range(2))
    return 2 * a.numel() * 4 / times_of([lambda _: b.copy_(a)], rounds)[0]


class Table:
    def __init__(self, rounds, only):
        self.rounds, self.only, self.copy = rounds, only, bytes_per_us(rounds)
        print(f"copy: {self.copy / 1e6:.2f} TB/s", flush=True)

    def row(self, name, ours, theirs, moved, deterministic=False):
        if self.only not in name:
            return
        calls = [ours, theirs]
        if deterministic:
            def alike(k):
                torch.use_deterministic_algorithms(True)
                theirs(k)
                torch.use_deterministic_algorithms(False)
            calls.append(alike)
        us = times_of(calls, self.rounds)
        also = f", deterministic {us[2]:.1f} us, ratio {us[0] / us[2]:.2f}" if deterministic else ""
        print(f"{name}: halfulp {us[0]:.1f} us, torch {us[1]:.1f} us, ratio {us[0] / us[1]:.2f}{also}, share of copy "
              f"bandwidth {moved / us[0] / self.copy:.2f}", flush=True)


def movement(kernels, table):
    made = [tuple(torch.randn(SIDE, SIDE, device="cuda") for _ in range(3)) for _ in range(2)]
    index = torch.randint(0, SIDE, (SIDE, SIDE), device="cuda")
    size = SIDE * SIDE * 4

    def x(k):
        return made[k % 2][0]

    def y(k):
        return made[k % 2][1]

    def z(k):
        return made[k % 2][2]
    table.row("copysign", lambda k: kernels("halfulp_copysign", SIDE, SIDE, SIDE, x(k), y(k), z(k)),
              lambda k: torch.copysign(x(k), y(k), out=z(k)), 3 * size)
    table.row("copysign, x broadcast", lambda k: kernels("halfulp_copysign", 1, SIDE, SIDE, x(k), y(k), z(k)),
              lambda k: torch.copysign(x(k)[:1], y(k), out=z(k)), 2 * size)
    table.row("expand", lambda k: kernels("halfulp_expand", SIDE, SIDE, x(k), z(k)),
              lambda k: z(k).copy_(x(k)[:1].expand(SIDE, SIDE)), size)
    for name, strides, moved in (("one row ahead", (SIDE - 64, 1), 2 * size), ("unaligned rows", (SIDE - 63, 1), 2 * size),
                                 ("transposed", (1, SIDE), 2 * size), ("windows", (1, 1), size)):
        table.row(f"as_strided, {name}",
                  lambda k, s=strides: kernels("halfulp_as_strided", SIDE * SIDE, SIDE, SIDE, *s, x(k), z(k)),
                  lambda k, s=strides: z(k).copy_(torch.as_strided(x(k), (SIDE, SIDE), s)), moved)
    table.row("index_sample", lambda k: kernels("halfulp_index_sample", SIDE, SIDE, SIDE, x(k), index, z(k)),
              lambda k: torch.gather(x(k), 1, index, out=z(k)), 4 * size)
    sums = torch.empty(SIDE, device="cuda")
    for name, shape, axis in (("a row", (1, SIDE), 0), ("a column", (SIDE, 1), 1), ("a number", (1, 1), None)):
        def summed(k, axis=axis):
            return torch.sum(x(k)) if axis is None else torch.sum(x(k), axis, out=sums)
        table.row(f"expand_grad to {name}",
                  lambda k, s=shape: kernels("halfulp_expand_grad", *s, SIDE, SIDE, x(k), sums), summed, size)
    table.row("index_sample_grad", lambda k: kernels("halfulp_index_sample_grad", SIDE, SIDE, SIDE, x(k), index, z(k)),
              lambda k: z(k).zero_().scatter_add_(1, index, x(k)), 4 * size)
    table.row("copysign_x_grad", lambda k: kernels("halfulp_copysign_x_grad", SIDE * SIDE, x(k), y(k), x(k + 1), z(k)),
              lambda k: torch.where(torch.sign(x(k)) == torch.sign(y(k)), x(k + 1), -x(k + 1)), 4 * size)


def scatters(kernels, table):
    value = torch.randn(UPDATES, device="cuda")
    for bins in (10**3, 10**6):
        index = torch.randint(0, bins, (UPDATES,), device="cuda")
        x, out = torch.randn(bins, device="cuda"), torch.empty(bins, device="cuda")
        moved = UPDATES * 12 + bins * 8
        table.row(f"index_add, {bins} bins", lambda k: kernels("halfulp_index_add", bins, UPDATES, x, index, value, out),
                  lambda k: torch.index_add(x, 0, index, value), moved, True)
        for accumulate in (1, 0):
            table.row(f"index_put, accumulate={bool(accumulate)}, {bins} bins",
                      lambda k: kernels("halfulp_index_put", accumulate, bins, UPDATES, x, index, value, out),
                      lambda k: torch.index_put(x, (index,), value, bool(accumulate)), moved, True)
        for how, theirs in (("assign", None), ("add", "sum"), ("mean", "mean"), ("mul", "prod"), ("amin", "amin"), ("amax", "amax")):
            def reduced(k):
                if theirs is None:
                    return torch.scatter(x, 0, index, value)
                return torch.scatter_reduce(x, 0, index, value, theirs)
            code = REDUCTIONS.index(how)
            table.row(f"put_along_axis {how}, {bins} bins",
                      lambda k: kernels("halfulp_put_along_axis", code, bins, UPDATES, x, index, value, out), reduced, moved)


def distinct(kernels, table):
    for values in (10**3, 10**6):
        x = torch.randint(0, values, (UPDATES,), device="cuda").float()
        out = torch.empty_like(x)
        inverse, counts = (torch.empty(UPDATES, dtype=torch.int64, device="cuda") for _ in range(2))
        found = torch.empty(1, dtype=torch.int64, device="cuda")
        table.row(f"unique, {values} values", lambda k: kernels("halfulp_unique", UPDATES, x, out, inverse, counts, found),
                  lambda k: torch.unique(x, return_inverse=True, return_counts=True), UPDATES * 12)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", default="build/cuda/lib/libhalfulp_cuda_calls.so")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    kernels, table = Kernels(options.library), Table(options.rounds, options.only)
    for part in (movement, scatters, distinct):
        part(kernels, table)


if __name__ == "__main__":
    main()
