#pragma once

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

/// Every element of the one output is its spec's value: bits are moved or set, and nothing is rounded.
template <class Op, class T>
  requires bit_op<Op, T>
tier_counts compute_bits(const args_of<Op, T>& a, std::span<const tensor_view> out) {
  const auto y = out[0].elements<T>();
  const auto count = static_cast<std::int64_t>(y.size());
#pragma omp parallel for
  for (std::int64_t i = 0; i < count; ++i) y[static_cast<std::size_t>(i)] = Op::value(a, i);
  tier_counts decided;
  decided[tier::exact] = count;
  return decided;
}

}  // namespace halfulp::kernels
