#!/usr/bin/env python3
"""What the Python of custom_op does where there is no framework: arguments are bound, overrides undone, eggs found, and a
package says why it cannot be loaded. Python's own library is enough to run it.

    tests/without_framework.py
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import types
import unittest
import unittest.mock
from pathlib import Path

HALFULP = Path(__file__).resolve().parent.parent / "halfulp"
sys.path.insert(0, str(HALFULP.parent))

from halfulp import overrides, signatures  # noqa: E402


def module_at(path: Path) -> types.ModuleType:
    """A module by its file: importing the package that it belongs to would need setuptools."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def op(name: str, apis: tuple[str, ...], *parameters: signatures.Parameter) -> signatures.Op:
    return signatures.Op(name, apis, ("float32",), parameters[0].name, False, False, parameters, (), {})


def parameter(name: str, alias: str = "", *default: object) -> signatures.Parameter:
    return signatures.Parameter(name, alias, ("Tensor",), default[0] if default else signatures._REQUIRED)


SUM = op("scaled_sum", ("scales.functional.add",), parameter("x", "input"), parameter("y"), parameter("alpha", "", 1.0))


class Arguments(unittest.TestCase):
    def test_are_bound_by_place_name_and_second_name(self):
        self.assertEqual(SUM.values((1, 2), {}), {"x": 1, "y": 2, "alpha": 1.0})
        self.assertEqual(SUM.values((), {"y": 2, "input": 1, "alpha": 3}), {"x": 1, "y": 2, "alpha": 3})
        self.assertEqual(SUM.values((1, 2), {"name": "result"}), {"x": 1, "y": 2, "alpha": 1.0})

    def test_that_do_not_fit_are_refused_by_name(self):
        refused = {
            "at most 3": ((1, 2, 3, 4), {}), "misses y": ((1,), {}), "no argument 'z'": ((1, 2), {"z": 0}),
            "x was given twice": ((1, 2), {"input": 1}),
        }  # fmt: skip
        for says, (args, kwargs) in refused.items():
            with self.subTest(says), self.assertRaisesRegex(TypeError, says):
                SUM.values(args, kwargs)

    def test_of_a_function_have_the_spec_s_defaults(self):
        made = signatures.function(SUM, "torch", lambda op, values: (op.name, values))
        self.assertEqual(made(1, y=2), ("scaled_sum", {"x": 1, "y": 2, "alpha": 1.0}))
        self.assertRaises(TypeError, made, 1)

    def test_paddings_by_axis_are_laid_flat_in_either_layout(self):
        self.assertEqual(signatures.window([[0, 0], [0, 0], [1, 2], [3, 4]], "NCHW"), [1, 2, 3, 4])
        self.assertEqual(signatures.window([[0, 0], [1, 2], [3, 4], [0, 0]], "NHWC"), [1, 2, 3, 4])
        self.assertEqual(signatures.window([[1, 2], [3, 4]], "NCHW"), [1, 2, 3, 4])
        self.assertEqual(signatures.window("SAME", "NCHW"), "SAME")
        with self.assertRaisesRegex(ValueError, "cannot be padded"):
            signatures.window([[0, 0], [1, 0], [1, 2], [3, 4]], "NCHW")

    def test_one_number_stands_for_both_axes(self):
        self.assertEqual(signatures.listed(2, "int[2]"), [2, 2])
        self.assertEqual(signatures.listed(2, "int[]"), [2])
        self.assertEqual(signatures.listed((1, 2), "int[2]"), [1, 2])
        self.assertEqual(signatures.listed("SAME", "int[2]"), "SAME")


class Overrides(unittest.TestCase):
    def setUp(self):
        self.functional = types.SimpleNamespace(add=lambda x, y: "its own")
        framework = types.ModuleType("scales")
        framework.functional = self.functional
        sys.modules["scales"] = framework
        self.addCleanup(sys.modules.pop, "scales")

    def put(self, *names):
        return overrides.put("scales", names, {"scaled_sum": SUM}, lambda op, args, kwargs: op.values(args, kwargs))

    def test_are_undone(self):
        with self.put() as override:
            self.assertEqual(self.functional.add(1, 2), {"x": 1, "y": 2, "alpha": 1.0})
        self.assertEqual(self.functional.add(1, 2), "its own")
        override.undo()
        self.assertEqual(self.functional.add(1, 2), "its own")

    def test_nested_ones_are_undone_in_turn(self):
        with self.put():
            with self.put("scaled_sum"):
                pass
            self.assertNotEqual(self.functional.add(1, 2), "its own")
        self.assertEqual(self.functional.add(1, 2), "its own")

    def test_of_an_unknown_op_are_refused_before_anything_is_replaced(self):
        with self.assertRaisesRegex(ValueError, "'product'.*scaled_sum"):
            self.put("scaled_sum", "product")
        self.assertEqual(self.functional.add(1, 2), "its own")


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)


