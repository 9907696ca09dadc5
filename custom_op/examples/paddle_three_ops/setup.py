from halfulp.cpp_extension import CppExtension, setup

setup(
    name="example_three_ops",
    version="1.0",
    packages=["example_three_ops"],
    ext_modules=CppExtension(sources=["ops.cc"], op_defaults={"example_scale": {"factor": 2.0}}),
)
