#pragma once

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::tests {

/// What became of a product.
struct lines_outcome {
  bool planned = false;   // whether tiles of whole lines have a plan for it
  std::int64_t left = 0;  // how many sums were left to repair
};

/// Every sum by tiles of whole lines, then by repair, whatever would be faster. Where there is no plan nothing is computed.
/// Waits for the stream. Throws device_error.
lines_outcome round_by_line_tiles(const kernels::window_product<float>& p, const kernels::cuda_queue& queue);

/// Whether a call computes this product by them.
bool prefers_line_tiles(const kernels::window_product<float>& p);

}  // namespace halfulp::tests
