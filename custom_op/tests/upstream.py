#!/usr/bin/env python3
"""Runs Paddle's own unit tests of custom ops with our packaging in place of `paddle.utils.cpp_extension`.

    tests/upstream.py FOLDER [--paddle 3.3.1 3.2.2] [--setuptools 84.2.1]

FOLDER is a checkout of Paddle's tests: it holds custom_op/ and cpp_extension/, as Paddle's folder test/ does. Nothing in
it is changed: the tests run in a copy, in which each import of paddle.utils.cpp_extension names halfulp.cpp_extension.
Tests whose sources end in .cu run where Paddle has CUDA, and are listed as skipped elsewhere. Exit status: 0 if every
test that ran passed, 1 if one failed, 2 if FOLDER holds none of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from environment import CUSTOM_OP, Environment

# file -> whether it compiles CUDA sources whatever Paddle is built with
TESTS = {
    "custom_op/test_custom_relu_op_setup.py": True,
    "custom_op/test_custom_relu_op_jit.py": True,
    "custom_op/test_custom_relu_model.py": True,
    "custom_op/test_custom_attrs_jit.py": False,
    "custom_op/test_custom_extend_attrs_jit.py": False,
    "custom_op/test_dispatch_jit.py": False,
    "custom_op/test_custom_concat.py": False,
    "custom_op/test_custom_conj.py": False,
    "custom_op/test_custom_simple_slice.py": False,
    "custom_op/test_custom_tanh_double_grad.py": False,
    "custom_op/test_custom_cast_op_jit.py": False,
    "custom_op/test_custom_contiguous.py": False,
    "cpp_extension/test_cpp_extension_setup.py": False,
    "cpp_extension/test_cpp_extension_jit.py": False,
    "cpp_extension/test_mixed_extension_setup.py": False,
}
INSTALLED = ("custom_relu_module_setup", "custom_cpp_extension", "mix_relu_extension")


def rewritten(folder: Path, into: Path) -> None:
    """A copy of the two folders that imports our packaging."""
    for part in ("custom_op", "cpp_extension"):
        if not (folder / part).is_dir():
            continue
        shutil.copytree(folder / part, into / part)
        for path in (into / part).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("paddle.utils.cpp_extension", "halfulp.cpp_extension"), encoding="utf-8")
        (into / part / "test").symlink_to(into)  # some name their sources from the root of Paddle's repository


def has_cuda(env: Environment) -> bool:
    return env.run("-c", "import paddle; print(paddle.is_compiled_with_cuda())").split()[-1] == "True"


def run_one(env: Environment, test: Path) -> str:
    """"" if it passes, else what it said. What it installed is removed."""
    os.environ["PADDLE_EXTENSION_DIR"] = str(test.parent / "extensions")
    try:
        env.run(test.name, cwd=test.parent)
    except RuntimeError as failed:
        return str(failed)
    finally:
        env.pip("uninstall", "-y", *INSTALLED)
    return ""


def run_all(env: Environment, folder: Path) -> int:
    """How many failed."""
    failed = 0
    cuda = has_cuda(env)
    for name, needs_cuda in TESTS.items():
        if not (folder / name).exists():
            said = "not in the folder"
        elif needs_cuda and not cuda:
            said = "skipped: CUDA sources, and this Paddle has no CUDA"
        else:
            why = run_one(env, folder / name)
            failed += bool(why)
            said = f"FAILED\n{why}" if why else "ok"
        print(f"paddle {env.version:6} {name:45} {said}", flush=True)
    return failed


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--paddle", nargs="+", default=["3.3.1", "3.2.2"], metavar="VERSION")
    parser.add_argument("--setuptools", default="84.2.1", metavar="VERSION")
    parser.add_argument("--environments", type=Path, default=CUSTOM_OP.parent / "build" / "environments")
    return parser.parse_args()


def main() -> int:
    args = parse()
    if not any((args.folder / name).exists() for name in TESTS):
        print(f"{args.folder} holds none of {', '.join(TESTS)}", file=sys.stderr)
        return 2
    failed = 0
    for version in args.paddle:
        env = Environment(args.environments, "paddle", version)
        env.make()
        env.use_setuptools(args.setuptools)
        env.pip("install", "packaging")
        with tempfile.TemporaryDirectory() as copy:
            rewritten(args.folder, Path(copy))
            failed += run_all(env, Path(copy))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
