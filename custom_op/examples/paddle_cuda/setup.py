from halfulp.cpp_extension import CUDAExtension, setup

setup(name="example_relu_cuda", version="1.0", ext_modules=CUDAExtension(sources=["relu.cc", "relu.cu"]))
