"""The ops as their specs describe them: parameters, defaults, gradients. Read from a built library, by both front ends."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import json
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Callable

_REQUIRED = object()


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, a second name or "", the types it may be given as, and its default."""

    name: str
    alias: str
    types: tuple[str, ...]
    default: Any

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED

    def text(self) -> str:
        return self.name if self.required else f"{self.name}={self.default!r}"


@dataclass(frozen=True)
class Op:
    """One op. `gradients` names, by input, the op that differentiates it; "" where it is the output's gradient itself."""

    name: str
    apis: tuple[str, ...]
    dtypes: tuple[str, ...]
    element: str
    scatters: bool
    returns_list: bool
    parameters: tuple[Parameter, ...]
    overloads: tuple[tuple[str, dict[str, str]], ...]  # name, and the type of each parameter; the default first
    gradients: dict[str, str]

    def signature(self) -> str:
        return f"{self.name}({', '.join(p.text() for p in self.parameters)})"

    def values(self, args: tuple, kwargs: dict) -> dict[str, Any]:
        """Every parameter's value, bound as Python binds them; a parameter's second name is taken, too.

        Throws TypeError where an argument is missing, unknown or given twice.
        """
        if len(args) > len(self.parameters):
            raise TypeError(f"{self.name} takes at most {len(self.parameters)} arguments, {len(args)} were given")
        values = {p.name: value for p, value in zip(self.parameters, args)}
        names = {**{p.name: p.name for p in self.parameters}, **{p.alias: p.name for p in self.parameters if p.alias}}
        for given, value in kwargs.items():
            if given == "name":  # the frameworks' own name for a result; it has no effect
                continue
            if given not in names:
                raise TypeError(f"{self.signature()} has no argument {given!r}")
            if names[given] in values:
                raise TypeError(f"{self.name}: {names[given]} was given twice")
            values[names[given]] = value
        missing = [p.name for p in self.parameters if p.required and p.name not in values]
        if missing:
            raise TypeError(f"{self.signature()} misses {', '.join(missing)}")
        return {p.name: values.get(p.name, p.default) for p in self.parameters}

    def docstring(self, framework: str) -> str:
        lines = [f"{self.signature()} -> {'list of tensors' if self.returns_list else 'tensor'}", ""]
        lines.append("The exact result, rounded once to the dtype of the elements.")
        lines += ["", f"Args: {self.element} and its like are {framework} tensors of {', '.join(self.dtypes)}, in host memory."]
        same = [api for api in self.apis if api.startswith(framework)]
        if same:
            lines.append(f"Takes what {', '.join(same)} takes.")
        if self.gradients:
            lines.append(f"Differentiable in {', '.join(self.gradients)}: these gradients are exact and rounded once, too.")
        lines += ["", "Raises RuntimeError or ValueError naming the argument, its value and what is allowed."]
        lines.append(f"docs/ops/{self.name.removesuffix('_grad')}.md says what is returned for every input.")
        return "\n".join(lines)


def compiled_ops(framework: str) -> ModuleType:
    """The package halfulp.<framework>._ops, loaded.

    Raises ImportError where it is missing, as it is where the framework was when halfulp was installed, and where it
    cannot be loaded into this framework.
    """
    name = f"halfulp.{framework}._ops"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
    absent = importlib.util.find_spec(framework) is None
    why = f"no {framework} is installed here" if absent else f"there was no {framework} when halfulp was installed"
    raise ImportError(
        f"halfulp has no ops for {framework}: {why}; "
        f"{f'install {framework}, and then halfulp' if absent else 'install halfulp'} again: "
        "pip install --no-build-isolation --force-reinstall ./custom_op",
        name=f"halfulp.{framework}",
    )


def read(library: str) -> dict[str, Op]:
    """The ops of a built library, by name, in the order of the specs."""
    describe = ctypes.CDLL(library).halfulp_description
    describe.restype = ctypes.c_char_p
    ops = {}
    for op in json.loads(describe().decode()):
        parameters = tuple(
            Parameter(p["name"], p["alias"], tuple(p["types"]), p.get("default", _REQUIRED)) for p in op["parameters"]
        )
        names = [p.name for p in parameters]
        overloads = tuple((overload["name"], dict(zip(names, overload["types"]))) for overload in op["overloads"])
        ops[op["name"]] = Op(
            op["name"], tuple(op["apis"]), tuple(op["dtypes"]), op["element"], op["scatters"], op["returns_list"],
            parameters, overloads, op["gradients"],
        )  # fmt: skip
    return ops


def window(given: Any, layout: str) -> Any:
    """A padding as the ops take it: pairs for each axis, as [[0, 0], [0, 0], [top, bottom], [left, right]], laid flat.

    Throws ValueError where the pairs of batch or channels are not zero.
    """
    if not (isinstance(given, (list, tuple)) and given and isinstance(given[0], (list, tuple))):
        return given
    pairs = [list(pair) for pair in given]
    if len(pairs) == 4:
        image = (1, 2) if layout == "NHWC" else (2, 3)
        others = [pairs[k] for k in range(4) if k not in image]
        if any(any(pair) for pair in others):
            raise ValueError(f"padding is {given}; batch and channels cannot be padded")
        pairs = [pairs[k] for k in image]
    return [n for pair in pairs for n in pair]


def listed(value: Any, kind: str) -> Any:
    """A value for a parameter of this kind: a number where a list is meant stands for every one of it, a tensor for a
    list of that one."""
    if kind == "Tensor[]":
        return list(value) if isinstance(value, (list, tuple)) else [value]
    if kind.startswith("int[") and value is not None and not isinstance(value, str):
        if hasattr(value, "tolist"):
            value = value.tolist()
        if not isinstance(value, (list, tuple)):
            value = [value] * (2 if kind == "int[2]" else 1)
        return list(value)
    return value


def function(op: Op, framework: str, call: Callable[[Op, dict[str, Any]], Any]) -> Callable[..., Any]:
    """A Python function of the op's own signature, that calls `call(op, values)`."""
    names = ", ".join(f"{p.name!r}: {p.name}" for p in op.parameters)
    source = f"def {op.signature()}:\n    return _call(_op, {{{names}}})\n"
    scope: dict[str, Any] = {"_call": call, "_op": op}
    exec(compile(source, f"<halfulp.{framework}.{op.name}>", "exec"), scope)
    made = scope[op.name]
    made.__doc__ = op.docstring(framework)
    made.__module__ = f"halfulp.{framework}"
    return made
