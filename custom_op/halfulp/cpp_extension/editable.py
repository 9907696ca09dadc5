"""`setup.py develop`, which pip runs for `pip install -e .` where a project has no pyproject.toml."""

from __future__ import annotations

import subprocess
import sys

from setuptools import Command


class EditableInstall(Command):
    """An editable install by PEP 660, in this environment.

    setuptools' own command, from 80 on, hands the project to a pip that builds in isolation, where neither the framework
    nor halfulp is. --user and --prefix are respected.
    """

    description = "install the package so that Python imports it from its sources"
    user_options = [
        ("no-deps", "N", "don't install what the package requires"),
        ("user", None, "install into the user's site-packages"),
        ("prefix=", None, "installation prefix"),
        ("root=", None, "install everything relative to this folder"),
    ]
    boolean_options = ["no-deps", "user"]

    def initialize_options(self) -> None:
        self.no_deps = self.user = False
        self.prefix = self.root = None

    def finalize_options(self) -> None:
        pass

    def run(self) -> None:
        """Throws SystemExit where pip fails."""
        command = [sys.executable, "-m", "pip", "install", "-e", ".", "--use-pep517", "--no-build-isolation"]
        command += ["--no-deps"] if self.no_deps else []
        command += ["--user"] if self.user else []
        command += [f"--{key}={value}" for key in ("prefix", "root") if (value := getattr(self, key))]
        status = subprocess.run(command).returncode
        if status != 0:
            raise SystemExit(f"halfulp: pip could not install the sources in place (exit status {status})")
