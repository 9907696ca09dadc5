"""The Python side of an extension: its package folder's `__init__.py`, stubs and record of the build."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
import shutil
import sys
from pathlib import Path

from halfulp.cpp_extension import registered
from halfulp.cpp_extension.extension import FrameworkExtension
from halfulp.cpp_extension.frameworks import Framework

_TENSOR = {"paddle": "paddle.Tensor", "torch": "torch.Tensor"}
# PyTorch's schema types; what is not listed is annotated as object.
_TORCH_TYPES = {
    "Tensor": "torch.Tensor", "int": "int", "SymInt": "int", "float": "float", "bool": "bool", "str": "str",
    "Scalar": "int | float | complex", "ScalarType": "torch.dtype", "Device": "torch.device",
}  # fmt: skip


def _arguments(op: dict) -> list[str]:
    """Paddle's names ("X@VECTOR") of the inputs and attributes as Python's ("x"): no keyword, none twice."""
    names: list[str] = []
    for given in [*op["inputs"], *(name for name, _ in op["attrs"])]:
        name = given.split("@")[0].lower()
        while keyword.iskeyword(name) or name in names:
            name += "_"
        names.append(name)
    return names


def _input_type(name: str) -> str:
    kind = "list[paddle.Tensor]" if "@VECTOR" in name else "paddle.Tensor"
    return f"{kind} | None" if "@OPTIONAL" in name else kind


def _paddle_parameters(op: dict, defaults: dict) -> list[tuple[str, str, str | None]]:
    """(argument, type, default) in the order of the operator. A default holds only if all later ones have one too."""
    arguments = iter(_arguments(op))
    parameters = [(next(arguments), _input_type(n), "None" if "@OPTIONAL" in n else None) for n in op["inputs"]]
    for _, kind in op["attrs"]:
        argument = next(arguments)
        parameters.append((argument, kind, repr(defaults[argument]) if argument in defaults else None))
    unknown = set(defaults) - {argument for argument, _, _ in parameters}
    if unknown:
        raise ValueError(
            f"op_defaults of {op['name']} names {', '.join(sorted(unknown))}; its parameters are "
            f"{', '.join(argument for argument, _, _ in parameters)}"
        )
    for k in range(len(parameters) - 2, -1, -1):
        if parameters[k + 1][2] is None:
            parameters[k] = (*parameters[k][:2], None)
    return parameters


def _paddle_signature(op: dict, defaults: dict, typed: bool) -> str:
    parts = []
    for argument, kind, default in _paddle_parameters(op, defaults):
        text = f"{argument}: {kind}" if typed else argument
        parts.append(text if default is None else f"{text} = {default}" if typed else f"{text}={default}")
    return ", ".join(parts)


def _paddle_result(op: dict) -> str:
    return _TENSOR["paddle"] if len(op["outputs"]) == 1 else f"list[{_TENSOR['paddle']}]"


def _paddle_docstring(op: dict) -> str:
    given = [f"{argument} ({kind})" for argument, kind, _ in _paddle_parameters(op, {})]
    outputs = ", ".join(name.split("@")[0] for name in op["outputs"])
    return f"Custom operator `{op['name']}`: {', '.join(given) or 'no argument'} -> {outputs}."


def _paddle_function(op: dict, defaults: dict) -> str:
    arguments = ", ".join(argument for argument, _, _ in _paddle_parameters(op, defaults))
    return (
        f"@_unified\ndef {op['name']}({_paddle_signature(op, defaults, False)}):\n"
        f'    """{_paddle_docstring(op)}"""\n    return _ops["{op["name"]}"]({arguments})\n'
    )


def _paddle_module(ops: list[dict], defaults: dict) -> str:
    functions = "\n\n".join(_paddle_function(op, defaults.get(op["name"], {})) for op in ops)
    return (
        "try:  # to_static leaves these functions as they are\n    from paddle.jit.marker import unified as _unified\n"
        "except ImportError:\n    from paddle.jit import not_to_static as _unified\n\n"
        '_ops = {op["name"]: _PaddleOp(op) for op in _library.built["ops"]}\n\n\n' + functions
    )


def _torch_names(ops: list[dict]) -> dict[str, str]:
    """Python name -> full name, overloads under one."""
    return {op["name"].partition("::")[2]: op["name"] for op in ops}


def _torch_module(ops: list[dict]) -> str:
    lines = [f'{short} = _library.module.ops.{full.replace("::", ".")}' for short, full in _torch_names(ops).items()]
    return "\n".join(lines) + "\n"


def _torch_type(text: str) -> str:
    text = re.sub(r"\([^)]*\)", "", text).strip()  # alias annotations
    optional = text.endswith("?")
    text = text.rstrip("?")
    listed = re.fullmatch(r"(.+)\[\d*\]", text)
    kind = f"list[{_torch_type(listed[1])}]" if listed else _TORCH_TYPES.get(text, "object")
    return f"{kind} | None" if optional else kind


def _torch_stub(op: dict) -> str:
    name, arguments, result = re.fullmatch(r"[^:]*::(\w+)[^(]*\((.*)\) -> (.*)", op["schema"]).groups()
    parts = []
    for argument in filter(None, (a.strip() for a in re.split(r",(?![^\[(]*[\])])", arguments))):
        if argument == "*":
            parts.append("*")
            continue
        kind, _, rest = argument.rpartition(" ")
        label, has_default, _ = rest.partition("=")
        parts.append(f"{label}: {_torch_type(kind)}" + (" = ..." if has_default else ""))
    results = [r.strip().partition(" ")[0] for r in result.strip("()").split(",") if r.strip()]
    types = [_torch_type(r) for r in results]
    returned = "None" if not types else types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    return f"def {name}({', '.join(parts)}) -> {returned}: ..."


def _stub(framework: str, ops: list[dict], defaults: dict, module: str) -> str:
    lines = [f"import {framework}", ""]
    for op in ops:
        if framework == "torch":
            lines.append(_torch_stub(op))
        else:
            signature = _paddle_signature(op, defaults.get(op["name"], {}), True)
            lines.append(f"def {op['name']}({signature}) -> {_paddle_result(op)}: ...")
    if module:  # what pybind11 exports is only known to the library
        lines += ["from typing import Any", "def __getattr__(name: str) -> Any: ..."]
    return "\n".join(lines) + "\n"


def _init(framework: str, ops: list[dict], defaults: dict) -> str:
    functions = _paddle_module(ops, defaults) if framework == "paddle" else _torch_module(ops)
    return (
        '"""Built by halfulp.cpp_extension."""\n\n'
        "from ._runtime import Library as _Library\nfrom ._runtime import PaddleOp as _PaddleOp\n\n"
        "_library = _Library(__name__)\n_library.register()\nglobals().update(_library.python_names())\n\n"
        + (functions if ops else "")
        + "\n__all__ = [name for name in globals() if not name.startswith('_')]\n"
    )


def write(extension: FrameworkExtension, framework: Framework, library: Path) -> list[Path]:
    """Writes the package folder around a built library and returns its files, the library first.

    Throws registered.LoadError where the library does not load.
    """
    folder = library.parent
    last = extension.module.rpartition(".")[2]
    module = last if registered.is_python_module(library, last) else ""
    ops = registered.ops_of(framework.name, library)
    if not ops and not module:
        raise registered.LoadError(
            f"extension {extension.module} registers no op and defines no Python module of the name {last}: use "
            f"{'PD_BUILD_OP' if framework.name == 'paddle' else 'TORCH_LIBRARY'}, or PYBIND11_MODULE({last}, m)"
        )
    built = {
        "framework": framework.name, "version": framework.version, "cxx11_abi": framework.cxx11_abi,
        "stable_abi": extension.stable_abi or "", "library": library.name, "module": module,
        "digest": hashlib.sha256(library.read_bytes()).hexdigest(),
        "python": sys.implementation.cache_tag if module else "",
        "registers": [op["name"] + ("." + op["overload"] if op.get("overload") else "") for op in ops], "ops": ops,
    }  # fmt: skip
    texts = {
        "__init__.py": _init(framework.name, ops, extension.op_defaults),
        "__init__.pyi": _stub(framework.name, ops, extension.op_defaults, module),
        "py.typed": "",
        "build.json": json.dumps(built, indent=1, sort_keys=True) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copyfile(Path(__file__).with_name("_runtime.py"), folder / "_runtime.py")
    return [library, *(folder / name for name in texts), folder / "_runtime.py"]
