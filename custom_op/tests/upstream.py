#!/usr/bin/env python3
"""Runs Paddle's own unit tests of custom ops with our packaging in place of `paddle.utils.cpp_extension`.

    tests/upstream.py FOLDER [--paddle 3.3.1 3.2.2] [--setuptools 84.2.1]

FOLDER is a checkout of Paddle's tests: it holds custom_op/ and cpp_extension/, as Paddle's folder test/ does. Nothing in
it is changed: the tests run in a copy, in which each import of paddle.utils.cpp_extension names halfulp.cpp_extension.
Where Paddle has no CUDA, the tests of CUDA sources run as they do on a Mac, without them. Nothing is downloaded: random
images in the format of MNIST stand in for it. Exit status: 0 if every test that ran passed, 1 if one failed, 2 if FOLDER
holds none of them.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import re
import shutil
import struct
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from environment import CUSTOM_OP, Environment

TESTS = (
    "custom_op/test_custom_relu_op_setup.py",
    "custom_op/test_custom_relu_op_jit.py",
    "custom_op/test_custom_relu_model.py",
    "custom_op/test_custom_attrs_jit.py",
    "custom_op/test_custom_extend_attrs_jit.py",
    "custom_op/test_dispatch_jit.py",
    "custom_op/test_custom_concat.py",
    "custom_op/test_custom_conj.py",
    "custom_op/test_custom_simple_slice.py",
    "custom_op/test_custom_tanh_double_grad.py",
    "custom_op/test_custom_cast_op_jit.py",
    "custom_op/test_custom_contiguous.py",
    "cpp_extension/test_cpp_extension_setup.py",
    "cpp_extension/test_cpp_extension_jit.py",
    "cpp_extension/test_mixed_extension_setup.py",
)
INSTALLED = ("custom_relu_module_setup", "custom_cpp_extension", "mix_relu_extension")


def rewritten(folder: Path, into: Path) -> None:
    """A copy of the two folders that imports our packaging. A test that counts one egg counts two entries, as the newer
    ones do: the package, and what pip knows of it."""
    for part in ("custom_op", "cpp_extension"):
        if not (folder / part).is_dir():
            continue
        shutil.copytree(folder / part, into / part)
        for path in (into / part).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            text = text.replace("paddle.utils.cpp_extension", "halfulp.cpp_extension")
            path.write_text(text.replace("len(custom_egg_path) == 1", "len(custom_egg_path) == 2"), encoding="utf-8")
        (into / part / "test").symlink_to(into)  # some name their sources from the root of Paddle's repository


def without_downloads(folder: Path, images: int = 600) -> None:
    """Files as MNIST's, of whole hundreds of images as its reader wants, which the tests read instead: they compare two
    functions of the same images."""
    draw = random.Random(8)
    files = {
        "image_path": struct.pack(">IIII", 2051, images, 28, 28) + draw.randbytes(images * 28 * 28),
        "label_path": struct.pack(">II", 2049, images) + bytes(draw.randrange(10) for _ in range(images)),
    }
    for name, data in files.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(data))
    given = "".join(f"{name}={str(folder / f'{name}.gz')!r}, " for name in files)
    for path in folder.glob("*/test_*.py"):
        path.write_text(path.read_text().replace("datasets.MNIST(", f"datasets.MNIST({given}"))


def without_cuda(folder: Path) -> None:
    """The tests believe to be on a Mac, for which they leave the CUDA sources out; the functions that those define are
    declared nevertheless, and throw here."""
    for path in folder.glob("*/utils.py"):
        path.write_text(path.read_text().replace("sys.platform.startswith('darwin')", "True"))
    for path in (folder / "custom_op" / "custom_relu_op.cc", folder / "cpp_extension" / "custom_extension.cc"):
        if path.exists():
            declared = re.findall(r"^((?:void|[\w:<>]*Tensor>?) relu_cuda_\w+\([^;{]*\));", path.read_text(), re.MULTILINE)
            with path.open("a") as source:
                source.writelines(f'{function} {{ PD_THROW("no CUDA"); }}\n' for function in dict.fromkeys(declared))


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


def run_all(env: Environment, folder: Path, tests: Sequence[str]) -> int:
    """How many failed."""
    failed = 0
    if not has_cuda(env):
        without_cuda(folder)
    for name in tests:
        if not (folder / name).exists():
            said = "not in the folder"
        else:
            why = run_one(env, folder / name)
            failed += bool(why)
            said = f"FAILED\n{why}" if why else "ok"
        print(f"paddle {env.version:6} {name:45} {said}", flush=True)
    return failed


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tests", nargs="+", choices=TESTS, metavar="FILE", help="only these")
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
            without_downloads(Path(copy))
            failed += run_all(env, Path(copy), args.tests or TESTS)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
