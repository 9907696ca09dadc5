"""What a framework asks of a C++ extension: where its headers and libraries are, and its compiler flags.

A framework is looked at from a child process, so that setup.py itself never imports it: a broken or slow import
shows up as one clear error, and a build leaves no framework loaded in the process that pip runs.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

# What can only be known from the imported framework. Prints one line of JSON.
_PROBES = {
    "paddle": """
import ctypes, glob, json, os, paddle
libraries = glob.glob(os.path.join(os.path.dirname(paddle.__file__), "libs", "libphi*.so"))
of_place = "_ZN6paddle6TensorC1ERKN3phi5PlaceERKSt6vectorIlSaIlEE"  # Tensor(const Place&, const std::vector<int64_t>&)
flags = {name: getattr(getattr(paddle, "_C", None), "_PYBIND11_" + name, None)
         for name in ("COMPILER_TYPE", "STDLIB", "BUILD_ABI")}
print("\\n" + json.dumps({"version": paddle.__version__, "cxx11_abi": True, "pybind11": flags,
                          "cuda": paddle.version.cuda() if paddle.is_compiled_with_cuda() else None,
                          "whole": any(hasattr(ctypes.CDLL(path), of_place) for path in libraries)}))
""",
    "torch": """
import json, torch
flags = {name: getattr(torch._C, "_PYBIND11_" + name, None) for name in ("COMPILER_TYPE", "STDLIB", "BUILD_ABI")}
print("\\n" + json.dumps({"version": torch.__version__, "cxx11_abi": bool(torch.compiled_with_cxx11_abi()),
                          "pybind11": flags, "cuda": torch.version.cuda, "whole": True}))
""",
}


class FrameworkNotFound(ImportError):
    """The framework that an extension is built for is not installed, or does not import."""


def _run_probe(name: str) -> dict:
    done = subprocess.run([sys.executable, "-c", _PROBES[name]], capture_output=True, text=True)
    if done.returncode != 0:
        raise FrameworkNotFound(f"{name} is installed for {sys.executable} but does not import:\n{done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


@dataclasses.dataclass(frozen=True)
class Framework:
    """One installed framework: `find("paddle")` or `find("torch")`.

    whole: its libraries hold every constructor of Tensor that its headers declare; else include/ here defines the others.
    """

    name: str
    root: Path
    version: str
    cuda: str | None
    cxx11_abi: bool
    pybind11: tuple[tuple[str, str], ...]
    whole: bool = True

    @property
    def include_dirs(self) -> list[Path]:
        """Header folders, in search order; Python's own is among them, for pybind11."""
        python = Path(sysconfig.get_paths()["include"])
        include = self.root / "include"
        if self.name == "paddle":
            shims = [] if self.whole else [Path(__file__).resolve().parent / "include"]
            return [*shims, include, include / "third_party", python]
        return [include, include / "torch" / "csrc" / "api" / "include", python]

    @property
    def library_dirs(self) -> list[Path]:
        """Folders of the shared libraries that an extension is linked with."""
        return [self.root / "base", self.root / "libs"] if self.name == "paddle" else [self.root / "lib"]

    @property
    def standard(self) -> str:
        """The C++ standard that the framework's headers are written in."""
        if self.name == "paddle":
            return "-std=c++17"
        return "-std=c++20" if self.version_pair >= (2, 10) else "-std=c++17"

    @property
    def version_pair(self) -> tuple[int, int]:
        """(major, minor)"""
        major, minor = self.version.split("+")[0].split(".")[:2]
        return int(major), int(minor)

    def compile_flags(self, module: str, stable_abi: str | None = None) -> list[str]:
        """Definitions for an extension that Python imports as `module` (its last name).

        stable_abi, "2.10": the oldest torch whose stable ABI the library may use. Throws ValueError for another
        framework or a malformed version.
        """
        flags = [f"-D_GLIBCXX_USE_CXX11_ABI={int(self.cxx11_abi)}"]
        flags += [f'-DPYBIND11_{key}="{value}"' for key, value in self.pybind11]
        if self.name == "paddle":
            flags += [f"-DPADDLE_EXTENSION_NAME={module}", "-DPADDLE_WITH_CUSTOM_KERNEL"]
        else:
            flags += ["-DTORCH_API_INCLUDE_EXTENSION_H"]
        return [*flags, *self._stable_abi_flags(stable_abi), f"-DTORCH_EXTENSION_NAME={module}"]

    def _stable_abi_flags(self, stable_abi: str | None) -> list[str]:
        if stable_abi is None:
            return []
        parts = stable_abi.split(".")
        if self.name != "torch" or len(parts) != 2 or not all(part.isdigit() for part in parts):
            raise ValueError(f'stable_abi is {stable_abi!r} for {self.name}; it must be a version of torch, as "2.10"')
        return [f"-DTORCH_TARGET_VERSION=0x{int(parts[0]):02x}{int(parts[1]):02x}000000000000"]

    def link_flags(self, depth: int, with_python: bool = True) -> list[str]:
        """Libraries, and a run path relative to a file `depth` folders below site-packages."""
        up = "/".join(["$ORIGIN", *[".."] * depth])
        if self.name == "paddle":
            libraries, folders = ["-l:libpaddle.so"], ["paddle/base", "paddle/libs"]
        else:
            libraries, folders = ["-lc10", "-ltorch_cpu", "-ltorch"], ["torch/lib"]
            libraries += ["-ltorch_python"] if with_python else []
        return [
            *(f"-L{folder}" for folder in self.library_dirs),
            "-Wl,--no-as-needed",
            *libraries,
            "-Wl,--as-needed",
            "-Wl,--enable-new-dtags,-rpath," + ":".join(f"{up}/{folder}" for folder in folders),
        ]


@functools.lru_cache(maxsize=None)
def find(name: str) -> Framework:
    """The installed framework of this name. Throws FrameworkNotFound, and ValueError for a name that is neither."""
    if name not in _PROBES:
        raise ValueError(f"framework is {name!r}; it must be one of {', '.join(map(repr, _PROBES))}")
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise FrameworkNotFound(
            f"{name} is not installed for {sys.executable}. Install it first, and let pip build in this environment: "
            "pip install . --no-build-isolation"
        )
    seen = _run_probe(name)
    pybind11 = tuple((key, value) for key, value in seen["pybind11"].items() if value)
    root = Path(list(spec.submodule_search_locations)[0])
    return Framework(name, root, seen["version"], seen["cuda"], seen["cxx11_abi"], pybind11, seen["whole"])


def architecture_flags() -> list[str]:
    """nvcc's flags for the GPUs of HALFULP_CUDA_ARCH: "90", or several, "80,90"; by default 90. Throws ValueError."""
    given = os.environ.get("HALFULP_CUDA_ARCH", "90")
    names = [name.strip() for name in given.split(",")]
    if not all(re.fullmatch(r"\d{2,3}[af]?", name) for name in names):
        raise ValueError(
            f"HALFULP_CUDA_ARCH is {given!r}; it must be compute capabilities without a point, as 90 or 80,90"
        )
    if len(names) == 1:
        return [f"-arch=sm_{names[0]}"]
    return [f"-gencode=arch=compute_{name},code=sm_{name}" for name in names]
