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
import sys

import eigenvalues_in_turns

PLAN = eigenvalues_in_turns.Plan(
    op="eigvalsh",
    single={32: 100, 128: 20, 512: 3},
    growth={8: 100, 16: 100, 32: 50, 64: 20, 128: 10, 256: 3, 512: 1},
    batch_n=32,
)

if __name__ == "__main__":
    sys.exit(eigenvalues_in_turns.main(PLAN, __doc__))
