// A custom operator with a CUDA kernel: y = max(x, 0), float32. A Paddle without CUDA calls the CPU loop only.
#include "relu.h"

#include "paddle/extension.h"

namespace {

std::vector<paddle::Tensor> relu(const paddle::Tensor& x) {
  PD_CHECK(x.dtype() == paddle::DataType::FLOAT32, "example_relu_cuda: x must be float32");
  auto y = paddle::empty_like(x);
#ifdef PADDLE_WITH_CUDA
  if (x.is_gpu()) {
    relu_on_device(x.data<float>(), y.data<float>(), x.numel(), x.stream());
    return {y};
  }
#endif
  const float* from = x.data<float>();
  float* to = y.data<float>();
  for (int64_t i = 0; i < x.numel(); ++i) to[i] = from[i] > 0 ? from[i] : 0;
  return {y};
}

std::vector<std::vector<int64_t>> relu_shape(std::vector<int64_t> x) { return {x}; }
std::vector<paddle::DataType> relu_dtype(paddle::DataType x) { return {x}; }

}  // namespace

PD_BUILD_OP(example_relu_cuda)
    .Inputs({"X"})
    .Outputs({"Y"})
    .SetKernelFn(PD_KERNEL(relu))
    .SetInferShapeFn(PD_INFER_SHAPE(relu_shape))
    .SetInferDtypeFn(PD_INFER_DTYPE(relu_dtype));
