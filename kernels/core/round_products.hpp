#pragma once

#include <halfulp/kernels/core/joined_product.hpp>
#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/core/format.hpp>

namespace halfulp::kernels {

/// Queues what writes every sum of `p`, rounded once. All pointers are to device memory. Throws device_error.
void round_products(const window_product<float16>& p, const cuda_queue& queue);
void round_products(const window_product<bfloat16>& p, const cuda_queue& queue);
void round_products(const window_product<float>& p, const cuda_queue& queue);
void round_products(const window_product<double>& p, const cuda_queue& queue);

/// The same of all phases at once; false where nothing was queued, since they are better computed one by one.
[[nodiscard]] bool round_joined(const joined_product<float16>& j, const cuda_queue& queue);
[[nodiscard]] bool round_joined(const joined_product<bfloat16>& j, const cuda_queue& queue);
[[nodiscard]] bool round_joined(const joined_product<float>& j, const cuda_queue& queue);
[[nodiscard]] bool round_joined(const joined_product<double>& j, const cuda_queue& queue);

}  // namespace halfulp::kernels
