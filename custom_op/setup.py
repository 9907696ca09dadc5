"""Builds halfulp's ops for each framework found in this environment, beside the packaging library in pure Python.

    pip install --no-build-isolation ./custom_op

HALFULP_FRAMEWORKS: "torch", "paddle", "torch,paddle", or "none" for the packaging library alone; by default those that
are installed. HALFULP_CUDA=1: with the CUDA kernels, for torch (Paddle's ops stay in host memory); needs nvcc, and a torch that
has CUDA. HALFULP_BUILD_DIR: where the kernels are compiled, by default build/custom_op of the repository, or
build/custom_op_cuda; a folder that CMake has configured before keeps its settings, so that build/default, after `make test`,
has nothing left to compile.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

from halfulp.cpp_extension import commands, frameworks as installed  # noqa: E402
from halfulp.cpp_extension.extension import FrameworkExtension  # noqa: E402
from halfulp.cpp_extension.toolchain import workers  # noqa: E402

KNOWN = ("torch", "paddle")
CUDA = os.environ.get("HALFULP_CUDA", "0") not in ("", "0")


def frameworks() -> list[str]:
    given = os.environ.get("HALFULP_FRAMEWORKS")
    if given is None:
        return [name for name in KNOWN if importlib.util.find_spec(name)]
    names = [name for name in given.split(",") if name and name != "none"]
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        raise SystemExit(f"HALFULP_FRAMEWORKS is {given!r}; it must be none, or names of {', '.join(KNOWN)}")
    return names


def kernels() -> Path:
    """The folder in which CMake has built the kernels."""
    build = Path(os.environ.get("HALFULP_BUILD_DIR", ROOT / "build" / ("custom_op_cuda" if CUDA else "custom_op")))
    if not (build / "link_line.txt").exists():
        configure(build)
    if CUDA != ("HALFULP_CUDA:BOOL=ON" in (build / "CMakeCache.txt").read_text()):
        raise SystemExit(f"HALFULP_CUDA is {'1' if CUDA else 'not set'}, and {build} is configured the other way")
    subprocess.run(["cmake", "--build", str(build), "-j", str(workers()), "--target", "halfulp_kernels"], check=True)
    return build


def configure(build: Path) -> None:
    command = ["cmake", "-S", str(ROOT), "-B", str(build), "-DCMAKE_BUILD_TYPE=Release", "-DHALFULP_ANALYSIS=OFF"]
    command += ["-DHALFULP_TESTS=OFF", "-DHALFULP_EVALUATE=OFF", "-DCMAKE_POSITION_INDEPENDENT_CODE=ON", "-G", "Ninja"]
    command += [f"-DHALFULP_CUDA={'ON' if CUDA else 'OFF'}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def sources(framework: str) -> list[str]:
    """The files of csrc. Throws SystemExit where CUDA is asked for and torch has none."""
    if framework == "paddle":
        return ["paddle.cc", "description.cpp", "output_types.cpp"]
    if CUDA and not installed.find("torch").cuda:
        raise SystemExit(f"HALFULP_CUDA is set, and torch {installed.find('torch').version} has no CUDA")
    return ["torch.cpp", "description.cpp", "output_types.cpp", *(["torch_cuda.cpp"] if CUDA else [])]


def extension(framework: str, build: Path) -> FrameworkExtension:
    return FrameworkExtension(
        framework,
        [f"csrc/{source}" for source in sources(framework)],
        name=f"halfulp.{framework}._ops",
        include_dirs=[build / "include", "csrc"],
        # -O1: these files read arguments, of every op and dtype; what computes is in the kernels.
        extra_compile_args={"cxx": ["-std=c++20", "-O1", "-fopenmp", "-ffp-contract=off"]},
        libraries=["torch_cuda"] if CUDA and framework == "torch" else [],
        extra_link_args=[
            "-fopenmp", "-Wl,--exclude-libs,ALL",
            # What is missing is named when it is linked. Paddle's headers hold pybind11, whose names Python has.
            *(["-Wl,-z,defs"] if framework == "torch" else []),
            *(build / "link_line.txt").read_text().split(),
        ],  # fmt: skip
        stable_abi="2.10" if framework == "torch" else None,
    )


def in_use() -> bool:
    """Whether this run builds anything: `egg_info`, `dist_info` and the like only ask for names."""
    return any(word in sys.argv for word in ("build", "build_ext", "bdist_wheel", "editable_wheel", "install", "develop"))


found = frameworks()
options: dict = {}
if found:
    build = kernels() if in_use() else None
    options = {
        "ext_modules": [extension(name, build) for name in found] if build else [],
        "cmdclass": {
            "build_ext": commands.BuildExtension, "bdist_wheel": commands.ReproducibleWheel,
            "install": commands.InstallWheel, "bdist_egg": commands.NoEgg,
        },
        "zip_safe": False,
    }  # fmt: skip
setup(**options)
