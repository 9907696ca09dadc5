#pragma once

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels {

/// Queues what writes every sum of `p` modulo 2^w, for the integer formats of halfulp. All pointers are to device memory.
/// Throws device_error.
template <class T>
void add_integer_products(const window_product<T>& p, const cuda_queue& queue);

}  // namespace halfulp::kernels
