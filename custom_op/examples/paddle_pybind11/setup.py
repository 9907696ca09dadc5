from halfulp.cpp_extension import CppExtension, setup

setup(name="example_pybind11", version="1.0", ext_modules=CppExtension(sources=["extension.cc", "twice.cpp"]))
