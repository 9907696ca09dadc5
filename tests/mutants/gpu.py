#!/usr/bin/env python3
"""Builds what plants the faults of tests/mutants/gpu/*.json on another machine, one that has a GPU.

    tests/mutants/gpu.py LIST OUT [--build build/cuda] [--only NAME ...]

LIST is such a file: {"tests": sources of tests/cuda, "mutants": [{"name", "op", "file", "old", "new", "why"}]}; `old` stands once in
`file` and becomes `new`, and kernels/ops/<op>.cu is compiled anew with it, for its "types", else float and complex128. OUT gets
the program `tests`, libkernels.so with the kernels as they are, for each mutant a folder whose libfault.so takes their place where
LD_LIBRARY_PATH names it first, under compute-sanitizer too, and run.sh, which says what the tests of the op did with each, up to
the first that fails, and with the unchanged kernels: passed, failed, did not end.
Where a mutant has a "unit" instead of an op, kernels/<unit>.cu is compiled, but for the lines that "without" of the unit matches,
and "filters" of the unit says which tests; "kernels" then are objects, each a library of its own instead of libkernels.so, since
what a library has it takes from itself; who calls them is libcallers.so.
"""
import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OBJECTS = "kernels/CMakeFiles/halfulp_cuda.dir"
FOLDERS = (OBJECTS, "kernels/CMakeFiles/halfulp_cuda_90a.dir")
# Each library launches its own kernels, though the templates of the other's have the same names.
SHARED = ("g++", "-shared", "-Wl,-Bsymbolic")


RUN = """#!/bin/bash
# run.sh [PROCESSES]: LD_LIBRARY_PATH is to have CUDA's libraries, and those of ./tests
cd "$(dirname "$0")"
export LD_LIBRARY_PATH="$PWD:$LD_LIBRARY_PATH"
one() { # NAME FILTER
  LD_LIBRARY_PATH="$PWD/$1:$LD_LIBRARY_PATH" timeout 120 ./tests --abort "$2" >"${LOGS:-.}/$1.log" 2>&1
  code=$?
  grep -q "^No tests ran" "${LOGS:-.}/$1.log" && code=none
  case $code in
    none) said="are none" ;;
    0) said=passed ;;
    124) said="did not end" ;;
    126 | 127) said="did not start" ;;
    *) said=failed ;;
  esac
  echo "$1: the tests $said ($code)"
}
export -f one
xargs -a list -P "${1:-15}" -L 1 bash -c 'one "$0" "$*"'
"""


def command_of(build, target):
    out = subprocess.run(["ninja", "-C", build, "-t", "commands", target], capture_output=True, text=True, check=True).stdout
    return shlex.split(out.strip().splitlines()[-1])


def call(words, **options):
    subprocess.run(words, check=True, **options)


def symbols(objects, options):
    """Names that nm lists of these objects, by object."""
    found = {}
    for o in objects:
        text = subprocess.run(["nm", *options, o], capture_output=True, text=True, check=True).stdout
        found[o] = {line.split()[-1] for line in text.splitlines() if line}
    return found


def needed(build, first, apart):
    """The objects of kernels that these objects need, and those need in turn, but for those apart."""
    every = [str(p) for folder in FOLDERS for p in sorted((build / folder).rglob("*.o"))]
    defined = symbols([o for o in every if o not in apart], ["--defined-only", "--extern-only"])
    asked = symbols([*every, *first], ["--undefined-only"])
    chosen, todo = set(), [*first, *apart]
    while todo:
        wanted = asked[todo.pop()]
        fresh = [o for o, names in defined.items() if o not in chosen and names & wanted]
        chosen.update(fresh)
        todo += fresh
    return sorted(chosen)


def libraries(build, out, wanted, first):
    """libkernels.so, or a library for each of the kernels and libcallers.so: what is linked into the program."""
    if "kernels" not in wanted:
        objects = [str(p) for folder in ("linalg", "ops") for p in sorted((build / OBJECTS / folder).glob("*.o"))
                   if folder == "linalg" or p.name.startswith(("eig", "cholesky"))]
        objects += [str(build / OBJECTS / "core" / name) for name in ("launch.cu.o", "left_list.cu.o")]
        call([*SHARED, "-Wl,-soname,libkernels.so", "-o", out / "libkernels.so", *objects])
        return [out / "libkernels.so"]
    apart = [str(next(p for f in FOLDERS if (p := build / f / name).exists())) for name in wanted["kernels"]]
    parts = {"libcallers.so": needed(build, first, apart)} | {f"lib{pathlib.Path(a).name.split('.')[0]}.so": [a] for a in apart}
    for name, objects in parts.items():
        call([*SHARED, f"-Wl,-soname,{name}", "-o", out / name, *objects])
    return [out / name for name in parts]


