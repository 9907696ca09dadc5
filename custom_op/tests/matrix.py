#!/usr/bin/env python3
"""Installs each kind of extension in each way, under each setuptools and framework; calls it in a fresh process
beside NumPy; uninstalls it; and expects site-packages to be as before.

    tests/matrix.py --starred    the cells that run with every change
    tests/matrix.py              all of them
    tests/matrix.py --starred --make-environments    only makes the environments that are missing

Every cell that ends adds a line to --record; with --resume, those that passed there on these sources are not run again.
Environments that are missing are made, frameworks downloaded; with --installed-only no framework is, and the exit
status is 77 where one is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from environment import CUSTOM_OP, Environment

SETUPTOOLS = ["65.5.0", "79.0.1", "80.9.0", "84.2.1"]
SKIPPED = 77  # exit status
STARRED_SETUPTOOLS = ["80.9.0", "84.2.1"]
FRAMEWORKS = ["paddle==3.0.0", "paddle==3.2.2", "paddle==3.3.1", "torch==2.12.1", "torch==2.15.0"]
STARRED_FRAMEWORKS = ["paddle==3.3.1", "torch==2.15.0"]
# framework -> kind -> (example, name of its distribution)
KINDS = {
    "paddle": {
        "operator": ("paddle_relu", "example_relu"),
        "pybind11": ("paddle_pybind11", "example_pybind11"),
        "package": ("paddle_three_ops", "example_three_ops"),
    },
    "torch": {
        "operator": ("torch_relu", "example_relu_torch"),
        "pybind11": ("torch_pybind11", "example_pybind11_torch"),
    },
}


def setup_install(env: Environment, source: Path) -> None:
    env.run("setup.py", "-q", "install", cwd=source)


def pip_install(env: Environment, source: Path) -> None:
    env.run("-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", ".", cwd=source)


def editable(env: Environment, source: Path) -> None:
    env.run("-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", ".", cwd=source)


def wheel(env: Environment, source: Path) -> None:
    env.run("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "dist", ".", cwd=source)
    env.run("-m", "pip", "install", "-q", "--no-deps", *map(str, (source / "dist").glob("*.whl")))


WAYS: dict[str, Callable[[Environment, Path], None]] = {
    "setup.py install": setup_install, "pip install": pip_install, "editable": editable, "wheel": wheel,
}  # fmt: skip
STARRED_WAYS = ["setup.py install", "pip install"]


def cell(env: Environment, kind: str, way: str, scratch: Path) -> None:
    """Throws RuntimeError where anything is not as it should be."""
    example, distribution = KINDS[env.framework][kind]
    # One folder for all cells of an environment, so that the compiler cache knows the sources again.
    source = scratch / env.folder.name / example
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(CUSTOM_OP / "examples" / example, source)
    before = env.files()
    WAYS[way](env, source)
    # Away from the sources, whose own package folder Python would otherwise import.
    check = shutil.copy(source / "check.py", scratch / f"check_{env.folder.name}.py")
    try:
        env.run(str(check), cwd=scratch)
    finally:
        env.pip("uninstall", "-y", distribution)
    left = env.files() ^ before
    if left:
        raise RuntimeError(f"site-packages differs after uninstalling: {', '.join(sorted(left))}")


def without_leftovers(env: Environment) -> None:
    """Uninstalls what a run that was killed in the middle of a cell has left."""
    names = [distribution for _, distribution in KINDS[env.framework].values()]
    if any(name in path for path in env.files() for name in names):
        env.pip("uninstall", "-y", *names)


def sources() -> str:
    """A hash of what every cell is built from: the packaging library and the examples."""
    digest = hashlib.sha256()
    for folder in (CUSTOM_OP / "halfulp" / "cpp_extension", CUSTOM_OP / "examples"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".cc", ".cpp", ".cu", ".h"):
                digest.update(str(path.relative_to(CUSTOM_OP)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


class Record:
    """A line of JSON for every cell that ended: what it was, what came of it, and of which sources."""

    def __init__(self, file: Path):
        self._file, self._sources = file, sources()
        lines = file.read_text().splitlines() if file.exists() else []
        self._passed = {tuple(c["cell"]) for c in map(json.loads, lines) if c["passed"] and c["sources"] == self._sources}

    def passed(self, cell: tuple[str, ...]) -> bool:
        return cell in self._passed

    def add(self, cell: tuple[str, ...], why: str) -> None:
        """why: "" if the cell passed."""
        line = {"cell": cell, "passed": not why, "why": why, "sources": self._sources}
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--starred", action="store_true", help="only the cells that run with every change")
    parser.add_argument("--frameworks", nargs="+", metavar="NAME==VERSION")
    parser.add_argument("--setuptools", nargs="+", metavar="VERSION")
    parser.add_argument("--kinds", nargs="+", metavar="KIND", help="operator, pybind11, package")
    parser.add_argument("--make-environments", action="store_true", help="make the environments, and run no cell")
    parser.add_argument("--installed-only", action="store_true", help="run only where every environment is there")
    parser.add_argument("--record", type=Path, help="by default matrix.jsonl beside the environments")
    parser.add_argument("--resume", action="store_true", help="skip what the record has as passed on these sources")
    default = os.environ.get("HALFULP_ENVIRONMENTS", CUSTOM_OP.parent / "build" / "environments")
    parser.add_argument("--environments", type=Path, default=Path(default))
    args = parser.parse_args()
    args.frameworks = args.frameworks or (STARRED_FRAMEWORKS if args.starred else FRAMEWORKS)
    args.setuptools = args.setuptools or (STARRED_SETUPTOOLS if args.starred else SETUPTOOLS)
    args.record = args.record or args.environments / "matrix.jsonl"
    return args


def missing_environments(args: argparse.Namespace) -> list[str]:
    return [name for name in args.frameworks if not Environment(args.environments, *name.split("==")).complete()]


def run_cells(args: argparse.Namespace, record: Record) -> Iterator[tuple[str, str]]:
    """Each cell's label, and "" or why it failed."""
    for framework in args.frameworks:
        env = Environment(args.environments, *framework.split("=="))
        env.make()
        without_leftovers(env)
        kinds = [kind for kind in KINDS[env.framework] if not args.kinds or kind in args.kinds]
        ways = STARRED_WAYS if args.starred else list(WAYS)
        for version in args.setuptools:
            cells = [(framework, version, kind, way) for kind in kinds for way in ways]
            todo = [c for c in cells if not (args.resume and record.passed(c))]
            if todo:
                env.use_setuptools(version)
            for c in cells:
                why = ""
                try:
                    if c in todo:
                        cell(env, *c[2:], args.environments / "scratch")
                except RuntimeError as error:
                    why = str(error)
                if c in todo:
                    record.add(c, why)
                yield f"{framework:15} setuptools {version:7} {c[2]:9} {c[3]:17}", why


def main() -> int:
    args = parse()
    if args.installed_only and (missing := missing_environments(args)):
        print(f"skipped: {args.environments} has no environment of {', '.join(missing)}; `make test-packaging` makes them")
        return SKIPPED
    args.environments.mkdir(parents=True, exist_ok=True)
    if args.make_environments:
        for name in missing_environments(args):
            print(f"making an environment of {name} in {args.environments}", flush=True)
            Environment(args.environments, *name.split("==")).make()
        return 0
    failed = count = 0
    for label, why in run_cells(args, Record(args.record)):
        count += 1
        failed += bool(why)
        print(f"{label} FAILED\n{why}" if why else f"{label} ok", flush=True)
    print(f"{count - failed} of {count} cells passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
