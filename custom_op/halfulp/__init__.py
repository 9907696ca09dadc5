"""halfulp in Python: `halfulp.cpp_extension` builds and packages C++ custom ops for Paddle and PyTorch."""

__version__ = "0.1.0"
