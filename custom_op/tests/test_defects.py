"""What was measured to go wrong with Paddle 3.3.1's own packaging, and does not with this one."""

import hashlib
import json
import subprocess
import zipfile

import pytest

MULTI_PHASE = """
#include <Python.h>
#include "paddle/extension.h"
static PyObject* answer(PyObject*, PyObject*) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static int execute(PyObject* m) { return PyModule_AddIntConstant(m, "executed", 1); }
static PyModuleDef_Slot slots[] = {{Py_mod_exec, reinterpret_cast<void*>(execute)}, {0, nullptr}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "example_relu", nullptr, 0, methods, slots};
extern "C" __attribute__((visibility("default"))) PyObject* PyInit_example_relu() { return PyModuleDef_Init(&definition); }
"""


def unpacked(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def refusal(project, program, *paths):
    with pytest.raises(RuntimeError) as caught:
        project.run(program, *paths)
    return str(caught.value)


def test_easy_install_is_not_imported(project):
    program = "import sys; sys.modules['setuptools.command.easy_install'] = None; import halfulp.cpp_extension"
    project("paddle_relu").run(program)


def test_the_users_init_stays(project, tmp_path):
    three = project("paddle_three_ops")
    folder = unpacked(three.wheel(), tmp_path / "site")
    own = (three.folder / "example_three_ops" / "__init__.py").read_text()
    assert (folder / "example_three_ops" / "__init__.py").read_text() == own


def test_two_packages_with_one_op_name_do_not_end_the_process(project, tmp_path):
    first, second = project("paddle_relu", "a"), project("paddle_relu", "b")
    setup = second.folder / "setup.py"
    setup.write_text(setup.read_text().replace('name="example_relu"', 'name="other_relu"'))
    paths = unpacked(first.wheel(), tmp_path / "first"), unpacked(second.wheel(), tmp_path / "second")
    program = """
import example_relu
try:
    import other_relu
except ImportError as refused:
    print("REFUSED", refused)
"""
    said = first.run(program, *paths)
    assert "REFUSED other_relu registers the op example_relu" in said and "first" in said


def test_a_wheel_for_another_paddle_is_refused_at_import(project, tmp_path):
    relu = project("paddle_relu")
    folder = unpacked(relu.wheel(), tmp_path / "site")
    record = folder / "example_relu" / "build.json"
    built = json.loads(record.read_text())
    record.write_text(json.dumps({**built, "version": "2.6.2"}))
    said = refusal(relu, "import example_relu", folder)
    assert "ImportError: example_relu was built for paddle 2.6.2, found " + built["version"] in said


def test_nothing_but_the_package_is_at_top_level(project):
    names = zipfile.ZipFile(project("paddle_relu").wheel()).namelist()
    assert {name.split("/")[0] for name in names} == {"example_relu", "example_relu-1.0.dist-info"}


def test_ops_registered_in_a_header_are_found(project, tmp_path):
    folder = unpacked(project("paddle_three_ops").wheel(), tmp_path / "site")
    built = json.loads((folder / "example_three_ops" / "_ops" / "build.json").read_text())
    assert {"example_scale", "example_total", "example_sum_and_difference"} <= set(built["registers"])


def test_prefix_is_respected(project, tmp_path, env):
    before = env.files()
    project("paddle_relu").setup("-q", "install", f"--prefix={tmp_path / 'prefix'}")
    assert list((tmp_path / "prefix").rglob("example_relu/_C.so"))
    assert env.files() == before


def test_the_run_path_is_relative(project, tmp_path):
    library = unpacked(project("paddle_relu").wheel(), tmp_path / "site") / "example_relu" / "_C.so"
    dynamic = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
    (run_path,) = [line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "RUNPATH" in line]
    assert all(folder.startswith("$ORIGIN/..") for folder in run_path.split(":"))


def test_a_package_may_have_several_extensions(project, tmp_path):
    relu = project("paddle_relu")
    three = project("paddle_three_ops")
    for name in ("ops.cc", "ops.h"):
        (relu.folder / name).write_text((three.folder / name).read_text())
    (relu.folder / "setup.py").write_text("""
from halfulp.cpp_extension import CppExtension, setup
setup(name="several", version="1.0",
      ext_modules=[CppExtension("several.relu", ["relu.cc"]), CppExtension("several.more", ["ops.cc"])])
""")
    folder = unpacked(relu.wheel(), tmp_path / "site")
    relu.run("import several.relu, several.more; several.relu.example_relu; several.more.example_scale", folder)


def test_a_wheel_is_reproducible_and_small_and_for_every_python(project):
    first, second = project("paddle_relu", "a").wheel(), project("paddle_relu", "another/place").wheel()
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    assert first.stat().st_size < 300_000
    assert "-py3-none-" in first.name


def test_a_python_module_is_tagged_for_its_python(project):
    assert "-cp3" in project("paddle_pybind11").wheel().name


def test_stubs_docstrings_and_defaults(project, tmp_path):
    three = project("paddle_three_ops")
    folder = unpacked(three.wheel(), tmp_path / "site")
    stub = (folder / "example_three_ops" / "_ops" / "__init__.pyi").read_text()
    assert "def example_scale(x: paddle.Tensor, factor: float = 2.0) -> paddle.Tensor: ..." in stub
    assert "def example_total(x: list[paddle.Tensor]) -> paddle.Tensor: ..." in stub
    assert (folder / "example_three_ops" / "_ops" / "py.typed").exists()
    said = three.run("import example_three_ops as e; print(e.scale.__doc__)", folder)
    assert "factor (float)" in said


def test_eggs_are_refused(project):
    with pytest.raises(RuntimeError, match="eggs are not built"):
        project("paddle_relu").setup("-q", "bdist_egg")


def test_a_failed_compile_ends_the_build_with_the_compilers_message(project):
    relu = project("paddle_relu")
    (relu.folder / "relu.cc").write_text('#include "paddle/extension.h"\nint broken = undeclared_name;\n')
    with pytest.raises(RuntimeError) as caught:
        relu.setup("-q", "install")
    assert "undeclared_name" in str(caught.value) and "Successfully" not in str(caught.value)


def test_a_module_with_multi_phase_initialisation_imports(project, tmp_path):
    relu = project("paddle_relu")
    (relu.folder / "relu.cc").write_text(MULTI_PHASE)
    folder = unpacked(relu.wheel(), tmp_path / "site")
    relu.run("import example_relu; assert example_relu.answer() == 42 and example_relu.executed == 1", folder)


def test_a_library_built_anew_is_not_mixed_with_the_old(project):
    relu = project("paddle_relu")
    program = f"""
import pathlib
from halfulp.cpp_extension import load
source = pathlib.Path({str(relu.folder / 'relu.cc')!r})
def build():
    return load(name="again", sources=[str(source)], build_directory={str(relu.folder / 'jit')!r})
first = build()
assert build().example_relu
source.write_text(source.read_text() + "int one_more = 1;\\n")
try:
    build()
except ImportError as refused:
    print("REFUSED", refused)
"""
    assert "has been built anew since this process loaded it" in relu.run(program)
