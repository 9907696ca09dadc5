"""The names of paddle.utils.cpp_extension.extension_utils that setup scripts and tests import from it.

Paddle itself is imported only by the functions that ask it something.
"""

from __future__ import annotations

import os
import subprocess
import sys

from halfulp.cpp_extension._runtime import register_paddle
from halfulp.cpp_extension.extension import CUDA_SUFFIXES, cuda_home
from halfulp.cpp_extension.jit import get_build_directory

OS_NAME = sys.platform
IS_WINDOWS = OS_NAME.startswith("win")

__all__ = [
    "IS_WINDOWS", "OS_NAME", "find_cuda_home", "get_build_directory", "is_cuda_file",
    "load_op_meta_info_and_register_op", "parse_op_info", "run_cmd",
]  # fmt: skip


def run_cmd(command: str, verbose: bool = False) -> int:
    """Runs a shell command; what it prints to its output is shown only if verbose.

    Returns 0; throws RuntimeError, which says the command, its exit status and what it printed.
    """
    done = subprocess.run(command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit status {done.returncode}\n{done.stdout.rstrip()}")
    if verbose:
        print(done.stdout, end="", flush=True)
    return 0


def _get_all_paddle_includes_from_include_root(include_root: os.PathLike[str] | str) -> list[str]:
    """The folders of Paddle's headers below `include_root`, in search order; only those that exist count to g++."""
    root = os.fspath(include_root)
    compat = os.path.join(root, "paddle", "phi", "api", "include", "compat")
    api = os.path.join(compat, "torch", "csrc", "api", "include")
    return [root, os.path.join(root, "third_party"), *([] if IS_WINDOWS else [compat, api])]


def is_cuda_file(path: str) -> bool:
    """Whether nvcc is to compile it."""
    return os.path.splitext(path)[1] in CUDA_SUFFIXES


def find_cuda_home() -> str | None:
    """The folder of the CUDA toolkit, or None."""
    home = cuda_home()
    return None if home is None else str(home)


def load_op_meta_info_and_register_op(lib_filename: str) -> list[str]:
    """Registers the operators of a shared library; returns their names."""
    return register_paddle(lib_filename)


def parse_op_info(op_name: str) -> tuple[list[str], list[str], list[str]]:
    """The names of a registered operator's inputs, attributes and outputs. Throws ValueError if there is none."""
    from halfulp.cpp_extension.registered import paddle_op

    op = paddle_op(op_name)
    return op["inputs"], [name for name, _ in op["attrs"]], op["outputs"]
