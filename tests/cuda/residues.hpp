#pragma once

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::tests {

/// Every sum by residues, then by repair, whatever would be faster; there is one at least, of one term at least.
/// Returns how many residues left to repair. Waits for the stream. Throws device_error.
std::int64_t round_by_residues(const kernels::window_product<double>& p, const kernels::cuda_queue& queue);

}  // namespace halfulp::tests
