#!/usr/bin/env python3
"""Times halfulp's conv2d beside PyTorch's: calls of both in turn on the same processors, in one run.

    benchmarks/conv2d_beside_torch.py [--program build/default/bin/halfulp_benchmark_conv2d] [--threads 1] [--rounds 21]
                                      [--only conv2d,float32] [--table speed]

Run with the Python of `make peers`. Four tables. The first sets figures beside torch's: the median of torch in the same
format (and in float32, and in float64), that of halfulp, ratios, and the share of outputs that each tier of halfulp
decided. A ratio is the median of those of the rounds, each of two calls that follow one another, with their quartiles: a
processor that is shared may be slower by half for seconds, which medians of times taken apart would mix. torch rounds as it pleases; halfulp correctly. The second sets inputs that are hard to round beside random ones
of the same layer. The third shows how time grows with the length of sums, the channels and the image; the fourth sets the
float64 kernel beside the least that sliced products would cost.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

threads = sys.argv[sys.argv.index("--threads") + 1] if "--threads" in sys.argv else "1"
# Both programs on the same processors: another one may be shared with who knows whom.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-int(threads):])
os.environ["OMP_NUM_THREADS"] = threads
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # threads of one that wait in a loop take the processors from the other
os.environ["KMP_BLOCKTIME"] = "0"

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch.nn.grad import conv2d_input, conv2d_weight  # noqa: E402

# N, C, H, W, O, K, stride, padding, groups
SHAPES = {
    "64x56x56 k3": (1, 64, 56, 56, 64, 3, 1, 1, 1),
    "8x256x14x14 k3": (8, 256, 14, 14, 256, 3, 1, 1, 1),
    "2048x7x7 k1": (1, 2048, 7, 7, 512, 1, 1, 0, 1),
    "3x224x224 k7 s2": (1, 3, 224, 224, 64, 7, 2, 3, 1),
    "256x28x28 k3 depthwise": (1, 256, 28, 28, 256, 3, 1, 1, 256),
}
GRADIENTS = ("conv2d_input_grad", "conv2d_weight_grad", "conv2d_bias_grad")
SPEED = [("conv2d", dtype, name) for dtype in ("float32", "float64", "float16", "bfloat16") for name in SHAPES]
SPEED += [(op, "float32", name) for op in GRADIENTS for name in SHAPES]
# Layers on which contents are compared with random ones, of the same op and format.
LAYERS = {
    "64x56x56 k3": SHAPES["64x56x56 k3"],
    "256x28x28 k3 depthwise": SHAPES["256x28x28 k3 depthwise"],
    "1x512x512 k3, 3 filters": (1, 1, 512, 512, 3, 3, 1, 1, 1),
}
CONTENTS = [("conv2d", content, name) for name in LAYERS
            for content in ("uniform", "relu", "integers", "constant", "flat", "cancelling")]
LONG_SUMS = (32, 2, 58, 58, 64, 3, 1, 1, 1)  # weight gradients of 107,648 terms
GROWTH = {
    "channels 16": (1, 16, 28, 28, 64, 3, 1, 1, 1), "channels 64": (1, 64, 28, 28, 64, 3, 1, 1, 1),
    "channels 256": (1, 256, 28, 28, 64, 3, 1, 1, 1), "channels 1024": (1, 1024, 28, 28, 64, 3, 1, 1, 1),
    "filters 16": (1, 64, 28, 28, 16, 3, 1, 1, 1), "filters 256": (1, 64, 28, 28, 256, 3, 1, 1, 1),
    "image 7": (1, 64, 7, 7, 64, 3, 1, 1, 1), "image 14": (1, 64, 14, 14, 64, 3, 1, 1, 1),
    "image 56": (1, 64, 56, 56, 64, 3, 1, 1, 1), "image 112": (1, 64, 112, 112, 64, 3, 1, 1, 1),
}
# Three slices of a factor of 53 bits; products of two slices past these six lie below 2^-106.
SLICED_PRODUCTS = 6
TIERS = ("binary64", "double-double", "multiprecision", "exact")


def torch_call(op, dtype, shape):
    n, c, h, w, o, k, stride, padding, groups = shape
    kind = getattr(torch, dtype)
    x = (torch.rand(n, c, h, w, dtype=torch.float64) * 2 - 1).to(kind)
    weight = (torch.rand(o, c // groups, k, k, dtype=torch.float64) * 2 - 1).to(kind)
    settings = {"stride": stride, "padding": padding, "groups": groups}
    dy = (torch.rand(n, o, (h + 2 * padding - k) // stride + 1, (w + 2 * padding - k) // stride + 1,
                     dtype=torch.float64) * 2 - 1).to(kind)
    return {
        "conv2d": lambda: F.conv2d(x, weight, **settings),
        "conv2d_input_grad": lambda: conv2d_input(x.shape, weight, dy, **settings),
        "conv2d_weight_grad": lambda: conv2d_weight(x, weight.shape, dy, **settings),
        "conv2d_bias_grad": lambda: dy.sum((0, 2, 3)),
    }[op]


def microseconds(call):
    before = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - before) / 1e3


def torch_times(op, dtype, shape):
    call = torch_call(op, dtype, shape)
    return lambda: microseconds(call)


class Halfulp:
    def __init__(self, program):
        self.program = program
        self.worker = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.instruction_set = self.worker.stdout.readline().strip()

    def ask(self, line):
        self.worker.stdin.write(line + "\n")
        answer = self.worker.stdout.readline()
        if not answer:
            sys.exit("the benchmark program ended; see its message above")
        return answer.split()

    def microseconds(self):
        return float(self.ask("run")[0])


def measure(halfulp, rounds, op, dtype, content, shape, peers):
    """Times of halfulp and of `peers`, functions that give one, round by round, and the counts of the tiers."""
    halfulp.ask(" ".join(map(str, ("case", op, dtype, content, *shape))))
    times = {name: [] for name in ("halfulp", *peers)}
    counts = []
    for k in range(rounds + 2):
        answer = halfulp.ask("run")
        row = {"halfulp": float(answer[0])} | {peer: call() for peer, call in peers.items()}
        counts = [int(c) for c in answer[1:]]
        if k >= 2:  # the first two warm the caches
            for name, value in row.items():
                times[name].append(value)
    return times, counts


def ratio(times, peer):
    return statistics.median(h / t for h, t in zip(times["halfulp"], times[peer]))


def ratio_and_quartiles(times, peer):
    if peer not in times:
        return "-"
    low, middle, high = statistics.quantiles((h / t for h, t in zip(times["halfulp"], times[peer])), n=4)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def median(times, name):
    return f"{statistics.median(times[name]):.0f}" if name in times else "-"


def shares(counts):
    return ", ".join(f"{tier} {100 * c / max(1, sum(counts)):.4g} %" for tier, c in zip(TIERS, counts) if c)


def speed(halfulp, rounds, wanted):
    print("| op | format | layer | halfulp | torch | torch float32 | torch float64 | ratio | to float32 | to float64 "
          "| decided by |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for op, dtype, name in SPEED:
        if not wanted <= {op, dtype}:
            continue
        # torch's float16 takes seconds on some of these, and is no figure to meet.
        peers = dict.fromkeys(([] if dtype == "float16" else [dtype]) + ["float32", "float64"])
        t, counts = measure(halfulp, rounds, op, dtype, "uniform", SHAPES[name],
                            {peer: torch_times(op, peer, SHAPES[name]) for peer in peers})
        medians = " | ".join(median(t, peer) for peer in ("halfulp", dtype, "float32", "float64"))
        ratios = " | ".join(ratio_and_quartiles(t, peer) for peer in (dtype, "float32", "float64"))
        print(f"| {op} | {dtype} | {name} | {medians} | {ratios} | {shares(counts)} |", flush=True)


def contents(halfulp, rounds):
    beside = Halfulp(halfulp.program)  # computes the random input in turn with the other
    print("\n| op | content | layer | microseconds | times random | decided by |\n| --- | --- | --- | --- | --- | --- |")
    for op, content, shape, name in ([(op, content, LAYERS[name], name) for op, content, name in CONTENTS]
                                     + [("conv2d_weight_grad", content, LONG_SUMS, "107,648 terms")
                                        for content in ("uniform", "relu")]):
        beside.ask(" ".join(map(str, ("case", op, "float32", "uniform", *shape))))
        t, counts = measure(halfulp, rounds, op, "float32", content, shape, {"uniform": beside.microseconds})
        print(f"| {op} | {content} | {name} | {median(t, 'halfulp')} | {ratio_and_quartiles(t, 'uniform')} "
              f"| {shares(counts)} |", flush=True)


def growth(halfulp, rounds):
    print("\n| layer | products | microseconds | products a nanosecond | torch float32 | ratio |\n"
          "| --- | --- | --- | --- | --- | --- |")
    for name, shape in GROWTH.items():
        t, _ = measure(halfulp, rounds, "conv2d", "float32", "uniform", shape,
                       {"float32": torch_times("conv2d", "float32", shape)})
        n, c, h, w, o, k = shape[:6]
        products = n * c * h * w * o * k * k
        rate = products / statistics.median(t["halfulp"]) / 1e3
        print(f"| {name} | {products} | {median(t, 'halfulp')} | {rate:.1f} | {median(t, 'float32')} "
              f"| {ratio(t, 'float32'):.2f} |", flush=True)


def slices(halfulp, rounds):
    print(f"\nfloat64 by compensated panels, beside what slices would cost at least: {SLICED_PRODUCTS} binary64 products\n\n"
          "| layer | compensated | sliced, at least | ratio |\n| --- | --- | --- | --- |")
    for name, shape in SHAPES.items():
        compensated, product = (
            statistics.median(measure(halfulp, rounds, "conv2d", dtype, "uniform", shape, {})[0]["halfulp"])
            for dtype in ("float64", "float32"))
        sliced = SLICED_PRODUCTS * product
        print(f"| {name} | {compensated:.0f} | {sliced:.0f} | {compensated / sliced:.2f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/default/bin/halfulp_benchmark_conv2d")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="an op, a format or both, with a comma: no other rows, no other table")
    parser.add_argument("--table", choices=("all", "speed", "contents", "growth", "slices"), default="all")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    halfulp = Halfulp(arguments.program)
    print(f"halfulp: {halfulp.instruction_set}; torch {torch.__version__}: {torch.backends.cpu.get_cpu_capability()}; "
          f"{arguments.threads} threads, medians of {arguments.rounds}, microseconds\n")
    wanted = set(filter(None, arguments.only.split(",")))
    if arguments.table in ("all", "speed"):
        speed(halfulp, arguments.rounds, wanted)
    if arguments.table in ("all", "contents") and not wanted:
        contents(halfulp, arguments.rounds)
    if arguments.table in ("all", "growth") and not wanted:
        growth(halfulp, arguments.rounds)
    if arguments.table in ("all", "slices") and not wanted:
        slices(halfulp, arguments.rounds)


if __name__ == "__main__":
    main()
