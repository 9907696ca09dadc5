// Convolutions and gradients on the GPU by a way of computing window_products that a test asks for, and on the CPU.
#pragma once

#include <vector>

#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

#include "cuda/convolutions.hpp"

namespace halfulp::tests {

template <class T>
std::vector<kernels::window_product<T>> products_for(const op::conv2d::args<T>& a, T* out) {
  return {kernels::product_of(a, out)};
}
template <class T>
std::vector<kernels::window_product<T>> products_for(const op::conv2d_input_grad::args<T>& a, T* out) {
  return kernels::products_of(a, out);
}
template <class T>
std::vector<kernels::window_product<T>> products_for(const op::conv2d_weight_grad::args<T>& a, T* out) {
  return {kernels::product_of(a, out)};
}

/// round(p, queue) computes every sum of a product that has sums and terms.
template <class Op, class T, class Round>
comparison compare_products(const call& c, Round round) {
  const auto a = Op::template bind<T>(c);
  const auto type = Op::outputs(a).at(0);
  const tensor want(type.type, type.shape);
  kernels::compute<Op, T>(a, std::vector{want.view()});
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_outputs out({type});
  const device_queue queue;
  for (const auto& p : products_for(device, static_cast<T*>(out.view[0].data)))
    if (p.depth() > 0 && p.sums() > 0)
      round(p, queue.get());
    else
      kernels::round_products(p, queue.get());
  const tier_counts decided = queue.finish();
  comparison result = compare_bits(Op::name, *out.memory[0], want);
  result.decided = decided;
  return result;
}

/// conv2d with a bias, its input gradient and, where asked for, its weight gradient, of tensors draw(shape).
template <class T, class Draw, class Round>
comparison compare_convolution_products(const convolution& c, bool of_weight, Draw draw, Round round) {
  const tensor x = draw(c.x_shape()), weight = draw(c.weight_shape()), dy = draw(c.y_shape()),
               bias = draw({c.outputs()});
  named_arguments named = c.attributes();
  named["bias"] = {bias.view()};
  comparison all = compare_products<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, named), round);
  named = c.attributes();
  named["input_shape"] = convolution::list(c.x_shape());
  all += compare_products<op::conv2d_input_grad, T>(
      call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named), round);
  if (!of_weight) return all;
  named = c.attributes();
  named["weight_shape"] = convolution::list(c.weight_shape());
  all += compare_products<op::conv2d_weight_grad, T>(call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}}, named),
                                                     round);
  return all;
}

/// Tensors of elements that draw() gives.
template <class T, class Draw>
auto tensors_of(Draw draw) {
  return [draw](const extents& shape) {
    tensor t(dtype_of<T>, shape);
    for (T& x : t.elements<T>()) x = narrow<T>(draw());
    return t;
  };
}

}  // namespace halfulp::tests
