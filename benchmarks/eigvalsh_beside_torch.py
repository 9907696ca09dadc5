#!/usr/bin/env python3
"""Times halfulp's eigvalsh beside torch's, in turns, and prints medians and their ratio.

    benchmarks/eigvalsh_beside_torch.py [--worker build/default/bin/halfulp_benchmark_eigvalsh] [--rounds 9]
                                        [--kind uniform] [--only single|growth|batch]

To be run by a Python that has torch (make peers: .venv/peers/bin/python). Three parts:

    single  one matrix a call on one thread, float32 and float64
    growth  the same for n = 8 ... 512, and the exponent p of time ~ n^p by least squares, from n = 64 on and of all
    batch   4096 matrices of 32 x 32, float32, on two threads, and what a matrix costs

Both get matrices of the same kind of distribution; halfulp's are those of the gallery, torch's have entries uniform in
[-1/2, 1/2). Also printed: the share of eigenvalues that each tier decided, the instruction set that halfulp ran and the
kernel that OpenBLAS ran. Exit code 0, or 2 where the worker or torch is missing.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

SINGLE = {32: 100, 128: 20, 512: 3}  # n: calls a round
GROWTH = {8: 100, 16: 100, 32: 50, 64: 20, 128: 10, 256: 3, 512: 1}
BATCH = 4096


class Worker:
    """halfulp's kernel on that many threads, in a process of its own."""

    def __init__(self, path, kind, threads):
        self.kind = kind
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def times(self, dtype, n, batch, calls):
        self.process.stdin.write(f"{dtype} {self.kind} {n} {batch} {calls}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def torch_times(torch, dtype, n, batch, calls):
    times = []
    for _ in range(calls):
        a = torch.rand(batch, n, n, dtype=getattr(torch, dtype)) - 0.5
        a = a[0] if batch == 1 else a
        start = time.perf_counter()
        torch.linalg.eigvalsh(a)
        times.append((time.perf_counter() - start) * 1e6)
    return times


def in_turns(torch, worker, dtype, n, batch, calls, rounds):
    """Medians of both in microseconds, and a line about what halfulp ran."""
    ours, theirs, decided = [], [], {}
    for turn in range(rounds + 1):
        peer = torch_times(torch, dtype, n, batch, calls)
        answer = worker.times(dtype, n, batch, calls)
        if turn == 0:
            continue  # caches and lazy initialisation
        theirs += peer
        ours += answer["us"]
        for tier, count in answer["decided"].items():
            decided[tier] = decided.get(tier, 0) + count
    total = sum(decided.values())
    shares = ", ".join(f"{tier} {100 * count / total:.4f}%" for tier, count in decided.items() if count)
    mean = statistics.mean(ours) / statistics.mean(theirs)
    return statistics.median(ours), statistics.median(theirs), f"mean ratio {mean:5.2f}; {shares}; {answer['ran']}"


def single(torch, worker, rounds):
    for dtype in ("float32", "float64"):
        for n, calls in SINGLE.items():
            mine, other, about = in_turns(torch, worker, dtype, n, 1, calls, rounds)
            print(f"{dtype} n={n:4d}: halfulp {mine:8.1f} torch {other:8.1f} ratio {mine / other:5.2f}; {about}", flush=True)


def exponent(times):
    x = [math.log(n) for n in times]
    y = [math.log(t) for t in times.values()]
    middle = statistics.mean(x)
    return sum((a - middle) * b for a, b in zip(x, y)) / sum((a - middle) ** 2 for a in x)


def growth(torch, worker, rounds):
    for dtype in ("float32", "float64"):
        ours, theirs = {}, {}
        for n, calls in GROWTH.items():
            ours[n], theirs[n], about = in_turns(torch, worker, dtype, n, 1, calls, rounds)
            print(f"{dtype} n={n:4d}: halfulp {ours[n]:8.1f} torch {theirs[n]:8.1f} ratio {ours[n] / theirs[n]:5.2f}; {about}",
                  flush=True)
        fits = [f"{name} n^{exponent({n: t for n, t in times.items() if n >= 64}):.2f} (all sizes n^{exponent(times):.2f})"
                for name, times in (("halfulp", ours), ("torch", theirs))]
        print(f"{dtype} growth from n = 64 to {max(ours)}: {'; '.join(fits)}", flush=True)


def batch(torch, worker, rounds):
    mine, other, about = in_turns(torch, worker, "float32", 32, BATCH, 1, rounds)
    print(f"float32, batch of {BATCH}, n=32, 2 threads: halfulp {mine:8.0f} torch {other:8.0f} ratio {mine / other:5.2f}, "
          f"{mine / BATCH:.1f} a matrix; {about}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default="build/default/bin/halfulp_benchmark_eigvalsh")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--kind", default="uniform")
    parser.add_argument("--only", choices=("single", "growth", "batch"))
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("benchmarks/eigvalsh_beside_torch.py: this Python has no torch; make peers installs it")
    if not os.access(options.worker, os.X_OK):
        print(f"benchmarks/eigvalsh_beside_torch.py: --worker is {options.worker}, which is no program", file=sys.stderr)
        return 2
    print(f"torch {torch.__version__}; {options.rounds} rounds in turns; microseconds, medians")
    for part, threads in ((single, 1), (growth, 1), (batch, 2)):
        if options.only not in (None, part.__name__):
            continue
        torch.set_num_threads(threads)
        worker = Worker(options.worker, options.kind, threads)
        part(torch, worker, options.rounds)
        if worker.close() != 0:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
