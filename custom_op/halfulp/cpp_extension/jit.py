"""`load`: from sources to an imported module in one call."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from halfulp.cpp_extension import frameworks, package_files
from halfulp.cpp_extension.extension import make_extension
from halfulp.cpp_extension.toolchain import Build


def get_build_directory(verbose: bool = False) -> str:
    """Where `load` builds: PADDLE_EXTENSION_DIR or TORCH_EXTENSIONS_DIR, else a folder in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME", os.path.join(os.path.expanduser("~"), ".cache"))
    folder = (
        os.environ.get("PADDLE_EXTENSION_DIR")
        or os.environ.get("TORCH_EXTENSIONS_DIR")
        or os.path.join(cache, "halfulp", "extensions")
    )
    if verbose:
        print(f"extensions are built in {folder}")
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process builds in a folder at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _import(name: str, folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def load(
    framework: str,
    name: str,
    sources: Sequence[str],
    *,
    extra_cxx_cflags: Sequence[str] | None = None,
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[str] | None = None,
    extra_library_paths: Sequence[str] | None = None,
    build_directory: str | None = None,
    verbose: bool = False,
    op_defaults: dict | None = None,
) -> ModuleType:
    """Builds the extension `name` and imports it; what has not changed is not compiled again.

    extra_cxx_cflags and extra_cflags are Paddle's and PyTorch's names of the same. Throws CompileError with the
    compiler's message, LoadError, or ImportError as an installed package does.
    """
    sources = [os.path.abspath(source) for source in sources]
    folder = Path(build_directory or get_build_directory()).absolute() / f"{sys.implementation.cache_tag}" / name
    extension = make_extension(
        framework,
        any(source.endswith(".cu") for source in sources),
        (name, sources),
        {
            "extra_compile_args": {
                "cxx": [*(extra_cxx_cflags or []), *(extra_cflags or [])],
                "nvcc": list(extra_cuda_cflags or []),
            },
            "include_dirs": extra_include_paths,
            "library_dirs": extra_library_paths,
            "extra_link_args": list(extra_ldflags or []),
            "op_defaults": op_defaults or {},
        },
    )
    found = frameworks.find(framework)
    with _alone(folder):
        library = folder / name / "_C.so"
        changed = Build(extension, found, folder / "objects", library, depth=1).run(verbose)
        if changed or not library.with_name("build.json").exists():
            package_files.write(extension, found, library)
    return _import(name, folder / name)
