"""The ops themselves, built for each framework, in environments of their own: exact bits, gradients, compiled and static
programs, empty tensors, refusals, overrides. The programs are ops_torch.py and ops_paddle.py."""

from pathlib import Path

import pytest
from conftest import environment_of

TESTS = Path(__file__).resolve().parent


@pytest.fixture(params=["torch==2.15.0", "torch==2.12.1", "paddle==3.3.1", "paddle==3.2.2", "paddle==3.0.0"])
def installed(request):
    """An environment of this framework with halfulp's ops built for it."""
    env = environment_of(*request.param.split("=="))
    env.pip("install", "--no-deps", "setuptools==84.2.1")
    env.install_halfulp(env.framework)
    yield env
    env.pip("uninstall", "-y", "halfulp")


def test_ops(installed, tmp_path):
    for name in ("exact.py", "samples_torch.py", f"ops_{installed.framework}.py"):
        (tmp_path / name).write_text((TESTS / name).read_text())
    if installed.framework == "torch":
        installed.pip("install", "pytest", "expecttest")
        installed.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "ops_torch.py", cwd=tmp_path)
    else:
        assert "Error" not in installed.run("ops_paddle.py", cwd=tmp_path)
