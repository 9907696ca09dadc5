// CUDA kernels whose outputs have shapes that only the elements tell, for compilers that know nothing of CUDA.
#pragma once

#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels {

/// What `compute_found` does, on a GPU, for an Op whose outputs have shapes that only the elements tell. `out` are the
/// outputs that are asked for, with room for as many values as there could be (for unique: as x has slices); what is found
/// lies at their beginning, contiguous, and nothing after it is written. How many values there are goes to *found, which is
/// memory that the device writes: its own, or pinned memory of the host. It is there in the order of the stream, so whoever
/// reads it on the host waits for the stream once; nothing here does.
template <class Op, class T>
void compute_found_on_cuda(const typename Op::template args<T>& a, std::span<const tensor_view> out,
                           std::int64_t* found, const cuda_queue& queue);

}  // namespace halfulp::kernels
