"""Times an op of eigenvalues beside torch's, in turns; what <op>_beside_torch.py share."""
import argparse
import dataclasses
import json
import math
import os
import statistics
import subprocess
import sys
import time

@dataclasses.dataclass
class Plan:
    """What is timed of one op."""

    op: str
    single: dict  # n: calls a round, one matrix a call
    growth: dict
    batch_n: int
    batch: int = 4096


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


def torch_times(torch, plan, dtype, n, batch, calls):
    times = []
    for _ in range(calls):
        a = torch.rand(batch, n, n, dtype=getattr(torch, dtype)) - 0.5
        a = a[0] if batch == 1 else a
        start = time.perf_counter()
        getattr(torch.linalg, plan.op)(a)
        times.append((time.perf_counter() - start) * 1e6)
    return times


def in_turns(torch, plan, worker, dtype, n, batch, calls, rounds):
    """Medians of both in microseconds, and a line about what halfulp ran."""
    ours, theirs, decided = [], [], {}
    for turn in range(rounds + 1):
        peer = torch_times(torch, plan, dtype, n, batch, calls)
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


def single(torch, plan, worker, rounds):
    for dtype in ("float32", "float64"):
        for n, calls in plan.single.items():
            mine, other, about = in_turns(torch, plan, worker, dtype, n, 1, calls, rounds)
            print(f"{dtype} n={n:4d}: halfulp {mine:8.1f} torch {other:8.1f} ratio {mine / other:5.2f}; {about}", flush=True)


def exponent(times):
    x = [math.log(n) for n in times]
    y = [math.log(t) for t in times.values()]
    middle = statistics.mean(x)
    return sum((a - middle) * b for a, b in zip(x, y)) / sum((a - middle) ** 2 for a in x)


def growth(torch, plan, worker, rounds):
    for dtype in ("float32", "float64"):
        ours, theirs = {}, {}
        for n, calls in plan.growth.items():
            ours[n], theirs[n], about = in_turns(torch, plan, worker, dtype, n, 1, calls, rounds)
            print(f"{dtype} n={n:4d}: halfulp {ours[n]:8.1f} torch {theirs[n]:8.1f} ratio {ours[n] / theirs[n]:5.2f}; {about}",
                  flush=True)
        fits = [f"{name} n^{exponent({n: t for n, t in times.items() if n >= 64}):.2f} (all sizes n^{exponent(times):.2f})"
                for name, times in (("halfulp", ours), ("torch", theirs))]
        print(f"{dtype} growth from n = 64 to {max(ours)}: {'; '.join(fits)}", flush=True)


def batch(torch, plan, worker, rounds):
    mine, other, about = in_turns(torch, plan, worker, "float32", plan.batch_n, plan.batch, 1, rounds)
    print(f"float32, batch of {plan.batch}, n={plan.batch_n}, 2 threads: halfulp {mine:8.0f} torch {other:8.0f} ratio {mine / other:5.2f}, "
          f"{mine / plan.batch:.1f} a matrix; {about}", flush=True)


def main(plan, description):
    program = f"benchmarks/{plan.op}_beside_torch.py"
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default=f"build/default/bin/halfulp_benchmark_{plan.op}")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--kind", default="uniform")
    parser.add_argument("--only", choices=("single", "growth", "batch"))
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit(f"{program}: this Python has no torch; make peers installs it")
    if not os.access(options.worker, os.X_OK):
        print(f"{program}: --worker is {options.worker}, which is no program", file=sys.stderr)
        return 2
    print(f"torch {torch.__version__}; {options.rounds} rounds in turns; microseconds, medians")
    for part, threads in ((single, 1), (growth, 1), (batch, 2)):
        if options.only not in (None, part.__name__):
            continue
        torch.set_num_threads(threads)
        worker = Worker(options.worker, options.kind, threads)
        part(torch, plan, worker, options.rounds)
        if worker.close() != 0:
            return 1
    return 0

