// A window_product whose columns share products, by tiles of patches.
#pragma once

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/core/window_rounding.cuh>
#include <halfulp/kernels/core/workspace.hpp>

namespace halfulp::kernels::cuda {

/// Queues every sum, where they have that form and it pays; else false. `arrived`: as in tile_parts. Throws device_error.
template <class T>
[[nodiscard]] bool round_by_patches(const window_product<T>& p, const left_sums& left, unsigned* arrived,
                                    const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
