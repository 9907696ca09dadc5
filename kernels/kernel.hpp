#pragma once

#include <functional>
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

/// What a kernel that makes its outputs gives.
struct result {
  std::vector<tensor> outputs;
  tier_counts decided;
};

/// The same for an Op whose outputs have shapes that depend on the elements: it has no Op::outputs, and the kernel makes
/// them, as large as they turn out to be.
template <class Op, class T>
result compute_found(const args_of<Op, T>& a);

/// Makes a contiguous output of this type; it stays the caller's.
using make_output = std::function<tensor_view(const tensor_type&)>;

/// The same by name, into what `make` gives, called once for each output in order. Throws invalid_argument for an unknown
/// op or wrong arguments, before anything is made.
tier_counts compute(std::string_view op, const call& c, const make_output& make);

/// The same, on newly made tensors.
result compute(std::string_view op, const call& c);

}  // namespace halfulp::kernels
