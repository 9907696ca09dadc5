"""Builds, packages and installs C++ custom ops for Paddle and PyTorch, on plain setuptools from 65 on.

In place of `paddle.utils.cpp_extension`:     from halfulp.cpp_extension import CppExtension, load, setup
In place of `torch.utils.cpp_extension`:      from halfulp.cpp_extension.torch import BuildExtension, CppExtension, load
"""

from halfulp.cpp_extension.paddle import (
    BuildExtension,
    CppExtension,
    CUDAExtension,
    get_build_directory,
    load,
    setup,
)

__all__ = ["BuildExtension", "CUDAExtension", "CppExtension", "get_build_directory", "load", "setup"]
