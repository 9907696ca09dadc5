// A window_product of binary32 numbers by tiles of whole lines.
#pragma once

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/core/window_rounding.cuh>
#include <halfulp/kernels/core/workspace.hpp>

namespace halfulp::kernels::cuda {

/// Whether these tiles take less time than others. Throws device_error.
[[nodiscard]] bool prefers_lines(const window_product<float>& p);

/// Queues every sum, and `left` begins anew; false, and nothing is queued, where sums are of another form (line_plan). The
/// device has to be of architecture 9.0. Throws device_error.
[[nodiscard]] bool round_by_lines(const window_product<float>& p, const left_sums& left, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
