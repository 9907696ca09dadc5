#!/usr/bin/env python3
"""Times halfulp's conv2d beside PyTorch's: one thread, calls of both in turn, medians of CPU time, in one run.

    benchmarks/conv2d_beside_torch.py [--program build/default/bin/halfulp_benchmark_conv2d] [--rounds 21] [--quick]

Run with the Python of `make peers`. A row gives the median of torch in the same format (and in float32), that of halfulp,
their ratio, and the share of outputs that each tier of halfulp decided. torch rounds as it pleases; halfulp correctly.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch.nn.grad import conv2d_input, conv2d_weight  # noqa: E402

# op, content, N, C, H, W, O, K, stride, padding, groups
SHAPES = {
    "64x56x56 k3": (1, 64, 56, 56, 64, 3, 1, 1, 1),
    "8x256x14x14 k3": (8, 256, 14, 14, 256, 3, 1, 1, 1),
    "2048x7x7 k1": (1, 2048, 7, 7, 512, 1, 1, 0, 1),
    "3x224x224 k7 s2": (1, 3, 224, 224, 64, 7, 2, 3, 1),
    "128x28x28 k3 depthwise": (1, 128, 28, 28, 128, 3, 1, 1, 128),
}
CASES = [("conv2d", dtype, "uniform", name) for dtype in ("float32", "float64", "float16", "bfloat16") for name in SHAPES]
CASES += [("conv2d", "float32", content, "64x56x56 k3") for content in ("integers", "cancelling")]
CASES += [("conv2d", "float32", "cancelling", "2048x7x7 k1")]
CASES += [(op, "float32", "uniform", "64x56x56 k3")
          for op in ("conv2d_input_grad", "conv2d_weight_grad", "conv2d_bias_grad")]
TIERS = ("binary64", "double-double", "multiprecision", "exact")


def torch_call(op, dtype, shape):
    n, c, h, w, o, k, stride, padding, groups = shape
    kind = getattr(torch, dtype)
    x = (torch.rand(n, c, h, w, dtype=torch.float64) * 2 - 1).to(kind)
    weight = (torch.rand(o, c // groups, k, k, dtype=torch.float64) * 2 - 1).to(kind)
    settings = {"stride": stride, "padding": padding, "groups": groups}
    dy = torch.rand(n, o, (h + 2 * padding - k) // stride + 1, (w + 2 * padding - k) // stride + 1,
                    dtype=torch.float64).to(kind)
    return {
        "conv2d": lambda: F.conv2d(x, weight, **settings),
        "conv2d_input_grad": lambda: conv2d_input(x.shape, weight, dy, **settings),
        "conv2d_weight_grad": lambda: conv2d_weight(x, weight.shape, dy, **settings),
        "conv2d_bias_grad": lambda: dy.sum((0, 2, 3)),
    }[op]


def microseconds(call):
    before = time.process_time_ns()
    call()
    return (time.process_time_ns() - before) / 1e3


class Halfulp:
    def __init__(self, program):
        self.worker = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.instruction_set = self.worker.stdout.readline().strip()

    def ask(self, line):
        self.worker.stdin.write(line + "\n")
        answer = self.worker.stdout.readline()
        if not answer:
            sys.exit("the benchmark program ended; see its message above")
        return answer.split()


def measure(halfulp, rounds, op, dtype, content, shape):
    """Medians of torch, of torch in float32 and of halfulp, and the counts of the tiers."""
    halfulp.ask(" ".join(map(str, ("case", op, dtype, content, *shape))))
    peer = torch_call(op, dtype, shape)
    peer32 = peer if dtype == "float32" else torch_call(op, "float32", shape)
    times = {"torch": [], "float32": [], "halfulp": []}
    counts = []
    for k in range(rounds + 2):
        answer = halfulp.ask("run")
        row = {"torch": microseconds(peer), "float32": microseconds(peer32), "halfulp": float(answer[0])}
        counts = [int(c) for c in answer[1:]]
        if k >= 2:  # the first two warm the caches
            for name, value in row.items():
                times[name].append(value)
    return {name: statistics.median(t) for name, t in times.items()}, counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/default/bin/halfulp_benchmark_conv2d")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--quick", action="store_true", help="float32 conv2d only")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    halfulp = Halfulp(arguments.program)
    print(f"halfulp: {halfulp.instruction_set}; torch {torch.__version__}: {torch.backends.cpu.get_cpu_capability()}; "
          f"one thread, medians of {arguments.rounds}, microseconds of CPU time")
    print("| op | format | case | torch | torch float32 | halfulp | ratio | ratio to float32 | decided by |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for op, dtype, content, name in CASES:
        if arguments.quick and (dtype != "float32" or op != "conv2d"):
            continue
        median, counts = measure(halfulp, arguments.rounds, op, dtype, content, SHAPES[name])
        share = ", ".join(f"{tier} {100 * c / max(1, sum(counts)):.4g} %" for tier, c in zip(TIERS, counts) if c)
        print(f"| {op} | {dtype} | {name}, {content} | {median['torch']:.0f} | {median['float32']:.0f} "
              f"| {median['halfulp']:.0f} | {median['halfulp'] / median['torch']:.2f} "
              f"| {median['halfulp'] / median['float32']:.2f} | {share} |", flush=True)


if __name__ == "__main__":
    main()
