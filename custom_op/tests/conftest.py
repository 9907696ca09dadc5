"""One environment for the tests: Paddle 3.3.1 under setuptools 84.2.1, or what HALFULP_TEST_PADDLE and
HALFULP_TEST_SETUPTOOLS name. Environments lie in HALFULP_ENVIRONMENTS, by default build/environments; one that is missing
is made, or, with HALFULP_INSTALLED_ONLY=1, its tests are skipped."""

import os
import shutil
from pathlib import Path

import pytest
from environment import CUSTOM_OP, Environment


def environment_of(framework, version):
    """The environment, made if it is missing."""
    folder = Path(os.environ.get("HALFULP_ENVIRONMENTS", CUSTOM_OP.parent / "build" / "environments"))
    environment = Environment(folder, framework, version)
    if os.environ.get("HALFULP_INSTALLED_ONLY") == "1" and not environment.complete():
        pytest.skip(f"{folder} has no environment of {framework} {version}")
    environment.make()
    return environment


@pytest.fixture(scope="session")
def env():
    environment = environment_of("paddle", os.environ.get("HALFULP_TEST_PADDLE", "3.3.1"))
    environment.use_setuptools(os.environ.get("HALFULP_TEST_SETUPTOOLS", "84.2.1"))
    return environment


class Project:
    """A copy of an example to build, install and change."""

    def __init__(self, env, folder):
        self.env, self.folder = env, folder

    def setup(self, *args):
        return self.env.run("setup.py", *args, cwd=self.folder)

    def wheel(self, into="dist"):
        self.env.run("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", into, ".", cwd=self.folder)
        (built,) = (self.folder / into).glob("*.whl")
        return built

    def run(self, program, *paths):
        """Runs a program in a fresh process, with folders in front of sys.path."""
        lines = [f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}", program]
        return self.env.run("-c", "\n".join(lines), cwd=self.folder.parent)


@pytest.fixture
def project(env, tmp_path):
    """project("paddle_relu"): a fresh copy of that example, in a folder of its own."""

    def copy(example, name="project"):
        folder = tmp_path / name / example
        shutil.copytree(CUSTOM_OP / "examples" / example, folder)
        return Project(env, folder)

    return copy
