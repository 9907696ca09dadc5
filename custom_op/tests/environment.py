"""Virtual environments that hold one framework each, and what their site-packages hold."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

CUSTOM_OP = Path(__file__).resolve().parent.parent


class Environment:
    """One framework of one version, with the setuptools asked for. Made once, then reused."""

    def __init__(self, folder: Path, framework: str, version: str):
        self.framework, self.version = framework, version
        self.folder = folder / f"{framework}-{version}"
        self.python = self.folder / "bin" / "python"
        self._complete = self.folder / "complete"

    def complete(self) -> bool:
        return self._complete.exists()

    def make(self) -> None:
        """Creates the environment and installs the framework, unless that is done."""
        if self.complete():
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(self.folder)], check=True)
        package = {"paddle": "paddlepaddle"}.get(self.framework, self.framework)
        self.pip("install", f"{package}=={self.version}", "numpy", "wheel", "ninja")
        self._complete.touch()

    def use_setuptools(self, version: str) -> None:
        """Puts this setuptools in, whatever the framework asks for, and halfulp itself beside it."""
        self.pip("install", "--no-deps", f"setuptools=={version}")
        self.install_halfulp()

    def install_halfulp(self, frameworks: str = "none") -> None:
        """Installs this tree's halfulp, with its ops for these frameworks. pip builds in the tree, one process at a time."""
        (CUSTOM_OP / "build").mkdir(exist_ok=True)
        with (CUSTOM_OP / "build" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            options = ("--no-deps", "--no-build-isolation", "--force-reinstall")
            self.pip("install", *options, str(CUSTOM_OP), frameworks=frameworks)

    def pip(self, *args: str, frameworks: str = "none") -> None:
        self.run("-m", "pip", "--disable-pip-version-check", "-q", *args, frameworks=frameworks)

    def run(self, *args: str, cwd: Path | None = None, frameworks: str = "none") -> str:
        """Runs this environment's Python and returns what it printed. Throws RuntimeError with all of it if it fails.

        frameworks: for which of them halfulp's own ops are built, should it be installed; else the packaging library
        alone is.
        """
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        clean["HALFULP_FRAMEWORKS"] = frameworks
        done = subprocess.run(
            [str(self.python), *args], cwd=cwd or self.folder, env=clean, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(args)}: exit status {done.returncode}\n{done.stdout}")
        return done.stdout

    @property
    def site(self) -> Path:
        return next((self.folder / "lib").glob("python3*")) / "site-packages"

    def files(self) -> set[str]:
        """Every file and folder of site-packages but compiled Python files."""
        found = set()
        for folder, folders, files in os.walk(self.site):
            folders[:] = [name for name in folders if name != "__pycache__"]
            found.update(os.path.relpath(os.path.join(folder, name), self.site) for name in folders + files)
        return found
