"""Eggs: what `setup.py install` of setuptools before 80 left in site-packages. They still import; these find and end them."""

from __future__ import annotations

import dataclasses
import re
import shutil
import site
import sys
import sysconfig
import zipfile
from pathlib import Path

_PTH = "easy-install.pth"


@dataclasses.dataclass(frozen=True)
class Egg:
    """One egg: its project, version, path, and whether it holds an op built by a framework's own cpp_extension."""

    project: str
    version: str
    path: Path
    custom_op: bool


def normalized(name: str) -> str:
    """The project name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def site_folders() -> list[Path]:
    """The site-packages folders of this interpreter that exist."""
    folders = [sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"], *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [folder for folder in dict.fromkeys(map(Path, folders)) if folder.is_dir()]


def _names_in(path: Path) -> list[str]:
    if path.is_dir():
        return [str(entry.relative_to(path)) for entry in path.rglob("*")]
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _is_custom_op(path: Path) -> bool:
    names = _names_in(path)
    return any(name.endswith("_pd_.so") for name in names) or any(name.endswith("_C.so") for name in names)


def find(project: str | None = None, folders: list[Path] | None = None) -> list[Egg]:
    """The eggs in site-packages, all or those of one project."""
    found = []
    for folder in folders or site_folders():
        for path in sorted(folder.glob("*.egg")):
            name, _, rest = path.name[: -len(".egg")].partition("-")
            if project is not None and normalized(name) != normalized(project):
                continue
            if path.is_dir() or zipfile.is_zipfile(path):
                found.append(Egg(name, rest.partition("-py")[0], path, _is_custom_op(path)))
    return found


def remove(egg: Egg) -> None:
    """Deletes the egg and its line in easy-install.pth; other lines stay as they are."""
    if egg.path.is_dir():
        shutil.rmtree(egg.path)
    else:
        egg.path.unlink()
    pth = egg.path.parent / _PTH
    if not pth.exists():
        return
    kept = [line for line in pth.read_text().splitlines() if Path(line.strip()).name != egg.path.name]
    if any(line.strip() and not line.startswith("import ") for line in kept):
        pth.write_text("\n".join(kept) + "\n")
    else:
        pth.unlink()
    sys.path[:] = [entry for entry in sys.path if Path(entry) != egg.path]
