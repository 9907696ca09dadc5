// Convolutions and their gradients on the GPU and on the CPU.
#pragma once

#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

#include "ops/conv2d_inputs.hpp"

#include "cuda/on_device.hpp"
#include "cuda/scaled.hpp"

namespace halfulp::tests {

/// conv2d and its three gradients, each from inputs of this content.
template <class T>
comparison compare_convolution(random_source& r, const convolution& c, content kind) {
  const tensor x = random_tensor<T>(r, kind, c.x_shape()), weight = random_tensor<T>(r, kind, c.weight_shape()),
               dy = random_tensor<T>(r, kind, c.y_shape()), bias = random_tensor<T>(r, kind, {c.outputs()});
  comparison all;
  named_arguments named = c.attributes();
  if (r.between(0, 1) == 1) named["bias"] = {bias.view()};
  all += compare<op::conv2d, T>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, named));
  named = c.attributes();
  named["input_shape"] = convolution::list(c.x_shape());
  all += compare<op::conv2d_input_grad, T>(call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named));
  named = c.attributes();
  named["weight_shape"] = convolution::list(c.weight_shape());
  all += compare<op::conv2d_weight_grad, T>(call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}}, named));
  all += compare<op::conv2d_bias_grad, T>(
      call_for<op::conv2d_bias_grad>({{dy.view()}}, {{"data_format", {std::string(c.nhwc ? "NHWC" : "NCHW")}}}));
  return all;
}

/// As drawn; below a multiplier of 1 images that are small already get smaller, and results have few elements, since hard
/// contents leave each of their sums to repair.
inline convolution drawn_small(random_source& r, convolution draw(random_source&)) {
  for (;;) {
    convolution c = draw(r);
    const bool long_sums = std::min(c.h, c.w) > 30;
    if (!long_sums) {
      c.n = std::min(c.n, scaled(4, 1));
      c.h = std::min(c.h, scaled(100, 10));
      c.w = std::min(c.w, scaled(100, 10));
    }
    if (c.valid() && (long_sums || product(c.y_shape()) <= scaled(1'000'000, 3000))) return c;
  }
}

/// The same for every content, the drawn convolutions, and the count of what each tier decided.
template <class T>
void compare_all(std::uint64_t number, convolution draw(random_source&), std::int64_t times) {
  HALFULP_RANDOM(r, number);
  for (const content kind : every_content) {
    comparison all;
    for (std::int64_t k = 0; k < repeats(times); ++k) all += compare_convolution<T>(r, drawn_small(r, draw), kind);
    CAPTURE(static_cast<int>(kind), all.outputs, all.first_wrong);
    CHECK(all.wrong == 0);
    std::int64_t decided = 0;
    for (const std::int64_t n : all.decided.count) decided += n;
    CHECK(decided == all.outputs);
  }
}

}  // namespace halfulp::tests
