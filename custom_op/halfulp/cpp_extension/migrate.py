"""`halfulp-custom-op migrate`: lists the eggs of custom ops in site-packages, and rebuilds or removes them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from halfulp.cpp_extension import eggs


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="halfulp-custom-op", description=__doc__.split("`: ")[1])
    commands = parser.add_subparsers(dest="command", required=True)
    migrate = commands.add_parser("migrate", help="eggs left by setup.py install of setuptools before 80")
    migrate.add_argument("project", nargs="*", help="only these projects; all if none is named")
    migrate.add_argument("--all-eggs", action="store_true", help="also eggs that hold no custom op")
    action = migrate.add_mutually_exclusive_group()
    action.add_argument("--uninstall", action="store_true", help="remove them")
    action.add_argument("--rebuild", metavar="DIR", type=Path, help="remove one, then pip install its sources at DIR")
    return parser.parse_args(argv)


def _listed(args: argparse.Namespace) -> list[eggs.Egg]:
    wanted = {eggs.normalized(name) for name in args.project}
    found = [egg for egg in eggs.find() if args.all_eggs or egg.custom_op]
    absent = wanted - {eggs.normalized(egg.project) for egg in found}
    if absent:
        raise SystemExit(f"halfulp-custom-op: no egg of {', '.join(sorted(absent))} in {', '.join(map(str, eggs.site_folders()))}")
    return [egg for egg in found if not wanted or eggs.normalized(egg.project) in wanted]


def _rebuild(egg: eggs.Egg, sources: Path) -> None:
    """The egg goes only once its successor is built."""
    if not (sources / "setup.py").exists() and not (sources / "pyproject.toml").exists():
        raise SystemExit(f"halfulp-custom-op: --rebuild {sources}: there is no setup.py or pyproject.toml in it")
    wheels = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w"]
    folder = Path(sources) / "build" / "migrated"
    if subprocess.run([*wheels, str(folder), str(sources)]).returncode != 0:
        raise SystemExit(f"halfulp-custom-op: {sources} does not build; {egg.path} is left as it is")
    wheel = max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    eggs.remove(egg)
    subprocess.run([sys.executable, "-m", "pip", "install", "--no-deps", "--force-reinstall", str(wheel)], check=True)


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 1 with a message where something asked for could not be done."""
    args = _arguments(argv)
    found = _listed(args)
    if args.rebuild and len(found) != 1:
        raise SystemExit(f"halfulp-custom-op: --rebuild takes one project, {len(found)} eggs are meant: name it")
    for egg in found:
        print(f"{egg.project} {egg.version}  {egg.path}")
        if args.uninstall:
            eggs.remove(egg)
            print("  removed")
        elif args.rebuild:
            _rebuild(egg, args.rebuild)
    if not found:
        print("no egg of a custom op is installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
