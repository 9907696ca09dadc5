#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// Whether products of residues on tensor cores are the faster way for these sums, and the device has the instructions. Throws
/// device_error.
bool prefers_residues(const window_product<double>& p);

/// Queues what computes every sum by residues, and lists in `left` those that it leaves. Throws device_error.
void round_residue_products(const window_product<double>& p, const left_sums& left, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