class Eggs(Folder):
    def test_are_found_and_removed_with_their_line_of_the_path_file(self):
        eggs = module_at(HALFULP / "cpp_extension" / "eggs.py")
        for name, library in (("my_relu-1.2-py3.11-linux-x86_64", "my_relu_pd_.so"), ("plain-1-py3.11", "plain.py")):
            (self.folder / f"{name}.egg").mkdir()
            (self.folder / f"{name}.egg" / library).touch()
        pth = self.folder / "easy-install.pth"
        pth.write_text("./my_relu-1.2-py3.11-linux-x86_64.egg\n./plain-1-py3.11.egg\n")
        found = {egg.project: egg for egg in eggs.find(folders=[self.folder])}
        self.assertEqual({name: (egg.version, egg.custom_op) for name, egg in found.items()},
                         {"my_relu": ("1.2", True), "plain": ("1", False)})  # fmt: skip
        self.assertEqual([egg.project for egg in eggs.find("My-Relu", [self.folder])], ["my_relu"])
        eggs.remove(found["my_relu"])
        self.assertEqual(pth.read_text(), "./plain-1-py3.11.egg\n")
        eggs.remove(found["plain"])
        self.assertEqual(list(self.folder.iterdir()), [])


class OpsOfAFramework(Folder):
    """`import halfulp.torch` where what it needs is missing, in a process of its own."""

    def refusal(self, framework: str, installed: bool, **files: str) -> str:
        shutil.copytree(HALFULP, self.folder / "halfulp", ignore=shutil.ignore_patterns("__pycache__", "_ops"))
        if installed:
            (self.folder / f"{framework}.py").write_text("__version__ = '0'\n")
        for name, text in files.items():
            (self.folder / "halfulp" / framework / f"{name}.py").write_text(text)
        program = f"import sys; sys.path.insert(0, {str(self.folder)!r}); import halfulp.{framework}"
        # -S: without site-packages, where the framework may be installed
        done = subprocess.run([sys.executable, "-I", "-S", "-c", program], stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        return done.stderr.splitlines()[-1]

    def test_name_the_framework_that_is_not_installed(self):
        for framework in ("torch", "paddle"):
            with self.subTest(framework):
                says = self.refusal(framework, False)
                self.assertIn(f"ImportError: halfulp has no ops for {framework}: no {framework} is installed here", says)
                self.assertIn("pip install", says)
            shutil.rmtree(self.folder / "halfulp")

    def test_say_that_halfulp_was_installed_before_the_framework(self):
        for framework in ("torch", "paddle"):
            with self.subTest(framework):
                self.assertIn(f"there was no {framework} when halfulp was installed", self.refusal(framework, True))
            shutil.rmtree(self.folder / "halfulp")

    def test_pass_on_what_the_library_says(self):
        self.assertIn("built for another torch", self.refusal("torch", True, _ops="raise ImportError('built for another torch')"))


class Packages(Folder):
    """What a built package checks before it loads its library; the framework is a stand-in of the version asked for."""

    BUILT = {
        "library": "_C.so", "framework": "scales", "version": "3.3.1", "python": "", "stable_abi": "", "module": "",
        "cxx11_abi": True, "registers": [], "digest": "0",
    }  # fmt: skip

    def load(self, found: str | None, abi: bool = True, **built):
        """The library of a package that was built as `built` says, where the framework of this version is installed."""
        if found is not None:
            framework = types.ModuleType("scales")
            framework.__version__, framework.compiled_with_cxx11_abi = found, lambda: abi
            sys.modules["scales"] = framework
            self.addCleanup(sys.modules.pop, "scales", None)
        shutil.copy(HALFULP / "cpp_extension" / "_runtime.py", self.folder)
        (self.folder / "build.json").write_text(json.dumps({**self.BUILT, **built}))
        runtime = module_at(self.folder / "_runtime.py")
        runtime.Library._taken = lambda library: set()
        return runtime.Library("my_relu")

    def test_load_where_they_were_built(self):
        self.assertFalse(self.load("3.3.0").loaded)

    def test_name_the_framework_that_is_not_installed(self):
        with self.assertRaisesRegex(ImportError, "my_relu needs scales 3.3.1, and no scales is installed"):
            self.load(None)

    def test_name_both_versions_where_they_differ(self):
        with self.assertRaisesRegex(ImportError, "built for scales 3.3.1, found 3.2.2"):
            self.load("3.2.2")

    def test_of_the_stable_interface_load_in_every_later_version(self):
        self.load("2.15.0+cpu", version="2.12.1", stable_abi="2.10")
        with self.assertRaisesRegex(ImportError, "needs scales 2.10 or later, found 2.9.1"):
            self.load("2.9.1", version="2.12.1", stable_abi="2.10")

    def test_of_another_cxx_abi_or_python_are_refused(self):
        with self.assertRaisesRegex(ImportError, r"differ in their C\+\+ ABI"):
            self.load("3.3.1", abi=False)
        with self.assertRaisesRegex(ImportError, "built for cpython-39, this is"):
            self.load("3.3.1", python="cpython-39")

    def test_of_ops_whose_names_are_taken_are_refused(self):
        runtime = self.load("3.3.1") and sys.modules["_runtime"]
        runtime.Library._taken = lambda library: {"relu", "tanh"}
        (self.folder / "build.json").write_text(json.dumps({**self.BUILT, "registers": ["relu", "gelu"]}))
        with self.assertRaisesRegex(ImportError, "registers the op relu, which scales or a package built by other means"):
            runtime.Library("my_relu")


class Headers(unittest.TestCase):
    def test_stand_in_front_of_paddle_s_where_its_libraries_lack_what_they_declare(self):
        frameworks = module_at(HALFULP / "cpp_extension" / "frameworks.py")
        for whole in (True, False):
            paddle = frameworks.Framework("paddle", Path("/paddle"), "3.3.1", None, True, (), whole)
            first = paddle.include_dirs[0]
            self.assertEqual((first / "paddle" / "extension.h").is_file(), not whole)
            self.assertIn(Path("/paddle/include"), paddle.include_dirs)


class Architectures(unittest.TestCase):
    def setUp(self):
        self.frameworks = module_at(HALFULP / "cpp_extension" / "frameworks.py")

    def flags(self, given: str | None) -> list[str]:
        environment = {} if given is None else {"HALFULP_CUDA_ARCH": given}
        with unittest.mock.patch.dict("os.environ", environment):
            if given is None:
                self.frameworks.os.environ.pop("HALFULP_CUDA_ARCH", None)
            return self.frameworks.architecture_flags()

    def test_are_those_asked_for(self):
        self.assertEqual(self.flags(None), ["-arch=sm_90"])
        self.assertEqual(self.flags("90a"), ["-arch=sm_90a"])
        self.assertEqual(self.flags("80, 90"), ["-gencode=arch=compute_80,code=sm_80", "-gencode=arch=compute_90,code=sm_90"])

    def test_that_are_none_are_refused_by_value(self):
        for wrong in ("9.0", "sm_90", "", "80,", "80;90", "native"):
            with self.subTest(wrong), self.assertRaisesRegex(ValueError, f"HALFULP_CUDA_ARCH is '{wrong}'; it must be"):
                self.flags(wrong)


class Examples(unittest.TestCase):
    @unittest.skipUnless(shutil.which("nvcc"), "there is no nvcc")
    def test_the_kernel_of_the_cuda_op_compiles(self):
        source = HALFULP.parent / "examples" / "paddle_cuda" / "relu.cu"
        with tempfile.TemporaryDirectory() as folder:
            command = ["nvcc", "-std=c++17", "-arch=sm_90", "-Werror=all-warnings", "-c", source, "-o", Path(folder) / "relu.o"]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_name_every_source_they_have(self):
        for setup in HALFULP.parent.glob("examples/*/setup.py"):
            for source in [*setup.parent.glob("*.c[cpu]"), *setup.parent.glob("*.cpp")]:
                with self.subTest(str(source)):
                    self.assertIn(f'"{source.name}"', setup.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
