#!/usr/bin/env python3
"""Times halfulp's cholesky_solve against torch's on one thread, in turns, and prints medians and their ratio.

    benchmarks/cholesky_solve_beside_torch.py [--worker build/default/bin/halfulp_benchmark_cholesky_solve] [--rounds 15]
        [--kind well_conditioned]

To be run by a Python that has torch (make peers: .venv/peers/bin/python). Both get systems with a factor of the same kind:
halfulp's are those of the gallery, torch's have a diagonal uniform in [1, 2) and below it numbers uniform in
[-1/2, 1/2) / sqrt(n), as the gallery's kind well_conditioned. Right sides are uniform in [-1/2, 1/2). Also printed: the share
of components that each tier decided, and the exponent of n that fits the times of n = 8 ... 512 with 8 right sides. Exit code
0, or 2 where the worker or torch is missing.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

SIZES = [(1, n, 8) for n in (8, 16, 32, 64, 128, 256, 512)] + [(1, 256, 256), (512, 32, 4)]  # batch, n, right sides


def calls_of(batch, n, k):
    return max(2, min(50, 20_000_000 // (batch * n * n * (k + 8))))


def torch_times(torch, dtype, batch, n, k, calls):
    times = []
    for _ in range(calls):
        y = torch.tril((torch.rand(batch, n, n, dtype=dtype) - 0.5) / math.sqrt(n), -1)
        y += torch.diag_embed(torch.rand(batch, n, dtype=dtype) + 1)
        x = torch.rand(batch, n, k, dtype=dtype) - 0.5
        start = time.perf_counter()
        torch.cholesky_solve(x, y)
        times.append((time.perf_counter() - start) * 1e6)
    return times


def exponent(points):
    """The slope of log t against log n, by least squares."""
    logs = [(math.log(n), math.log(t)) for n, t in points]
    mean_n, mean_t = (statistics.mean(v) for v in zip(*logs))
    return sum((n - mean_n) * (t - mean_t) for n, t in logs) / sum((n - mean_n) ** 2 for n, _ in logs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default="build/default/bin/halfulp_benchmark_cholesky_solve")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kind", default="well_conditioned")
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("benchmarks/cholesky_solve_beside_torch.py: this Python has no torch; make peers installs it")
    torch.set_num_threads(1)
    if not os.access(options.worker, os.X_OK):
        print(f"benchmarks/cholesky_solve_beside_torch.py: --worker is {options.worker}, which is no program", file=sys.stderr)
        return 2
    worker = subprocess.Popen([options.worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

    def ask(dtype, batch, n, k, calls):
        worker.stdin.write(f"{dtype} {options.kind} {batch} {n} {k} {calls}\n")
        worker.stdin.flush()
        return json.loads(worker.stdout.readline())

    print(f"torch {torch.__version__}, 1 thread; {options.rounds} rounds in turns; microseconds, medians; {options.kind}")
    for dtype in ("float32", "float64"):
        growth = []
        for batch, n, k in SIZES:
            calls = calls_of(batch, n, k)
            ours, theirs, decided = [], [], {}
            for turn in range(options.rounds + 1):
                peer = torch_times(torch, getattr(torch, dtype), batch, n, k, calls)
                answer = ask(dtype, batch, n, k, calls)
                if turn == 0:
                    continue  # caches and lazy initialisation
                theirs += peer
                ours += answer["us"]
                for tier, count in answer["decided"].items():
                    decided[tier] = decided.get(tier, 0) + count
            total = sum(decided.values())
            shares = ", ".join(f"{tier} {100 * count / total:.3f}%" for tier, count in decided.items())
            mine, other = statistics.median(ours), statistics.median(theirs)
            if batch == 1 and k == 8:
                growth.append((n, mine))
            print(f"{dtype} {batch} x n={n:3d} k={k:3d}: halfulp {mine:8.1f} torch {other:8.1f} ratio {mine / other:5.2f}; "
                  f"{shares}; {answer['instructions']}", flush=True)
        print(f"{dtype} k=8: time grows as n^{exponent(growth):.2f} from n=8 to 512, as n^{exponent(growth[3:]):.2f} from 64")
    worker.stdin.close()
    return worker.wait()


if __name__ == "__main__":
    sys.exit(main())
