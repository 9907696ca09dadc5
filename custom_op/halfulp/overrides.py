"""Puts functions in the place of others, reversibly."""

from __future__ import annotations

import importlib
from typing import Any, Callable

from halfulp.signatures import Op


def _owner(path: str) -> tuple[Any, str]:
    """The module or class that holds what `path` ("torch.linalg.eigvalsh") names, and its name there."""
    parts = path.split(".")
    owner = importlib.import_module(parts[0])
    for part in parts[1:-1]:
        owner = getattr(owner, part)
    return owner, parts[-1]


class Override:
    """While it is in force, a framework's functions are those of halfulp. A context manager; undo() ends it, too."""

    def __init__(self, replaced: list[tuple[Any, str, Any]]):
        self._replaced = replaced

    def undo(self) -> None:
        """Puts the framework's own functions back. A second call has no effect."""
        while self._replaced:
            owner, name, own = self._replaced.pop()
            setattr(owner, name, own)

    def __enter__(self) -> Override:
        return self

    def __exit__(self, *error: Any) -> None:
        self.undo()


def _replacement(op: Op, framework: str, compute: Callable[[Op, tuple, dict[str, Any]], Any]) -> Callable[..., Any]:
    def replacement(*args: Any, **kwargs: Any) -> Any:
        return compute(op, args, kwargs)

    replacement.__name__ = op.name
    replacement.__doc__ = op.docstring(framework)
    return replacement


def put(
    framework: str, names: tuple[str, ...], ops: dict[str, Op], compute: Callable[[Op, tuple, dict[str, Any]], Any]
) -> Override:
    """Replaces the functions of `framework` that the ops of these names (all where none is named) stand for by
    `compute(op, args, kwargs)`.

    Throws ValueError for a name that is no op, or whose op stands for no function of this framework.
    """
    replaced: list[tuple[Any, str, Any]] = []
    able = {name: [api for api in op.apis if api.split(".")[0] == framework] for name, op in ops.items()}
    known = [name for name, apis in able.items() if apis]
    for name in names or known:
        if name not in known:
            raise ValueError(f"override: {name!r} stands for no function of {framework}; those that do are {', '.join(known)}")
    for name in names or known:
        for api in able[name]:
            owner, attribute = _owner(api)
            if hasattr(owner, attribute):
                replaced.append((owner, attribute, getattr(owner, attribute)))
                setattr(owner, attribute, _replacement(ops[name], framework, compute))
    return Override(replaced)
