#!/usr/bin/env python3
"""Times halfulp's CUDA kernels beside PyTorch's (cuDNN) on one GPU: calls of both in turn on the same tensors and stream,
medians by device events, in one run.

    benchmarks/cuda_beside_torch.py [--library build/cuda/lib/libhalfulp_cuda_calls.so] [--rounds 30] [--only TEXT] [--tuned]

Inputs rotate among sets that together exceed the cache. torch runs with TF32 off, and with the algorithm that cuDNN picks
by rule, torch's default; with --tuned it is the fastest that autotuning finds (torch keeps the first choice for each shape,
so that one process has one or the other). A line gives both medians, the ratio of halfulp's to torch's, its operations a
second, and the share of outputs that each tier decided.
"""
import argparse
import ctypes
import os
import statistics

import torch

TYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64}
# N, C, H, W, O, KH, KW, stride, padding, groups, channels last
LAYERS = {
    "64x56x56 k3": (32, 64, 56, 56, 64, 3, 3, 1, 1, 1, 0),
    "256x14x14 k3": (32, 256, 14, 14, 256, 3, 3, 1, 1, 1, 0),
    "2048x7x7 k1": (32, 2048, 7, 7, 512, 1, 1, 1, 0, 1, 0),
    "3x224x224 k7s2": (32, 3, 224, 224, 64, 7, 7, 2, 3, 1, 0),
    "256x28x28 k3 depthwise": (32, 256, 28, 28, 256, 3, 3, 1, 1, 256, 0),
}
OPS = ("conv2d", "conv2d_input_grad", "conv2d_weight_grad", "conv2d_bias_grad")
CACHE = 128 << 20


def times_of(calls, rounds):
    """The medians of calls made in turn, in microseconds."""
    events = [[torch.cuda.Event(enable_timing=True) for _ in range(2 * rounds)] for _ in calls]
    for k in range(-5, rounds):
        torch.cuda._sleep(2000000)  # the device waits until the calls are queued: what they cost it is timed, not the host
        for call, e in zip(calls, events):
            if k >= 0:
                e[2 * k].record()
            call(k)
            if k >= 0:
                e[2 * k + 1].record()
    torch.cuda.synchronize()
    return [statistics.median(e[2 * k].elapsed_time(e[2 * k + 1]) for k in range(rounds)) * 1000 for e in events]


class Kernels:
    def __init__(self, path):
        self.library = ctypes.CDLL(os.path.abspath(path))

    def __call__(self, name, *arguments):
        converted = [ctypes.c_void_p(a.data_ptr()) if isinstance(a, torch.Tensor) else a for a in arguments]
        stream = ctypes.c_void_p(torch.cuda.current_stream().cuda_stream)
        if getattr(self.library, name)(*converted[:-1], stream, converted[-1]) != 0:
            raise RuntimeError(name)


def sets_for(size):
    return max(2, -(-CACHE // size))


def convolution(kernels, op, dtype, shape, rounds):
    n, c, h, w, o, kh, kw, stride, padding, groups, _ = shape
    x_shape, w_shape = (n, c, h, w), (o, c // groups, kh, kw)
    y_shape = tuple(torch.nn.functional.conv2d(torch.empty(x_shape, device="meta"), torch.empty(w_shape, device="meta"),
                                               None, stride, padding, 1, groups).shape)
    first = x_shape if op == "conv2d" else y_shape
    second = x_shape if op == "conv2d_weight_grad" else w_shape
    out_shape = {"conv2d": y_shape, "conv2d_input_grad": x_shape, "conv2d_weight_grad": w_shape,
                 "conv2d_bias_grad": (o,)}[op]

    def draw(s):
        return (torch.rand(s, device="cuda") - 0.5).to(TYPES[dtype])
    size = torch.Size(first).numel() * TYPES[dtype].itemsize
    inputs = [(draw(first), draw(second), torch.empty(out_shape, dtype=TYPES[dtype], device="cuda"))
              for _ in range(sets_for(size))]
    numbers = (ctypes.c_int64 * 11)(*shape)

    def ours(k, counts=ctypes.c_void_p(None)):
        a, b, out = inputs[k % len(inputs)]
        kernels("halfulp_conv2d", OPS.index(op), list(TYPES).index(dtype), numbers, a, b, out, counts)

    def theirs(k):
        a, b, _ = inputs[k % len(inputs)]
        if op == "conv2d":
            torch.nn.functional.conv2d(a, b, None, stride, padding, 1, groups)
        elif op == "conv2d_bias_grad":
            torch.sum(a, (0, 2, 3))
        else:
            mask = [op == "conv2d_input_grad", op == "conv2d_weight_grad", False]
            x = torch.empty(x_shape, dtype=TYPES[dtype], device="cuda") if mask[0] else b
            weight = b if mask[0] else torch.empty(w_shape, dtype=TYPES[dtype], device="cuda")
            torch.ops.aten.convolution_backward(a, x, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0],
                                                groups, mask)
    counts = torch.zeros(4, dtype=torch.int64, device="cuda")
    ours(0, ctypes.c_void_p(counts.data_ptr()))
    torch.cuda.synchronize()
    us, torch_us = times_of([ours, theirs], rounds)
    operations = torch.Size(y_shape).numel() * (1 if op == "conv2d_bias_grad" else 2 * (c // groups) * kh * kw)
    shares = " ".join(f"{k:.2e}" for k in (counts / counts.sum()).tolist())
    print(f"{op} {dtype} {list(LAYERS)[list(LAYERS.values()).index(shape)]}: halfulp {us:.1f} us, torch {torch_us:.1f} us, "
          f"ratio {us / torch_us:.2f}, {operations / us / 1e6:.1f} TFLOP/s, tiers {shares}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", default="build/cuda/lib/libhalfulp_cuda_calls.so")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", default="")
    parser.add_argument("--tuned", action="store_true")
    options = parser.parse_args()
    torch.backends.cudnn.benchmark = options.tuned
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}")
    kernels = Kernels(options.library)
    for op in OPS:
        for dtype in ("float32", "float16", "bfloat16", "float64"):
            for name, shape in LAYERS.items():
                if options.only in f"{op} {dtype} {name}":
                    convolution(kernels, op, dtype, shape, options.rounds)


if __name__ == "__main__":
    main()
