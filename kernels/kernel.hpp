#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/op.hpp>

namespace halfulp::kernels {

/// Writes every element of every output of Op, each the exact result rounded once (the contract of docs/ops/<op>.md).
/// `out` are contiguous tensors of the types that Op::outputs(a) gives. Uses the threads OpenMP gives it; the bits do
/// not depend on their number.
/// Returns how many components each tier decided. Throws undecided, and then no output is to be used.
/// Defined in kernels/ops/<op>.cpp for the types of Op::element_types.
template <class Op, class T>
tier_counts compute(const args_of<Op, T>& a, std::span<const tensor_view> out);

/// The same by name, on newly made tensors. Throws invalid_argument for an unknown op or wrong arguments.
struct result {
  std::vector<tensor> outputs;
  tier_counts decided;
};
result compute(std::string_view op, const call& c);

}  // namespace halfulp::kernels
