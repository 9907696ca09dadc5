// A custom operator of Paddle with its gradient: y = max(x, 0).
#include "paddle/extension.h"

namespace {

#define CHECK_CPU(x) PD_CHECK((x).is_cpu(), #x " must lie on the CPU")

template <class T>
void forward(const T* x, T* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] > T(0) ? x[i] : T(0);
}

template <class T>
void backward(const T* y, const T* dy, T* dx, int64_t n) {
  for (int64_t i = 0; i < n; ++i) dx[i] = y[i] > T(0) ? dy[i] : T(0);
}

std::vector<paddle::Tensor> relu(const paddle::Tensor& x) {
  CHECK_CPU(x);
  auto y = paddle::empty_like(x);
  PD_DISPATCH_FLOATING_TYPES(x.dtype(), "relu", ([&] { forward(x.data<data_t>(), y.data<data_t>(), x.numel()); }));
  return {y};
}

std::vector<paddle::Tensor> relu_grad(const paddle::Tensor& x, const paddle::Tensor& y, const paddle::Tensor& dy) {
  CHECK_CPU(x);
  auto dx = paddle::empty_like(x);
  PD_DISPATCH_FLOATING_TYPES(y.dtype(), "relu_grad", ([&] {
                               backward(y.data<data_t>(), dy.data<data_t>(), dx.data<data_t>(), y.numel());
                             }));
  return {dx};
}

std::vector<std::vector<int64_t>> relu_shape(std::vector<int64_t> x) { return {x}; }
std::vector<paddle::DataType> relu_dtype(paddle::DataType x) { return {x}; }

}  // namespace

PD_BUILD_OP(example_relu)
    .Inputs({"X"})
    .Outputs({"Y"})
    .SetKernelFn(PD_KERNEL(relu))
    .SetInferShapeFn(PD_INFER_SHAPE(relu_shape))
    .SetInferDtypeFn(PD_INFER_DTYPE(relu_dtype));

PD_BUILD_GRAD_OP(example_relu)
    .Inputs({"X", "Y", paddle::Grad("Y")})
    .Outputs({paddle::Grad("X")})
    .SetKernelFn(PD_KERNEL(relu_grad));
