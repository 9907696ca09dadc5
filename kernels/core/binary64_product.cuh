#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// Whether tiles are the better way for these sums: they are not mostly empty, and what they count in 32 bits fits.
bool prefers_binary64_tiles(const window_product<double>& p);

/// Queues what computes every sum by tiles, and lists in `left` those that it leaves. Throws device_error.
void round_binary64_products(const window_product<double>& p, const left_sums& left, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
