#pragma once

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

/// Nothing was rounded: what a kernel that moves or sets bits returns.
inline tier_counts all_exact(const tensor_view& output) {
  tier_counts decided;
  decided[tier::exact] = output.numel();
  return decided;
}

/// Every element of the one output is its spec's value: bits are moved or set, and nothing is rounded.
template <class Op, class T>
requires bit_op<Op, T> tier_counts compute_bits(const args_of<Op, T>& a, std::span<const tensor_view> out) {
  const auto y = out[0].elements<T>();
  const auto count = static_cast<std::int64_t>(y.size());
#pragma omp parallel for
  for (std::int64_t i = 0; i < count; ++i) y[static_cast<std::size_t>(i)] = Op::value(a, i);
  return all_exact(out[0]);
}

}  // namespace halfulp::kernels
