from halfulp.cpp_extension.torch import CppExtension, setup

setup(name="example_pybind11_torch", version="1.0", ext_modules=CppExtension(sources=["extension.cpp"]))
