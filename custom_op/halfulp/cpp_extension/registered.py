"""Which ops a shared library registers, asked of the framework itself in a process of its own.

The sources are not read: an op registered in a header, or by a macro, is found like any other. A library that kills
the process that loads it kills this one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from setuptools import errors

from halfulp.cpp_extension._runtime import register_paddle


class LoadError(errors.BaseError):
    """The freshly built library could not be loaded, or registers an op whose name is taken."""


# Paddle's attribute types, by their number in its protocol buffer.
_PADDLE_ATTRS = {
    0: "int", 1: "float", 2: "str", 3: "list[int]", 4: "list[float]", 5: "list[str]", 6: "bool", 7: "list[bool]",
    9: "int", 11: "list[int]", 12: "list[float]", 15: "float",
}  # fmt: skip


def paddle_op(name: str) -> dict:
    """What Paddle knows of a registered operator. Throws ValueError if none has this name."""
    from paddle.base import core
    from paddle.base.framework import OpProtoHolder

    ops = OpProtoHolder.instance()
    if name not in ops.op_proto_map:
        raise ValueError(f"op_name is {name!r}; no operator of this name is registered: import or load its library first")
    proto = ops.get_op_proto(name)
    maker = core.op_proto_and_checker_maker
    internal = {getattr(maker, key)() for key in dir(maker) if key.startswith("kOp") and key.endswith("AttrName")}
    inplace = core.eager._get_custom_operator_inplace_map(name)
    return {
        "name": name,
        "inputs": [x.name for x in proto.inputs],
        "attrs": [[a.name, _PADDLE_ATTRS.get(int(a.type), "object")] for a in proto.attrs if a.name not in internal],
        "outputs": [x.name for x in proto.outputs],
        "inplace": {str(out): source for out, source in inplace.items()},
    }


def _paddle_ops(library: str) -> list[dict]:
    return [paddle_op(name) for name in sorted(register_paddle(library))]


def _torch_ops(library: str) -> list[dict]:
    import torch

    before = set(torch._C._dispatch_get_all_op_names())
    torch.ops.load_library(library)
    found = []
    for full in sorted(set(torch._C._dispatch_get_all_op_names()) - before):
        name, _, overload = full.partition(".")
        found.append({"name": name, "overload": overload, "schema": str(torch._C._get_schema(name, overload))})
    return found


def show(framework: str, library: str) -> None:
    """Prints the ops as one line of JSON, the last."""
    print("\n" + json.dumps({"paddle": _paddle_ops, "torch": _torch_ops}[framework](library)))


def ops_of(framework: str, library: Path) -> list[dict]:
    """The ops that `library` registers. Throws LoadError with what the loading process said."""
    program = "import sys; from halfulp.cpp_extension import registered; registered.show(*sys.argv[1:])"
    command = [sys.executable, "-c", program, framework, str(library)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise LoadError(f"{library.name} was built but does not load (exit status {done.returncode}):\n{done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def is_python_module(library: Path, module: str) -> bool:
    """Whether the library defines PyInit_<module>, so that Python can import it."""
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", str(library)], capture_output=True, text=True, check=True
    ).stdout
    return any(line.split()[-1] == f"PyInit_{module}" for line in listed.splitlines() if line.strip())
