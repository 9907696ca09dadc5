from halfulp.cpp_extension import CppExtension, setup

setup(name="example_relu", version="1.0", ext_modules=CppExtension(sources=["relu.cc"]))
