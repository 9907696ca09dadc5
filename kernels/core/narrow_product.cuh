#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/narrow_rows.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// Whether products of residues on int8 tensor cores are the faster way for these sums of float16 or bfloat16, and the device
/// has the instructions. Throws device_error.
template <class T>
bool prefers_narrow_residues(const window_product<T>& p);

/// Queues what computes every sum by residues and lists in `left` those that it leaves; or, where too many numbers of the
/// image would lose too much, nothing but state->asks_tiles. `state` is 0 at first. False where residues do not lie as they have
/// to (narrow_plan), and nothing is queued. Throws device_error.
template <class T>
bool round_narrow_products(const window_product<T>& p, narrow_state* state, const left_sums& left,
                           const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
