#!/usr/bin/env python3
"""Times halfulp's ops that move elements against torch's and against memcpy, one thread, in turns; prints medians.

    benchmarks/movement_beside_torch.py [--worker build/default/bin/halfulp_benchmark_movement] [--rounds 9]

To be run by a Python that has torch (make peers: .venv/peers/bin/python). Outputs are 64 MiB of float32 and made
beforehand on both sides (torch: copy_ of the view, out=); unique takes 10^6 elements, with inverse. Columns: the ratio to
torch's time, and the speed as a share of memcpy's on as many bytes. Exit code 0, or 2 where the worker or torch is missing.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

ROWS, COLUMNS = 1024, 16384


def torch_tasks(torch):
    out = torch.zeros(ROWS, COLUMNS)

    def copy(view):
        return lambda: out.copy_(view)

    def copysign(x, y):
        return lambda: torch.copysign(x, y, out=out)

    def unique(x):
        return lambda: torch.unique(x, return_inverse=True)

    many, few = torch.randint(1 << 62, (1000000,)), torch.randint(1000, (1000000,))
    x = torch.rand(ROWS, COLUMNS) - 0.5
    return {
        "expand_rows": copy(torch.rand(1, COLUMNS).expand(ROWS, COLUMNS)),
        "expand_columns": copy(torch.rand(ROWS, 1).expand(ROWS, COLUMNS)),
        "expand_none": copy(x),
        "as_strided_windows": copy(torch.rand(COLUMNS + 64 * ROWS).as_strided((ROWS, COLUMNS), (64, 1))),
        "as_strided_every_second": copy(torch.rand(2 * ROWS * COLUMNS).as_strided((ROWS, COLUMNS), (2 * COLUMNS, 2))),
        "as_strided_transposed": copy(torch.rand(ROWS * COLUMNS).as_strided((ROWS, COLUMNS), (1, ROWS))),
        "copysign": copysign(x, torch.rand(ROWS, COLUMNS) - 0.5),
        "copysign_broadcast": copysign(x, torch.rand(ROWS, 1) - 0.5),
        "unique_int64_many": unique(many),
        "unique_int64_few": unique(few),
        "unique_float32_many": unique(torch.randint(1 << 24, (1000000,)).to(torch.float32)),
    }


def torch_times(task, calls):
    task()
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        task()
        times.append((time.perf_counter() - start) * 1e6)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", default="build/default/bin/halfulp_benchmark_movement")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("benchmarks/movement_beside_torch.py: this Python has no torch; make peers installs it")
    torch.set_num_threads(1)
    if not os.access(options.worker, os.X_OK):
        print(f"benchmarks/movement_beside_torch.py: --worker is {options.worker}, which is no program", file=sys.stderr)
        return 2
    worker = subprocess.Popen([options.worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"OMP_NUM_THREADS": "1"})

    def ask(task, calls):
        worker.stdin.write(f"{task} {calls}\n")
        worker.stdin.flush()
        return json.loads(worker.stdout.readline())

    print(f"torch {torch.__version__}, 1 thread; {options.rounds} calls in turns; microseconds, medians")
    for name, task in torch_tasks(torch).items():
        ours, theirs, copies = [], [], []
        for _ in range(3):
            calls = max(1, options.rounds // 3)
            theirs += torch_times(task, calls)
            ours += ask(name, calls)
            if not name.startswith("unique"):
                copies += ask("memcpy", calls)
        mine, other = statistics.median(ours), statistics.median(theirs)
        share = f"; {100 * statistics.median(copies) / mine:4.0f}% of memcpy" if copies else ""
        print(f"{name:24s} halfulp {mine:9.1f} torch {other:9.1f} ratio {mine / other:5.2f}{share}", flush=True)
    worker.stdin.close()
    return worker.wait()


if __name__ == "__main__":
    sys.exit(main())
