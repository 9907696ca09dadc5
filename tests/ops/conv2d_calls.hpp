// Calls of conv2d, its transpose and their gradients, as the tests make them.
#pragma once

#include "ops/conv2d_inputs.hpp"
#include "ops/conv2d_transpose_reference.hpp"

namespace halfulp::tests {

/// Tensors, and a shape, as arguments. (g++ 12 misreads the temporaries of a braced list, and warns.)
inline argument::list arguments(const tensor& a, const tensor& b) {
  argument::list l(2);
  l[0].value = a.view();
  l[1].value = b.view();
  return l;
}
inline argument::list arguments(const tensor& a, const tensor& b, const extents& shape) {
  auto l = arguments(a, b);
  l.push_back(convolution::list(shape));
  return l;
}

inline argument pair(std::int64_t a, std::int64_t b) {
  return {argument::list{{a}, {b}}};
}
inline argument text(const char* s) {
  return {std::string(s)};
}

inline call input_grad(const convolution& g, const tensor& dy, const tensor& w) {
  return call_of("conv2d_input_grad", arguments(dy, w, g.x_shape()), g.attributes());
}
inline call weight_grad(const convolution& g, const tensor& dy, const tensor& x) {
  return call_of("conv2d_weight_grad", arguments(dy, x, g.weight_shape()), g.attributes());
}

inline call forward(const transposed_convolution& g, const tensor& x, const tensor& w, const tensor* bias = nullptr) {
  auto named = g.attributes();
  if (bias != nullptr) named["bias"] = {bias->view()};
  return call_of("conv2d_transpose", arguments(x, w), named);
}
inline call input_grad(const transposed_convolution& g, const tensor& dy, const tensor& w) {
  return call_of("conv2d_transpose_input_grad", arguments(dy, w, g.x_shape()), g.attributes());
}
inline call weight_grad(const transposed_convolution& g, const tensor& dy, const tensor& x) {
  return call_of("conv2d_transpose_weight_grad", arguments(dy, x, g.weight_shape()), g.attributes());
}

template <class Convolution>
call bias_grad(const Convolution& g, const tensor& dy) {
  return call_of("conv2d_bias_grad", {{dy.view()}}, {{"data_format", {std::string(g.nhwc ? "NHWC" : "NCHW")}}});
}

template <class T>
std::vector<exact_sum<T>> sums(const extents& shape) {
  return std::vector<exact_sum<T>>(static_cast<std::size_t>(product(shape)));
}

/// sum_i a_i b_i, in integers.
inline std::int64_t inner_product(const std::vector<double>& a, std::span<const double> b) {
  std::int64_t s = 0;
  for (std::size_t i = 0; i < a.size(); ++i) s += static_cast<std::int64_t>(a[i]) * static_cast<std::int64_t>(b[i]);
  return s;
}

/// The float32 output of kernel and oracle.
inline std::vector<float> floats(std::string_view op, const call& c) {
  std::vector<float> y;
  for (const auto bits : bits_of_output<float>(op, c)) y.push_back(from_bits<float>(bits));
  return y;
}

/// conv2d of float32 tensors, from kernel and oracle.
inline std::vector<float> convolved(const tensor& x, const tensor& weight, const named_arguments& named = {}) {
  return floats("conv2d", call_of("conv2d", {{x.view()}, {weight.view()}}, named));
}

/// Why float32 tensors of these shapes are refused; empty if they are not.
inline std::string refusal_of_shapes(std::string_view op, const extents& x, const extents& weight,
                                     const named_arguments& named = {}) {
  return refusal_of(op, {{tensor(dtype::float32, x).view()}, {tensor(dtype::float32, weight).view()}}, named);
}

}  // namespace halfulp::tests
