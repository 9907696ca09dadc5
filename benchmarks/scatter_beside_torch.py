#!/usr/bin/env python3
"""Times index_add and put_along_axis beside torch, call by call in turn, one thread each.

    benchmarks/scatter_beside_torch.py [--program PATH] [--rounds N]

Prints a Markdown table: medians in microseconds of CPU time, the ratio, and the tiers that decided.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

import torch

SIZES = ((10**6, 10**3), (10**6, 10**6))
CASES = [(op, reduce, dtype, *size)
         for dtype in ("float32", "float64", "float16")
         for op, reduce in (("index_add", "add"), ("put_along_axis", "add"))
         for size in SIZES]
CASES += [("put_along_axis", reduce, "float32", *SIZES[1]) for reduce in ("assign", "mean", "mul", "amin")]
NAMES = {"add": "sum", "mul": "prod"}
TIERS = ("binary64", "double-double", "multiprecision", "exact")


def torch_call(op, reduce, dtype, updates, bins):
    kind = getattr(torch, dtype)
    x, values = ((torch.rand(n, dtype=torch.float64) * 2 - 1).to(kind) for n in (bins, updates))
    index = torch.randint(bins, (updates,))
    if op == "index_add":
        return lambda: torch.index_add(x, 0, index, values)
    if reduce == "assign":
        return lambda: torch.scatter(x, 0, index, values)
    if reduce == "add":
        return lambda: torch.scatter_add(x, 0, index, values)
    return lambda: torch.scatter_reduce(x, 0, index, values, NAMES.get(reduce, reduce))


def microseconds(call):
    before = time.process_time_ns()
    call()
    return (time.process_time_ns() - before) / 1e3


class Halfulp:
    def __init__(self, program):
        self.worker = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                                       env=os.environ | {"OMP_NUM_THREADS": "1"})

    def ask(self, line):
        self.worker.stdin.write(line + "\n")
        answer = self.worker.stdout.readline()
        if not answer:
            sys.exit("the benchmark program ended; see its message above")
        return answer.split()


def measure(halfulp, rounds, case):
    halfulp.ask(" ".join(map(str, ("case", *case))))
    peer = torch_call(*case)
    theirs, ours, counts = [], [], []
    for k in range(rounds + 2):
        theirs.append(microseconds(peer))
        answer = halfulp.ask("run")
        ours.append(float(answer[0]))
        counts = [int(c) for c in answer[1:]]
    return statistics.median(theirs[2:]), statistics.median(ours[2:]), counts  # the first two warm the caches


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/default/bin/halfulp_benchmark_scatter")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    halfulp = Halfulp(arguments.program)
    print(f"torch {torch.__version__}: {torch.backends.cpu.get_cpu_capability()}; one thread, medians of "
          f"{arguments.rounds}, microseconds of CPU time")
    print("| op | reduce | format | updates | bins | torch | halfulp | ratio | decided by |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        theirs, ours, counts = measure(halfulp, arguments.rounds, case)
        share = ", ".join(f"{tier} {100 * c / max(1, sum(counts)):.4g} %" for tier, c in zip(TIERS, counts) if c)
        print("| " + " | ".join(map(str, case)) + f" | {theirs:.0f} | {ours:.0f} | {ours / theirs:.2f} | {share} |",
              flush=True)


if __name__ == "__main__":
    main()
