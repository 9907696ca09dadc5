// What the host does of a call whose components may be left to the CPU, for compilers that know nothing of CUDA.
#pragma once

#include <cstddef>

#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels::cuda {

/// Copies between host and device memory in the stream, and waits for it. Throws device_error.
void copy_and_wait(void* to, const void* from, std::size_t bytes, const cuda_queue& queue);

/// Queues queue.decided += more, where that is asked for. Throws device_error.
void count_decided(const tier_counts& more, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
