#!/usr/bin/env python3
"""Times halfulp's eigvals beside torch's, in turns, and prints medians and their ratio.

    benchmarks/eigvals_beside_torch.py [--worker build/default/bin/halfulp_benchmark_eigvals] [--rounds 9]
                                        [--kind uniform] [--only single|growth|batch]

To be run by a Python that has torch (make peers: .venv/peers/bin/python). Three parts:

    single  one matrix a call on one thread, float32 and float64
    growth  the same for n = 8 ... 256, and the exponent p of time ~ n^p by least squares, from n = 64 on and of all
    batch   4096 matrices of 16 x 16, float32, on two threads, and what a matrix costs

Both get matrices of the same kind of distribution; halfulp's are those of the gallery, torch's have entries uniform in
[-1/2, 1/2). Also printed: the share of parts of eigenvalues that each tier decided, the instruction set that halfulp ran and the
kernel that OpenBLAS ran. Exit code 0, or 2 where the worker or torch is missing.
"""
import sys

import eigenvalues_in_turns

PLAN = eigenvalues_in_turns.Plan(
    op="eigvals",
    single={32: 50, 128: 5},
    growth={8: 100, 16: 50, 32: 20, 64: 10, 128: 3, 256: 1},
    batch_n=16,
)

if __name__ == "__main__":
    sys.exit(eigenvalues_in_turns.main(PLAN, __doc__))
