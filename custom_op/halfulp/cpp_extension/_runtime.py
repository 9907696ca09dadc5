"""Loads the shared library beside it, after checking that it can be loaded. Part of every package that halfulp builds.

Checked, each with an ImportError that says what to do: the framework is installed, it is the one that the library was
built for, Python is, and no op of this name is registered by another library (which would end the process).
"""

import importlib.machinery
import importlib.util
import json
import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))
# (framework, op) -> the library that registered it, for all packages in this process.
_owners = sys.modules.setdefault("_halfulp_op_owners", type(sys)("_halfulp_op_owners")).__dict__


def _pair(version):
    return tuple(int(part) for part in version.split("+")[0].split(".")[:2])


def register_paddle(library):
    """Hands the library's operators to Paddle; returns the names of those that Python can call."""
    from paddle.base import core
    from paddle.base.framework import OpProtoHolder

    names = core.load_op_meta_info_and_register_op(library)
    ops = OpProtoHolder.instance()
    try:
        return ops.update_op_proto(names)
    except TypeError:  # Paddle before 3.3 looks for them by itself
        return ops.update_op_proto()


class Library:
    """The library of the package folder, and its record of how it was built (`build.json`)."""

    def __init__(self, package):
        with open(os.path.join(_FOLDER, "build.json"), encoding="utf-8") as record:
            self.built = json.load(record)
        self.package = package
        self.path = os.path.join(_FOLDER, self.built["library"])
        self.framework = self.built["framework"]
        self._check_python()
        self._check_framework()
        self._check_names()

    def _refuse(self, reason):
        rebuild = "rebuild it in this environment: pip install --no-build-isolation --force-reinstall ."
        raise ImportError(f"{self.package} {reason}; {rebuild}", name=self.package, path=self.path)

    def _check_python(self):
        if self.built["python"] and self.built["python"] != sys.implementation.cache_tag:
            self._refuse(f"was built for {self.built['python']}, this is {sys.implementation.cache_tag}")

    def _check_framework(self):
        built, name = self.built["version"], self.framework
        try:
            self.module = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
            raise ImportError(
                f"{self.package} needs {name} {built}, and no {name} is installed", name=self.package
            ) from None
        have, least = self.module.__version__, self.built["stable_abi"]
        if least:
            if _pair(have) < _pair(least):
                self._refuse(f"needs {name} {least} or later, found {have}")
        elif _pair(have) != _pair(built):
            self._refuse(f"was built for {name} {built}, found {have}, and {name}'s C++ interface differs between them")
        abi = getattr(self.module, "compiled_with_cxx11_abi", None)
        if abi is not None and bool(abi()) != self.built["cxx11_abi"]:
            self._refuse(f"and this {name} differ in their C++ ABI (_GLIBCXX_USE_CXX11_ABI)")

    def _taken(self):
        if self.framework == "torch":
            return set(self.module._C._dispatch_get_all_op_names())
        from paddle.base.framework import OpProtoHolder

        return set(OpProtoHolder.instance().op_proto_map)

    def _check_names(self):
        names = self.built["registers"]
        owners = {_owners.get((self.framework, name)) for name in names}
        self.loaded = owners == {(self.path, self.built["digest"])}
        taken = [] if self.loaded else sorted(set(names) & self._taken())
        if taken:
            owner = _owners.get((self.framework, taken[0]), (f"{self.framework} or a package built by other means",))[0]
            if owner == self.path:
                raise ImportError(f"{owner} has been built anew since this process loaded it; start Python again")
            raise ImportError(
                f"{self.package} registers the op {', '.join(taken)}, which {owner} has registered already; "
                "rename one of the two, or import only one of them in a process",
                name=self.package,
                path=self.path,
            )

    def register(self):
        """Hands the library's ops to the framework, once in a process."""
        if self.loaded:
            return
        if self.framework == "torch":
            self.module.ops.load_library(self.path)
        else:
            register_paddle(self.path)
        _owners.update({(self.framework, name): (self.path, self.built["digest"]) for name in self.built["registers"]})
        self.loaded = True

    def python_names(self):
        """What the library exports as a Python module; empty if it is none."""
        if not self.built["module"]:
            return {}
        name = self.built["module"]
        loader = importlib.machinery.ExtensionFileLoader(name, self.path)
        spec = importlib.util.spec_from_file_location(name, self.path, loader=loader)
        # A module that is initialised in one phase enters itself among Python's, in the place of the package.
        package = sys.modules.get(name)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        if package is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = package
        return {name: value for name, value in vars(module).items() if not name.startswith("__")}


class PaddleOp:
    """Calls one custom operator: eager, in a PIR program, or in a program of the older kind."""

    def __init__(self, op):
        self.name = op["name"]
        self.inputs = op["inputs"]
        self.attrs = [name for name, _ in op["attrs"]]
        self.outputs = op["outputs"]
        self.inplace = {int(out): source for out, source in op["inplace"].items()}

    def __call__(self, *values):
        from paddle.framework import in_dynamic_or_pir_mode

        if in_dynamic_or_pir_mode():
            from paddle import _C_ops

            results = self._grouped(list(_C_ops._run_custom_op(self.name, *values)), values)
        else:
            results = self._appended(values)
        return results[0] if len(results) == 1 else results

    def _source(self, k, values):
        """The input that output k is written over: its name and value, or (None, None)."""
        at = self.inplace.get(k, -1)
        return (self.inputs[at], values[at]) if at >= 0 else (None, None)

    def _grouped(self, flat, values):
        """One entry per output; an output that is a list takes as many tensors as the input it overwrites."""
        results, at = [], 0
        for k in range(len(self.outputs)):
            source, value = self._source(k, values)
            if source is not None and value is None:
                results.append(None)
                at += 1
            elif source is not None and "@VECTOR" in source:
                results.append(flat[at : at + len(value)])
                at += len(value)
            else:
                results.append(flat[at])
                at += 1
        return results

    def _appended(self, values):
        from paddle.base.layer_helper import LayerHelper

        helper = LayerHelper(self.name)
        count = len(self.inputs)
        inputs = {name: value for name, value in zip(self.inputs, values) if value is not None}
        outputs = {}
        for k, name in enumerate(self.outputs):
            source, value = self._source(k, values)
            if source is None:
                outputs[name] = helper.create_variable(dtype="float32")  # the real one is inferred when it runs
            elif value is not None:
                outputs[name] = value
        helper.append_op(
            type=self.name, inputs=inputs, outputs=outputs, attrs=dict(zip(self.attrs, values[count:]))
        )
        return [outputs.get(name) for name in self.outputs]
