#!/usr/bin/env python3
"""Which kernels the GPU tests launched, and which they did not.

    HALFULP_LAUNCHED=ALL halfulp_tests_cuda; HALFULP_LAUNCHED=SOME HALFULP_TEST_MULTIPLIER=.02 halfulp_tests_cuda
    scripts/launched_kernels.py ALL [SOME] [--objects build/cuda/kernels/CMakeFiles/halfulp_cuda.dir] [--skip PATTERN]

ALL and SOME are the folders that runs with HALFULP_LAUNCHED filled. Prints the kernels of ALL that SOME lacks; with --objects, also
the kernels in those object files (but those whose path has PATTERN) that neither launched. Exits with 1 where SOME lacks any.
"""
import argparse
import pathlib
import re
import subprocess
import sys


def launched(folder):
    return {line.split()[1] for f in pathlib.Path(folder).iterdir() for line in f.read_text().splitlines()}


def compiled(folder, skip):
    """Mangled names, from the stubs by which the host calls kernels."""
    objects = [o for o in sorted(pathlib.Path(folder).rglob("*.o")) if not (skip and re.search(skip, str(o)))]
    symbols = subprocess.run(["nm", "-C", *objects], capture_output=True, text=True, check=True).stdout
    return {"_" + name for name in re.findall(r"__device_stub__(Z\w+)\(", symbols)}


def show(title, names):
    print(f"{title}: {len(names)}")
    text = subprocess.run(["c++filt"], input="\n".join(sorted(names)), capture_output=True, text=True).stdout
    for line in text.splitlines():
        print("  " + re.sub(r"halfulp::(kernels::)?(cuda::)?|\(anonymous namespace\)::", "", line)[:160])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("all")
    parser.add_argument("some", nargs="?")
    parser.add_argument("--objects")
    parser.add_argument("--skip")
    o = parser.parse_args()
    every = launched(o.all)
    some = launched(o.some) if o.some else every
    print(f"launched: {len(every)}" + (f", and {len(some)}" if o.some else ""))
    if o.objects:
        kernels = compiled(o.objects, o.skip)
        show(f"of {len(kernels)} compiled never launched", kernels - every - some)
    show("missing in the second run", every - some)
    return 1 if every - some else 0


if __name__ == "__main__":
    sys.exit(main())
