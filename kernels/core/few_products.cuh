#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// Queues what computes every sum of a product that is not worth tiles, and lists in `left` the sums that it leaves; by
/// strips of columns, or, where sums are few and long, by blocks that share the terms. False, and nothing is queued, where
/// something that is counted in 32 bits does not fit. Throws device_error.
template <class T>
bool round_few_products(const window_product<T>& p, const left_sums& left, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
