#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

/// What `compute` (kernels/kernel.hpp) does by name, on GPU `device`: every tensor of the call lies in its memory, and so do
/// those that `make` makes. Integers other than elements are copied to the host and checked there, for which this waits for
/// the stream; nothing else does.
/// Throws invalid_argument for an unknown op, one that has no CUDA kernel for this dtype, or wrong arguments, before anything
/// is made; device_error where CUDA refuses a call.
void compute_on_cuda(std::string_view op, const call& c, const make_output& make, int device, const cuda_queue& queue);

/// Whether `compute_on_cuda` has the op for the dtype of this call's element argument; the tensors may lie anywhere.
bool is_on_cuda(std::string_view op, const call& c);

/// The ops that it has for one dtype at least, in the order of all ops.
std::vector<std::string> ops_on_cuda();

}  // namespace halfulp::kernels
