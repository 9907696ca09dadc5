#!/usr/bin/env python3
"""Plants each fault of tests/mutants/*.json in a copy of the sources, builds the tests, and expects them to fail.

    tests/mutants/run.py [--only NAME ...] [--list] [--work build/mutants]

A fault is {"name", "file", "old", "new", "why", "target", "tests"}: `old` stands once in `file` and becomes `new`;
`target` is the test program to build and `tests` the names of the tests to run (a Catch2 pattern, all by default).
A mutant is killed if a test fails, crashes or hangs. One that does not compile proves nothing and counts as a mistake
in the list. Exit code: 0 if all are killed, 1 if one survives, 2 if the list or the unchanged sources are wrong.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEST_SECONDS = 600


def read_list():
    mutants = []
    for path in sorted((ROOT / "tests/mutants").glob("*.json")):
        for m in json.loads(path.read_text()):
            missing = {"name", "file", "old", "new", "why", "target"} - m.keys()
            if missing:
                sys.exit(f"{path.name}: {m.get('name', m)} lacks {', '.join(sorted(missing))}")
            mutants.append(m)
    return mutants


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


class Copy:
    """A copy of the committed and changed sources, built apart."""

    def __init__(self, work):
        self.source = work / "src"
        self.build = work / "build"
        self.source.mkdir(parents=True, exist_ok=True)
        files = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT).stdout
        wanted = {name for name in files.split("\0") if name and (ROOT / name).is_file()}
        for name in wanted:
            self.restore(name)
        self.configure()

    def restore(self, name):
        text = (ROOT / name).read_bytes()
        target = self.source / name
        if not target.exists() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
            target.chmod((ROOT / name).stat().st_mode)

    def configure(self):
        # -O1: what is planted in headers is compiled often, and run little; GCC 12 fails on it with scalar replacement
        done = run(["cmake", "-G", "Ninja", "-S", self.source, "-B", self.build, "-DCMAKE_BUILD_TYPE=Release",
                    "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -fno-tree-sra",
                    "-DHALFULP_LIBTORCH=OFF"])
        if done.returncode:
            print(done.stdout)
            sys.exit(2)

    def built(self, target):
        done = run(["cmake", "--build", self.build, "--target", target])
        return done.returncode == 0, done.stdout

    def tests_pass(self, target, pattern):
        program = next(self.build.rglob(target), None)
        command = [program] + ([pattern] if pattern else [])
        try:
            done = run(command, timeout=TEST_SECONDS)
        except subprocess.TimeoutExpired:
            return False, "timed out"
        if "No tests ran" in done.stdout:
            print(f"{target}: no test matches {pattern!r}")
            sys.exit(2)
        return done.returncode == 0, done.stdout


def apply(copy, m):
    path = copy.source / m["file"]
    text = path.read_text()
    if text.count(m["old"]) != 1:
        return f"'old' stands {text.count(m['old'])} times in {m['file']}"
    path.write_text(text.replace(m["old"], m["new"]))
    return None


def try_mutant(copy, m):
    """'killed by ...', 'SURVIVED' or 'WRONG: ...'"""
    wrong = apply(copy, m)
    if wrong:
        return "WRONG: " + wrong
    try:
        ok, log = copy.built(m["target"])
        if not ok:
            return "WRONG: it does not compile\n" + log[-1500:]
        ok, log = copy.tests_pass(m["target"], m.get("tests"))
        return "SURVIVED" if ok else "killed: " + log.strip().splitlines()[-1]
    finally:
        copy.restore(m["file"])


def check_unchanged(copy, mutants):
    for target, pattern in sorted({(m["target"], m.get("tests") or "") for m in mutants}):
        ok, log = copy.built(target)
        if ok:
            ok, log = copy.tests_pass(target, pattern)
        if not ok:
            print(f"the unchanged sources fail {target} {pattern}\n{log[-3000:]}")
            sys.exit(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/mutants")
    options = parser.parse_args()
    mutants = read_list()
    unknown = set(options.only or []) - {m["name"] for m in mutants}
    if unknown:
        sys.exit(f"--only: no mutant is called {', '.join(sorted(unknown))}; see --list")
    mutants = [m for m in mutants if not options.only or m["name"] in options.only]
    if options.list:
        for m in mutants:
            print(f"{m['name']}: {m['why']}")
        return 0
    copy = Copy(options.work.resolve())
    check_unchanged(copy, mutants)
    outcomes = []
    for m in mutants:
        begin = time.monotonic()
        outcome = try_mutant(copy, m)
        outcomes.append(outcome)
        print(f"{m['name']}: {outcome} ({time.monotonic() - begin:.0f} s)", flush=True)
    killed = sum(o.startswith("killed") for o in outcomes)
    print(f"{killed} of {len(outcomes)} mutants killed")
    if any(o.startswith("WRONG") for o in outcomes):
        return 2
    return 0 if killed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
