#pragma once

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::tests {

/// What became of a product.
struct narrow_outcome {
  bool planned = false, asked = false;  // whether residues have a plan for it; whether they asked for tiles instead
  std::int64_t left = 0;                // how many sums were left to repair
};

/// Every sum by residues, then by repair, whatever would be faster; `forced`: however much the operands would lose, too, unless an
/// image has no integers or no row has any. Where residues ask for tiles nothing is computed, nor where there is no plan. Waits
/// for the stream. Throws device_error.
template <class T>
narrow_outcome round_by_narrow_residues(const kernels::window_product<T>& p, bool forced,
                                        const kernels::cuda_queue& queue);

}  // namespace halfulp::tests
