// y = max(x, 0) and its gradient, on PyTorch's stable ABI: one wheel serves every later release.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/util/Exception.h>

#include <cstdint>

namespace {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;

template <class F>
void with_type(const Tensor& x, F f) {
  const auto type = x.scalar_type();
  STD_TORCH_CHECK(type == ScalarType::Float || type == ScalarType::Double, "relu: x must be float32 or float64");
  if (type == ScalarType::Float) f(float{});
  if (type == ScalarType::Double) f(double{});
}

Tensor relu(const Tensor& given) {
  const Tensor x = torch::stable::contiguous(given);
  Tensor y = torch::stable::empty_like(x);
  with_type(x, [&]<class T>(T zero) {
    const T* from = static_cast<const T*>(x.const_data_ptr());
    T* to = static_cast<T*>(y.mutable_data_ptr());
    for (std::int64_t i = 0; i < x.numel(); ++i) to[i] = from[i] > zero ? from[i] : zero;
  });
  return y;
}

Tensor relu_grad(const Tensor& given_y, const Tensor& given_dy) {
  const Tensor y = torch::stable::contiguous(given_y), dy = torch::stable::contiguous(given_dy);
  Tensor dx = torch::stable::empty_like(y);
  with_type(y, [&]<class T>(T zero) {
    const T* out = static_cast<const T*>(y.const_data_ptr());
    const T* from = static_cast<const T*>(dy.const_data_ptr());
    T* to = static_cast<T*>(dx.mutable_data_ptr());
    for (std::int64_t i = 0; i < y.numel(); ++i) to[i] = out[i] > zero ? from[i] : zero;
  });
  return dx;
}

}  // namespace

STABLE_TORCH_LIBRARY(example_relu_torch, m) {
  m.def("relu(Tensor x) -> Tensor");
  m.def("relu_grad(Tensor y, Tensor dy) -> Tensor");
}

STABLE_TORCH_LIBRARY_IMPL(example_relu_torch, CPU, m) {
  m.impl("relu", TORCH_BOX(&relu));
  m.impl("relu_grad", TORCH_BOX(&relu_grad));
}
