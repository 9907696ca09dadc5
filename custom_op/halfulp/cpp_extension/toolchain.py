"""From an extension to a shared library: the compiler's command lines, run side by side.

A command that fails ends the build at once, with the compiler's own message. Objects are kept beside the command
that made them and the headers it read, so that what is unchanged is not compiled again; ccache is used where it is.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import errors

from halfulp.cpp_extension.extension import CUDA_SUFFIXES, FrameworkExtension, cuda_home
from halfulp.cpp_extension.frameworks import Framework, architecture_flags


class CompileError(errors.CompileError):
    """A compiler or the linker failed: the command, its exit status and what it printed."""


def _run(command: list[str], verbose: bool) -> None:
    if verbose:
        print(shlex.join(command), flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise CompileError(f"exit status {done.returncode} of\n{shlex.join(command)}\n{done.stdout.rstrip()}")
    if done.stdout.strip():
        print(done.stdout.rstrip(), file=sys.stderr, flush=True)


def _cxx() -> list[str]:
    return shlex.split(os.environ.get("CXX", "c++" if shutil.which("c++") else "g++"))


def _cached(command: list[str]) -> list[str]:
    """With ccache in front, where it is installed and not asked to keep out."""
    ccache = shutil.which("ccache")
    return [ccache, *command] if ccache and not os.environ.get("CCACHE_DISABLE") else command


def workers() -> int:
    """How many compilers run at a time: MAX_JOBS, else the processors this process may use."""
    given = os.environ.get("MAX_JOBS")
    if given is None:
        return len(os.sched_getaffinity(0))
    if not given.isdigit() or int(given) < 1:
        raise ValueError(f"MAX_JOBS is {given!r}; it must be a whole number, at least 1")
    return int(given)


class Build:
    """The commands of one extension, with its objects under `objects` and its library at `library`."""

    def __init__(self, extension: FrameworkExtension, framework: Framework, objects: Path, library: Path, depth: int):
        self.extension = extension
        self.framework = framework
        self.objects = objects
        self.library = library
        self.depth = depth
        self.module = extension.module.rpartition(".")[2]

    def run(self, verbose: bool) -> bool:
        """Compiles what changed and links; false if nothing had to be done. Throws CompileError."""
        self.objects.mkdir(parents=True, exist_ok=True)
        self.library.parent.mkdir(parents=True, exist_ok=True)
        targets = [self._object_of(source) for source in self.extension.sources]
        with ThreadPoolExecutor(workers()) as pool:
            jobs = [
                pool.submit(self._compile, source, target, verbose)
                for source, target in zip(self.extension.sources, targets)
            ]
            try:
                for job in jobs:
                    job.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return self._link(targets, verbose)

    def _link(self, targets: list[Path], verbose: bool) -> bool:
        """The library is put in place whole, so that no process sees half of one."""
        command = self._link_command(targets)
        record = self.objects / "link.cmd"
        made = self.library.stat().st_mtime_ns if self.library.exists() else -1
        if (
            record.exists()
            and record.read_text() == shlex.join(command)
            and all(path.stat().st_mtime_ns <= made for path in self._linked(targets))
        ):
            return False
        fresh = self.library.with_suffix(".new")
        _run([*command, "-o", str(fresh)], verbose)
        fresh.replace(self.library)
        record.write_text(shlex.join(command))
        return True

    def _linked(self, targets: list[Path]) -> list[Path]:
        """The files that the extension names for the linker: objects, and libraries by their paths."""
        named = [Path(word) for word in [*self.extension.extra_objects, *self.extension.extra_link_args]]
        return [*targets, *(path for path in named if path.is_file())]

    def _object_of(self, source: str) -> Path:
        key = hashlib.sha256(os.fsencode(source)).hexdigest()[:8]
        return self.objects / f"{Path(source).stem}-{key}.o"

    def _compile(self, source: str, target: Path, verbose: bool) -> None:
        cuda = Path(source).suffix in CUDA_SUFFIXES
        command = self._nvcc_command(source, target) if cuda else self._cxx_command(source, target)
        if not _is_current(command, target):
            _run(command, verbose)
            target.with_suffix(".cmd").write_text(shlex.join(command))

    def _shared_flags(self) -> list[str]:
        e = self.extension
        macros = [f"-D{name}" if value is None else f"-D{name}={value}" for name, value in e.define_macros]
        own = [f"-I{folder}" for folder in e.include_dirs]
        theirs = [part for folder in self.framework.include_dirs for part in ("-isystem", str(folder))]
        macros += ["-DPADDLE_WITH_CUDA"] if self.framework.name == "paddle" and self._uses_cuda() else []
        return [*self.framework.compile_flags(self.module, e.stable_abi), *macros, *(f"-U{m}" for m in e.undef_macros), *own, *theirs]

    def _uses_cuda(self) -> bool:
        """CUDA sources for a framework that has CUDA itself: one without it lacks the symbols its headers declare."""
        return bool(self.framework.cuda) and any(Path(s).suffix in CUDA_SUFFIXES for s in self.extension.sources)

    def _cuda_libraries(self) -> list[str]:
        """The framework's own CUDA runtime if it has one; else one inside the library, as nvcc links by itself."""
        home = cuda_home()
        if not self.extension.cuda or home is None:
            return []
        runtime = ["-lcudart"] if self.framework.cuda else ["-lcudart_static", "-lrt", "-ldl", "-lpthread"]
        return [f"-L{home}/lib64", *runtime]

    def _standard(self, given: list[str]) -> list[str]:
        return [] if any(flag.startswith("-std=") for flag in given) else [self.framework.standard]

    def _cxx_command(self, source: str, target: Path) -> list[str]:
        given = self.extension.extra_compile_args["cxx"]
        debug = ["-g"] if self.extension.debug_info else ["-g0"]
        # No path of this machine in what __FILE__ and assertions leave behind.
        here = [f"-ffile-prefix-map={Path.cwd()}=.", f"-ffile-prefix-map={self.framework.root.parent}=."]
        return [
            *_cached(_cxx()), "-O3", "-DNDEBUG", "-fPIC", "-fvisibility=hidden", *self._standard(given), *here,
            *self._shared_flags(), *given, *debug, "-MMD", "-MF", str(target.with_suffix(".d")),
            "-c", source, "-o", str(target),
        ]  # fmt: skip

    def _nvcc_command(self, source: str, target: Path) -> list[str]:
        home = cuda_home()
        if home is None:
            raise CompileError(f"{source} needs nvcc: put it on PATH, or set CUDA_HOME")
        given = self.extension.extra_compile_args["nvcc"]
        named = [flag for flag in given if flag.startswith(("-gencode", "-arch", "--generate-code"))]
        arch = [] if named else architecture_flags()
        return [
            *_cached([str(home / "bin" / "nvcc")]), "-O3", "-DNDEBUG", "-Xcompiler", "-fPIC",
            "--expt-relaxed-constexpr", *self._standard(given), *self._shared_flags(), *arch, *given,
            "-MD", "-MF", str(target.with_suffix(".d")), "-c", source, "-o", str(target),
        ]  # fmt: skip

    def _link_command(self, targets: list[Path]) -> list[str]:
        e = self.extension
        strip = [] if e.debug_info else ["-s"]
        return [
            *_cxx(), "-shared", *strip, *map(str, targets), *e.extra_objects, *(f"-L{d}" for d in e.library_dirs),
            *(f"-l{name}" for name in e.libraries), *self._cuda_libraries(),
            *self.framework.link_flags(self.depth, with_python=not e.stable_abi),
            *(f"-Wl,-rpath,{d}" for d in e.runtime_library_dirs), *e.extra_link_args,
        ]  # fmt: skip


def _is_current(command: list[str], target: Path) -> bool:
    """The object was made by this very command, from files that have not changed since."""
    record, depends = target.with_suffix(".cmd"), target.with_suffix(".d")
    if not (target.exists() and record.exists() and depends.exists()) or record.read_text() != shlex.join(command):
        return False
    made = target.stat().st_mtime_ns
    read = depends.read_text().partition(":")[2].replace("\\\n", " ")
    return all(os.path.exists(path) and os.stat(path).st_mtime_ns <= made for path in shlex.split(read))
