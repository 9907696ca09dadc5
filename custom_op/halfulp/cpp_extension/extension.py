"""`CppExtension` and `CUDAExtension`: what is to be built, before anything is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from setuptools import Extension

CXX_SUFFIXES = (".cc", ".cpp", ".cxx", ".c++", ".C")
CUDA_SUFFIXES = (".cu",)

# Keys of extra_compile_args, and what each may also be called: PyTorch says cxx, Paddle's own tests say cc.
_COMPILERS = {"cxx": "cxx", "cc": "cxx", "gcc": "cxx", "nvcc": "nvcc"}


def _paths(values) -> list[str]:
    return [os.fspath(value) for value in values or []]


def _compile_args(name: str, given) -> dict[str, list[str]]:
    """{"cxx": [...], "nvcc": [...]} of a list (for both) or of a dict by compiler."""
    if given is None:
        return {"cxx": [], "nvcc": []}
    if not isinstance(given, dict):
        return {"cxx": list(given), "nvcc": list(given)}
    args: dict[str, list[str]] = {"cxx": [], "nvcc": []}
    for compiler, flags in given.items():
        if compiler not in _COMPILERS:
            raise ValueError(
                f"extension {name}: extra_compile_args has the key {compiler!r}; it must be one of "
                f"{', '.join(map(repr, _COMPILERS))}"
            )
        args[_COMPILERS[compiler]] += list(flags)
    return args


class FrameworkExtension(Extension):
    """A C++ extension of one framework.

    module is the name Python imports. It becomes a package folder that holds the shared library, the Python
    functions and their stubs; setuptools sees the library in it, `<module>._C`.
    """

    def __init__(self, framework: str, sources: Sequence[str], *, name: str | None = None, cuda: bool = False, **kwargs):
        self.framework = framework
        self.cuda = cuda
        self.module = name
        self.verbose = bool(kwargs.pop("verbose", False))
        self.debug_info = bool(kwargs.pop("debug_info", False))
        self.op_defaults = dict(kwargs.pop("op_defaults", {}))
        self.stable_abi = kwargs.pop("stable_abi", None)
        args = _compile_args(name or "(unnamed)", kwargs.pop("extra_compile_args", None))
        kwargs.pop("language", None)
        unknown = set(kwargs) - {
            "include_dirs", "define_macros", "undef_macros", "library_dirs", "libraries", "runtime_library_dirs",
            "extra_objects", "extra_link_args", "depends", "optional", "py_limited_api",
        }
        if unknown:
            raise TypeError(f"extension {name or '(unnamed)'}: unknown argument {', '.join(sorted(unknown))}")
        for key in ("include_dirs", "library_dirs", "runtime_library_dirs", "extra_objects"):
            kwargs[key] = _paths(kwargs.get(key))
        super().__init__(self._library(name), _paths(sources), language="c++", **kwargs)
        self.extra_compile_args = args
        self._check_sources()

    @staticmethod
    def _library(module: str | None) -> str:
        return f"{module or 'unnamed'}._C"

    def _check_sources(self) -> None:
        if not self.sources:
            raise ValueError(f"extension {self.module or '(unnamed)'}: sources is empty; it must name at least one file")
        for source in self.sources:
            suffix = Path(source).suffix
            if suffix in CUDA_SUFFIXES and not self.cuda:
                raise ValueError(f"extension {self.module or '(unnamed)'}: {source} needs CUDAExtension")
            if suffix not in CXX_SUFFIXES + CUDA_SUFFIXES:
                raise ValueError(
                    f"extension {self.module or '(unnamed)'}: {source} ends in {suffix!r}; a source ends in one of "
                    f"{', '.join(CXX_SUFFIXES + CUDA_SUFFIXES)}"
                )

    def rename(self, module: str) -> None:
        """Sets the name that Python imports."""
        self.module = module
        self.name = self._library(module)


def make_extension(framework: str, cuda: bool, args: tuple, kwargs: dict) -> FrameworkExtension:
    """From either calling convention: (sources, ...) as Paddle has it, (name, sources, ...) as PyTorch has it."""
    if len(args) > 2:
        raise TypeError(f"at most a name and the sources come without a keyword, {len(args)} arguments were given")
    named = dict(kwargs)
    if len(args) == 2:
        named["name"], named["sources"] = args
    elif len(args) == 1:
        named["name" if isinstance(args[0], str) else "sources"] = args[0]
    if "sources" not in named:
        raise TypeError("sources is missing: the list of the extension's C++ files")
    return FrameworkExtension(framework, named.pop("sources"), name=named.pop("name", None), cuda=cuda, **named)


def cuda_home() -> Path | None:
    """The CUDA toolkit: CUDA_HOME, CUDA_PATH, or where nvcc on PATH lies. None if there is none."""
    for variable in ("CUDA_HOME", "CUDA_PATH"):
        if os.environ.get(variable):
            return Path(os.environ[variable])
    nvcc = shutil.which("nvcc")
    return Path(nvcc).resolve().parent.parent if nvcc else None
