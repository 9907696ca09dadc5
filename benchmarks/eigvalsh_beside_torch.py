#!/usr/bin/env python3
"""Times halfulp's eigvalsh against torch's on one thread, in turns, and prints medians and their ratio.

    benchmarks/eigvalsh_beside_torch.py [--worker build/default/bin/halfulp_benchmark_eigvalsh] [--rounds 15] [--kind uniform]

To be run by a Python that has torch (make peers: .venv/peers/bin/python). Both get float32 (and float64) matrices of
the same kind of distribution, one matrix a call, `matrices` of them a round; halfulp's are those of the gallery, torch's
have entries uniform in [-1/2, 1/2). Also printed: the share of eigenvalues that each tier decided, and the kernel that
OpenBLAS ran. Exit code 0, or 2 where the worker or torch is missing.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

SIZES = {32: 100, 128: 20, 512: 2}


def torch_times(torch, dtype, n, matrices):
    times = []
    for _ in range(matrices):
        a = torch.rand(n, n, dtype=dtype) - 0.5
        start = time.perf_counter()
        torch.linalg.eigvalsh(a)
        times.append((time.perf_counter() - start) * 1e6)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default="build/default/bin/halfulp_benchmark_eigvalsh")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kind", default="uniform")
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("benchmarks/eigvalsh_beside_torch.py: this Python has no torch; make peers installs it")
    torch.set_num_threads(1)
    if not os.access(options.worker, os.X_OK):
        print(f"benchmarks/eigvalsh_beside_torch.py: --worker is {options.worker}, which is no program", file=sys.stderr)
        return 2
    worker = subprocess.Popen([options.worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})

    def ask(dtype, n, matrices):
        worker.stdin.write(f"{dtype} {options.kind} {n} {matrices}\n")
        worker.stdin.flush()
        return json.loads(worker.stdout.readline())

    print(f"torch {torch.__version__}, 1 thread; {options.rounds} rounds in turns; microseconds, medians")
    for dtype in ("float32", "float64"):
        for n, matrices in SIZES.items():
            ours, theirs, decided = [], [], {}
            for round in range(options.rounds + 1):
                peer = torch_times(torch, getattr(torch, dtype), n, matrices)
                answer = ask(dtype, n, matrices)
                if round == 0:
                    continue  # caches and lazy initialisation
                theirs += peer
                ours += answer["us"]
                for tier, count in answer["decided"].items():
                    decided[tier] = decided.get(tier, 0) + count
            total = sum(decided.values())
            shares = ", ".join(f"{tier} {100 * count / total:.3f}%" for tier, count in decided.items())
            mine, other = statistics.median(ours), statistics.median(theirs)
            print(f"{dtype} n={n:4d}: halfulp {mine:8.1f} torch {other:8.1f} ratio {mine / other:5.2f}; mean ratio "
                  f"{statistics.mean(ours) / statistics.mean(theirs):5.2f}; {shares}; OpenBLAS {answer['openblas']}", flush=True)
    worker.stdin.close()
    return worker.wait()


if __name__ == "__main__":
    sys.exit(main())
