"""Eggs that Paddle's own packaging and setuptools 65.5 install: they import under later setuptools, and can be ended."""

import shutil

import pytest
from conftest import environment_of
from environment import CUSTOM_OP

EXAMPLE = CUSTOM_OP / "examples" / "paddle_relu"
CALL = """
import example_relu, numpy as np, paddle
print(example_relu.__file__)
np.testing.assert_array_equal(example_relu.example_relu(paddle.to_tensor([-1.0, 2.0])).numpy(), [0.0, 2.0])
"""


@pytest.fixture(scope="module")
def eggs_env():
    return environment_of("paddle", "3.0.0")


@pytest.fixture
def egg(eggs_env, tmp_path):
    """An egg of the example, built by Paddle's own cpp_extension; removed afterwards whatever happens."""
    before = eggs_env.files()
    eggs_env.use_setuptools("65.5.0")
    source = tmp_path / "source"
    shutil.copytree(EXAMPLE, source)
    setup = (source / "setup.py").read_text().replace("halfulp.cpp_extension", "paddle.utils.cpp_extension")
    (source / "setup.py").write_text(setup)
    eggs_env.run("setup.py", "-q", "install", cwd=source)
    yield source
    eggs_env.run("-c", "from halfulp.cpp_extension import eggs; [eggs.remove(e) for e in eggs.find('example_relu')]")
    eggs_env.run("-m", "pip", "uninstall", "-q", "-y", "example_relu")
    assert not {path for path in eggs_env.files() - before if "example_relu" in path}


@pytest.mark.parametrize("setuptools", ["80.9.0", "84.2.1"])
def test_an_egg_imports_and_runs_under_later_setuptools(eggs_env, egg, setuptools):
    eggs_env.use_setuptools(setuptools)
    assert ".egg" in eggs_env.run("-c", CALL)


def test_migrate_lists_and_uninstalls(eggs_env, egg):
    eggs_env.use_setuptools("84.2.1")
    listed = eggs_env.run("-m", "halfulp.cpp_extension.migrate", "migrate")
    assert "example_relu 1.0" in listed
    eggs_env.run("-m", "halfulp.cpp_extension.migrate", "migrate", "example-relu", "--uninstall")
    assert "no egg of a custom op" in eggs_env.run("-m", "halfulp.cpp_extension.migrate", "migrate")
    with pytest.raises(RuntimeError, match="No module named 'example_relu'"):
        eggs_env.run("-c", CALL)


def test_migrate_rebuilds(eggs_env, egg, tmp_path):
    eggs_env.use_setuptools("84.2.1")
    fresh = tmp_path / "fresh"
    shutil.copytree(EXAMPLE, fresh)
    eggs_env.run("-m", "halfulp.cpp_extension.migrate", "migrate", "example_relu", "--rebuild", str(fresh))
    assert ".egg" not in eggs_env.run("-c", CALL)


def test_installing_over_an_egg_removes_it_and_says_so(eggs_env, egg, tmp_path):
    eggs_env.use_setuptools("84.2.1")
    fresh = tmp_path / "fresh"
    shutil.copytree(EXAMPLE, fresh)
    said = eggs_env.run("setup.py", "-q", "install", cwd=fresh)
    assert "an egg of an earlier installation of example_relu" in said
    assert ".egg" not in eggs_env.run("-c", CALL)


def test_an_unknown_project_is_refused(eggs_env):
    eggs_env.use_setuptools("84.2.1")
    with pytest.raises(RuntimeError, match="no egg of nowhere"):
        eggs_env.run("-m", "halfulp.cpp_extension.migrate", "migrate", "nowhere")
