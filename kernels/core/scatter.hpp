#pragma once

#include <halfulp/kernels/core/scatter_exact.hpp>
#include <halfulp/kernels/core/scatter_group.hpp>
#include <halfulp/kernels/core/scatter_stream.hpp>

namespace halfulp::kernels {

/// Copies the elements as they are before the updates; +0 where there are none.
template <class Op, class T>
void copy_self(const args_of<Op, T>& a, std::span<T> y) {
  const auto self = Op::self(a);
  const auto count = static_cast<std::int64_t>(y.size());
#pragma omp parallel for if (count > 1 << 16)
  for (std::int64_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    y[k] = self.empty() ? T{} : self[k];
  }
}

/// The output of a scatter: every element its updates combined as Op::rule(a) says, exactly, and rounded once. The bits
/// depend neither on the order of the updates nor on the number of threads; `assign` alone goes by their order.
template <class Op, class T>
requires scatter_op<Op, T> tier_counts compute_scatter(const args_of<Op, T>& a, std::span<const tensor_view> out) {
  const auto y = out[0].elements<T>();
  const std::int64_t updates = Op::updates(a), targets = static_cast<std::int64_t>(y.size());
  const bool dense = updates > 0 && targets <= 4 * updates && streams<T>(Op::rule(a).how);
  tier_counts decided;
  if (dense && sum_exactly<Op, T>(a, y)) {
    decided[tier::binary64] = targets;
    return decided;
  }
  copy_self<Op, T>(a, y);
  decided[tier::exact] = targets * parts_of<T>;
  if (dense) {
    stream_updates<Op, T>(a, y, decided);
  } else if (updates > 0) {
    reduce_groups<Op, T>(a, y, decided);
  }
  return decided;
}

}  // namespace halfulp::kernels
