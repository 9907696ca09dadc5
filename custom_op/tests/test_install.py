"""Ways of installing that are no cell of the matrix, names that drop-in callers import, and a CUDA op."""

import os
import shutil
import subprocess
import zipfile

import pytest

CUDA = shutil.which("nvcc", path=f"{os.environ.get('PATH', '')}:/usr/local/cuda/bin")


def test_user_installs_go_to_the_users_folder(project, env, tmp_path):
    """In a virtual environment that sees the user's folder, as a plain Python does."""
    env.run("-m", "venv", "--system-site-packages", "--without-pip", str(tmp_path / "venv"))
    (site,) = (tmp_path / "venv" / "lib").glob("python3*/site-packages")
    (site / "framework.pth").write_text(f"{env.site}\n")
    relu, before = project("paddle_relu"), env.files()
    variables = {**os.environ, "PYTHONUSERBASE": str(tmp_path / "user")}
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, "setup.py", "-q", "install", "--user"], cwd=relu.folder, env=variables, check=True)
    assert list((tmp_path / "user").rglob("example_relu/_C.so"))
    assert env.files() == before
    program = "import example_relu; print(example_relu.__file__)"
    said = subprocess.run([python, "-c", program], cwd=tmp_path, env=variables, check=True, capture_output=True, text=True)
    assert str(tmp_path / "user") in said.stdout


def test_editable_installs_import_from_the_sources(project, env):
    relu, before = project("paddle_relu"), env.files()
    env.run("-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", ".", cwd=relu.folder)
    try:
        assert str(relu.folder) in relu.run("import example_relu; print(example_relu.__file__)")
    finally:
        env.pip("uninstall", "-y", "example_relu")
    assert env.files() == before


def test_a_library_is_linked_again_when_an_archive_it_names_is_newer(project):
    relu = project("paddle_relu")
    program = f"""
import os, subprocess
from pathlib import Path
from halfulp.cpp_extension import frameworks
from halfulp.cpp_extension.extension import FrameworkExtension
from halfulp.cpp_extension.toolchain import Build
os.chdir({str(relu.folder)!r})
subprocess.run(["ar", "rc", "libextra.a"], check=True)
extension = FrameworkExtension("paddle", ["relu.cc"], name="relu", extra_link_args=["libextra.a"])
build = Build(extension, frameworks.find("paddle"), Path("objects"), Path("built") / "_C.so", 1)
assert build.run(False) and not build.run(False)
os.utime("libextra.a")
assert build.run(False) and not build.run(False)
"""
    relu.run(program)


def test_a_package_may_have_operators_and_functions(project, tmp_path):
    relu = project("paddle_relu")
    source = relu.folder / "relu.cc"
    functions = 'PYBIND11_MODULE(example_relu, m) { m.def("answer", [] { return 42; }); }'
    source.write_text(f"{source.read_text()}\n{functions}\n")
    with zipfile.ZipFile(relu.wheel()) as archive:
        archive.extractall(tmp_path / "site")
    program = "import example_relu; assert example_relu.answer() == 42 and callable(example_relu.example_relu)"
    relu.run(program, tmp_path / "site")


def test_a_failed_command_says_what_it_printed(project):
    program = """
from halfulp.cpp_extension.extension_utils import run_cmd
assert run_cmd("true") == 0
try:
    run_cmd("echo the reason; exit 3")
except RuntimeError as failed:
    print(failed)
"""
    said = project("paddle_relu").run(program)
    assert "exit status 3" in said and "the reason" in said.partition("\n")[2]


def test_paddles_header_folders_exist(project):
    program = """
import os, pathlib, paddle
from halfulp.cpp_extension.extension_utils import _get_all_paddle_includes_from_include_root as folders
found = folders(os.path.join(paddle.__path__[0], "include"))
assert os.path.exists(os.path.join(found[0], "paddle", "extension.h")) and os.path.isdir(found[1])
"""
    project("paddle_relu").run(program)


@pytest.mark.skipif(CUDA is None, reason="no nvcc here")
def test_a_cuda_op_is_compiled_and_its_cpu_side_runs(project, tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_HOME", os.path.dirname(os.path.dirname(CUDA)))
    op = project("paddle_cuda")
    with zipfile.ZipFile(op.wheel()) as archive:
        archive.extractall(tmp_path / "site")
    library = tmp_path / "site" / "example_relu_cuda" / "_C.so"
    sections = subprocess.run(["readelf", "-SW", library], capture_output=True, text=True, check=True).stdout
    assert ".nv_fatbin" in sections  # device code
    op.run((op.folder / "check.py").read_text(), tmp_path / "site")
