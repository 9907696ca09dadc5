from halfulp.cpp_extension.torch import CppExtension, setup

setup(
    name="example_relu_torch",
    version="1.0",
    packages=["example_relu_torch"],
    ext_modules=CppExtension(sources=["relu.cpp"], stable_abi="2.10"),
)
