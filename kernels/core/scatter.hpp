#pragma once

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

/// The output of a scatter: every element its updates combined as Op::rule(a) says, exactly, and rounded once. The bits
/// depend neither on the order of the updates nor on the number of threads; `assign` alone goes by their order.
template <class Op, class T>
  requires scatter_op<Op, T>
tier_counts compute_scatter(const args_of<Op, T>& a, std::span<const tensor_view> out);

}  // namespace halfulp::kernels
