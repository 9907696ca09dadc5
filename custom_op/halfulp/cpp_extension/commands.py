"""The setuptools commands: build_ext, bdist_wheel and install. Plain subclasses of setuptools' public commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from setuptools import Command, errors
from setuptools.command.build_ext import build_ext
from setuptools.command.install import install

from halfulp.cpp_extension import eggs, frameworks, package_files
from halfulp.cpp_extension.extension import FrameworkExtension
from halfulp.cpp_extension.toolchain import Build

try:  # setuptools has it from 70.1 on
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:
    try:
        from wheel.bdist_wheel import bdist_wheel
    except ImportError:
        raise ImportError(
            "setuptools before 70.1 builds wheels with the package wheel, which is not installed: pip install wheel"
        ) from None

# Wheels carry no build time: two builds of one tree are the same file. Zip cannot say an earlier date.
_EPOCH = "315532800"


def name_modules(distribution) -> None:
    """Gives each extension the name that Python imports: its own, or else the distribution's.

    Where that name is a package of the user's, the extension goes into it as `_ops`: its `__init__.py` stays the user's.
    """
    packages = set(distribution.packages or [])
    ours = [e for e in distribution.ext_modules or [] if isinstance(e, FrameworkExtension)]
    unnamed = [e for e in ours if not e.module]
    if len(unnamed) > 1:
        raise ValueError(f"{len(unnamed)} extensions have no name; at most one may take the distribution's")
    for extension in ours:
        module = extension.module or distribution.get_name().replace("-", "_")
        if module in packages:
            module += "._ops"
        extension.rename(module)
    repeated = {e.module for e in ours if [x.module for x in ours].count(e.module) > 1}
    if repeated:
        raise ValueError(f"more than one extension has the name {', '.join(sorted(repeated))}")


class BuildExtension(build_ext):
    """Builds each extension into a package folder: library, Python functions, stubs, record of the build."""

    @classmethod
    def with_options(cls, **options) -> type[BuildExtension]:
        """The same, for callers of the frameworks' own class. `no_python_abi_suffix`, `use_ninja` and
        `output_dir` are taken and need no doing; any other option is refused."""
        unknown = set(options) - {"no_python_abi_suffix", "use_ninja", "output_dir"}
        if unknown:
            raise TypeError(f"BuildExtension.with_options: unknown option {', '.join(sorted(unknown))}")
        return cls

    def finalize_options(self) -> None:
        name_modules(self.distribution)
        super().finalize_options()
        self._made: dict[str, list[Path]] = {}

    def get_ext_filename(self, fullname: str) -> str:
        """`a.b._C` -> `a/b/_C.so`: no Python in the file's name, which Python does not import by itself."""
        return os.path.join(*fullname.split(".")) + ".so"

    def build_extension(self, ext) -> None:
        if not isinstance(ext, FrameworkExtension):
            super().build_extension(ext)
            return
        library = Path(self.get_ext_fullpath(ext.name))
        framework = frameworks.find(ext.framework)
        depth = ext.name.count(".")
        objects = Path(self.build_temp) / ext.framework / ext.module
        Build(ext, framework, objects, library, depth).run(verbose=ext.verbose or bool(self.verbose > 1))
        self._made[ext.name] = package_files.write(ext, framework, library)

    def build_extensions(self) -> None:
        # setuptools' own loop takes failures of optional extensions lightly; ours end the build.
        for ext in self.extensions:
            self.build_extension(ext)

    def copy_extensions_to_source(self) -> None:
        """For build_ext --inplace and editable installs: the package folder beside the sources."""
        build_py = self.get_finalized_command("build_py")
        for ext in self.extensions:
            parent, _, _ = ext.name.rpartition(".")
            folder = Path(self._source_folder(build_py, parent))
            folder.mkdir(parents=True, exist_ok=True)
            for made in self._made.get(ext.name, []):
                shutil.copy2(made, folder / made.name)

    @staticmethod
    def _source_folder(build_py, package: str) -> str:
        """Where the sources of `package` lie; one that does not exist yet goes where its parent is."""
        outer, _, last = package.rpartition(".")
        if package in (build_py.packages or []) or not outer:
            return build_py.get_package_dir(package)
        return os.path.join(BuildExtension._source_folder(build_py, outer), last)

    def get_outputs(self) -> list[str]:
        made = getattr(self, "_made", {})
        return [str(p) for e in self.extensions for p in made.get(e.name, [Path(self.get_ext_fullpath(e.name))])]

    def get_output_mapping(self) -> dict[str, str]:
        return {}


