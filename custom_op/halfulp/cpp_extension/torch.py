"""The names of torch.utils.cpp_extension, for PyTorch."""

from halfulp.cpp_extension.api import Api
from halfulp.cpp_extension.commands import BuildExtension
from halfulp.cpp_extension.jit import get_build_directory

_api = Api("torch")
CppExtension = _api.CppExtension
CUDAExtension = _api.CUDAExtension
load = _api.load
setup = _api.setup

__all__ = ["BuildExtension", "CUDAExtension", "CppExtension", "get_build_directory", "load", "setup"]
