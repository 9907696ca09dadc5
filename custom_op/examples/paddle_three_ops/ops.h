// Three operators registered in a header: an attribute, a list of tensors, two results.
#pragma once

#include "paddle/extension.h"

inline std::vector<paddle::Tensor> scale(const paddle::Tensor& x, float factor) {
  auto y = paddle::empty_like(x);
  PD_DISPATCH_FLOATING_TYPES(x.dtype(), "scale", ([&] {
                               const auto* from = x.data<data_t>();
                               auto* to = y.data<data_t>();
                               for (int64_t i = 0; i < x.numel(); ++i) to[i] = from[i] * static_cast<data_t>(factor);
                             }));
  return {y};
}

inline std::vector<paddle::Tensor> total(const std::vector<paddle::Tensor>& xs) {
  auto sum = xs.at(0);
  for (std::size_t k = 1; k < xs.size(); ++k) sum = sum.add(xs[k]);
  return {sum};
}

inline std::vector<paddle::Tensor> sum_and_difference(const paddle::Tensor& x, const paddle::Tensor& y) {
  return {x.add(y), x.subtract(y)};
}

PD_BUILD_OP(example_scale).Inputs({"X"}).Outputs({"Y"}).Attrs({"factor: float"}).SetKernelFn(PD_KERNEL(scale));
PD_BUILD_OP(example_total).Inputs({paddle::Vec("X")}).Outputs({"Sum"}).SetKernelFn(PD_KERNEL(total));
PD_BUILD_OP(example_sum_and_difference)
    .Inputs({"X", "Y"})
    .Outputs({"Sum", "Difference"})
    .SetKernelFn(PD_KERNEL(sum_and_difference));
