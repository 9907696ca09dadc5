"""`setup`, `CppExtension`, `CUDAExtension` and `load`, for one framework."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import setuptools

from halfulp.cpp_extension import commands, jit
from halfulp.cpp_extension.editable import EditableInstall
from halfulp.cpp_extension.extension import FrameworkExtension, make_extension


class Api:
    """What the frameworks call cpp_extension: the same names, for `paddle` or `torch`."""

    def __init__(self, framework: str):
        self.framework = framework

    def CppExtension(self, *args: Any, **kwargs: Any) -> FrameworkExtension:  # noqa: N802
        """A C++ extension of this framework: CppExtension(sources) or CppExtension(name, sources).

        Beside setuptools' own arguments: extra_compile_args, a list, or a dict by compiler ("cxx", "nvcc");
        op_defaults, {op: {attribute: value}}, the Python defaults of attributes; debug_info=True keeps -g and
        symbols; verbose=True prints the commands; stable_abi="2.10" (torch only) marks a library that uses the
        stable ABI of that version and nothing else. Throws ValueError or TypeError, which name the argument.
        """
        return make_extension(self.framework, False, args, kwargs)

    def CUDAExtension(self, *args: Any, **kwargs: Any) -> FrameworkExtension:  # noqa: N802
        """As CppExtension; sources may also end in .cu, which nvcc compiles."""
        return make_extension(self.framework, True, args, kwargs)

    def setup(self, **attributes: Any) -> None:
        """setuptools.setup for one or several extensions, with the commands that build and install them.

        Commands in the caller's cmdclass come before ours. packages and py_modules are the caller's; without them
        nothing but the extensions is packaged.
        """
        modules = attributes.get("ext_modules") or []
        modules = list(modules) if isinstance(modules, (list, tuple)) else [modules]
        if not modules:
            raise ValueError("setup: ext_modules is empty; it must hold at least one CppExtension or CUDAExtension")
        if not attributes.get("name"):
            raise ValueError("setup: name is missing: the name that the package is installed and imported by")
        attributes["ext_modules"] = modules
        attributes["cmdclass"] = {
            "bdist_egg": commands.NoEgg,
            "build_ext": commands.BuildExtension,
            "bdist_wheel": commands.ReproducibleWheel,
            "develop": EditableInstall,
            "install": commands.InstallWheel,
            **attributes.get("cmdclass", {}),
        }
        attributes.setdefault("zip_safe", False)
        if "packages" not in attributes and "py_modules" not in attributes:
            attributes["packages"] = []
        setuptools.setup(**attributes)

    def load(self, name: str, sources: list[str], **options: Any) -> ModuleType:
        """Compiles, where something changed, and imports an extension under this name. See jit.load."""
        return jit.load(self.framework, name, sources, **options)