def link(build, out, wanted):
    """The program, its kernels in a library of their own, whose functions those of a mutant can take the place of."""
    tests = wanted["tests"]
    words = command_of(build, "halfulp_tests_cuda")
    words = words[words.index("&&") + 1:len(words) - words[::-1].index("&&") - 1]
    kept = [w for w in words if "/cuda/" not in w or not w.endswith(".o") or pathlib.Path(w).name == "on_device.cpp.o"
            or any(pathlib.Path(w).name in (t + ".cpp.o", t + ".cu.o") for t in tests)]
    kept[kept.index("-o") + 1] = str(out / "tests")
    kept = [w for w in kept if "cudart_static" not in w and "--wrap" not in w]
    first = [str(build / w) for w in kept if "/cuda/" in w and w.endswith(".o")]
    at = next(k for k, w in enumerate(kept) if w.endswith("libhalfulp_kernels.a"))
    # nothing by itself: the first place where functions are looked for
    call([*SHARED, "-Wl,-soname,libfault.so", "-o", out / "libfault.so", "-x", "c", "/dev/null"])
    kept[at:at] = ["-Wl,--no-as-needed", str(out / "libfault.so"), "-Wl,--as-needed",
                   *[str(lib) for lib in libraries(build, out, wanted, first)]]
    call([*kept, "-lcudart", "-rdynamic"], cwd=build)


def unit_of(mutant):
    return mutant.get("unit") or "ops/" + mutant["op"]


def overlay(work, mutant, without):
    """An include folder whose kernels have the fault; the source to be compiled."""
    include = work / mutant["name"] / "halfulp"
    include.mkdir(parents=True, exist_ok=True)
    call(["cp", "-rs", "--remove-destination", ROOT / "kernels", include])
    for name in ("oracle", "analysis"):
        if not (include / name).exists():
            (include / name).symlink_to(ROOT / name)
    changed = include / mutant["file"]
    text = (ROOT / mutant["file"]).read_text()
    if text.count(mutant["old"]) != 1:
        sys.exit(f"{mutant['name']}: what is to change stands {text.count(mutant['old'])} times in {mutant['file']}")
    changed.unlink()
    changed.write_text(text.replace(mutant["old"], mutant["new"]))
    source = include / "kernels" / (unit_of(mutant) + ".cu")
    text = source.read_text()
    source.unlink()
    if "op" in mutant:
        types = mutant.get("types", ("float", "std::complex<double>"))
        each = "".join(f"HALFULP_MATRIX_OP_FOR({mutant['op']}, {t})\n" for t in types)
        text = text.replace(f"HALFULP_MATRIX_OP({mutant['op']})", each)
    elif pattern := without.get(mutant["unit"]):
        text = re.sub(f"(?m)^{pattern}$", "", text)
    source.write_text(text)
    return include.parent, source


def compile_mutant(build, out, work, mutant, without):
    include, source = overlay(work, mutant, without)
    folder = next(f for f in FOLDERS if (build / f / (unit_of(mutant) + ".cu.o")).exists())
    words = command_of(build, f"{folder}/{unit_of(mutant)}.cu.o")
    words = words[words.index(next(w for w in words if w.endswith("nvcc"))):]
    words = [f"-I{include}" if w.startswith("-I") else w for w in words]
    words[words.index("-c") + 1] = str(source)
    words[words.index("-o") + 1] = str(work / (mutant["name"] + ".o"))
    words = [w for k, w in enumerate(words) if w not in ("-MD", "-MT", "-MF") and (k == 0 or words[k - 1] not in ("-MT", "-MF"))]
    call([*words, f"-I{build}/include"], cwd=build)
    library = out / mutant["name"] / "libfault.so"
    library.parent.mkdir(exist_ok=True)
    call([*SHARED, "-Wl,-soname,libfault.so", "-o", library, work / (mutant["name"] + ".o")])
    call(["strip", library])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/cuda")
    parser.add_argument("--only", nargs="+")
    o = parser.parse_args()
    out, build, wanted = o.out.resolve(), o.build.resolve(), json.loads(o.list.read_text())
    work = out.parent / (out.name + ".work")
    out.mkdir(parents=True, exist_ok=True)
    link(build, out, wanted)
    mutants = [m for m in wanted["mutants"] if not o.only or m["name"] in o.only]
    for m in mutants:
        compile_mutant(build, out, work, m, wanted.get("without", {}))
    with open(out / "list", "w") as f:
        filters = wanted.get("filters") or {unit_of(m): f"cuda {m['op']}*,cuda gradients*" for m in wanted["mutants"]}
        f.write("unchanged " + ",".join(filters.values()) + "\n")
        f.writelines(f"{m['name']} {filters[unit_of(m)]}\n" for m in mutants)
    (out / "run.sh").write_text(RUN)
    for path in [out / "tests", *out.glob("lib*.so")]:
        call(["strip", path])


if __name__ == "__main__":
    main()
