// LibTorch's gradients, by its own backward: for the program that links LibTorch.
#pragma once

#include <torch/torch.h>

#include <halfulp/analysis/backends/in_process.hpp>

namespace halfulp::analysis::libtorch {

/// The gradient of f at x: of the shape of x, dy being that of f(x). Throws unsupported where x holds integers, and torch's error
/// where dy has another shape. What f reads besides must have been made or copied under its guard.
template <class F>
at::Tensor gradient(const at::Tensor& x, const at::Tensor& dy, const F& f) {
  if (!x.is_floating_point() && !x.is_complex())
    throw unsupported("torch has gradients of floating-point numbers only");
  const c10::InferenceMode with_gradients(false);
  const at::Tensor leaf = x.clone().set_requires_grad(true);
  const at::Tensor y = f(leaf);
  TORCH_CHECK(y.sizes() == dy.sizes(), "dy has another shape than the output");
  return torch::autograd::grad({y}, {leaf}, {dy.clone()})[0];
}

}  // namespace halfulp::analysis::libtorch