class ReproducibleWheel(bdist_wheel):
    """A wheel that is the same file whenever it is built, and tagged for what is in it."""

    def finalize_options(self) -> None:
        super().finalize_options()
        if any(isinstance(e, FrameworkExtension) for e in self.distribution.ext_modules or []):
            self.root_is_pure = False

    def run(self) -> None:
        os.environ.setdefault("SOURCE_DATE_EPOCH", _EPOCH)
        super().run()

    def get_tag(self) -> tuple[str, str, str]:
        """py3-none-<platform> where no library in it is a Python module."""
        python, abi, platform = super().get_tag()
        built = self.distribution.get_command_obj("build_ext", create=False)
        made = getattr(built, "_made", {})
        foreign = [e for e in self.distribution.ext_modules or [] if not isinstance(e, FrameworkExtension)]
        if not made or foreign or any(_is_python_module(files) for files in made.values()):
            return python, abi, platform
        return "py3", "none", platform


def _is_python_module(files: list[Path]) -> bool:
    record = next(path for path in files if path.name == "build.json")
    return bool(json.loads(record.read_text(encoding="utf-8"))["module"])


class InstallWheel(install):
    """`python setup.py install`: builds a wheel and lets pip install it, so that pip can list and remove it.

    --prefix, --user, --root, and --install-lib (as pip's --target) are respected. Eggs of the same project, left by
    an older setuptools, are removed once the wheel is built, with a message.
    """

    def run(self) -> None:
        if not self.warn_dir:  # how every bdist command says that it only gathers files
            super().run()
            return
        name = self.distribution.get_name()
        with tempfile.TemporaryDirectory() as folder:
            wheel = self.distribution.get_command_obj("bdist_wheel")
            wheel.dist_dir = folder
            self.run_command("bdist_wheel")
            built = next(Path(folder).glob("*.whl"))
            for egg in eggs.find(name):
                print(f"halfulp: removing {egg.path}, an egg of an earlier installation of {name}", flush=True)
                eggs.remove(egg)
            command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--force-reinstall", str(built)]
            status = subprocess.run([*command, *self._destination()]).returncode
        if status != 0:
            raise SystemExit(f"halfulp: pip could not install {built.name} (exit status {status})")

    def _destination(self) -> list[str]:
        """This command's options as pip's: as they were given, since bdist_wheel has set this command's own anew."""
        given = self.distribution.get_option_dict("install")
        value = {key: source_value[1] for key, source_value in given.items()}
        flags = ["--user"] if value.get("user") else []
        flags += [f"--{key}={value[key]}" for key in ("prefix", "root") if value.get(key)]
        folder = value.get("install_lib") or value.get("install_platlib")
        if folder and os.path.realpath(folder) != os.path.realpath(sysconfig.get_paths()["platlib"]):
            flags.append(f"--target={folder}")
        return flags


class NoEgg(Command):
    """bdist_egg, refused: an egg that is not installed by easy_install does not import its shared library."""

    user_options: list = []

    def initialize_options(self) -> None:
        pass

    def finalize_options(self) -> None:
        pass

    def run(self) -> None:
        raise errors.OptionError("eggs are not built: use `pip wheel . --no-build-isolation`, or `pip install`")
