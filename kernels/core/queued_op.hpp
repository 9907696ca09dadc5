// Ops whose CUDA kernels are one template over the element type.
#pragma once

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/cuda.hpp>

/// Specialises compute_on_cuda for `queued`, the op that the file names so, and T: the function that follows does it, or
/// queue<T>.
#define HALFULP_QUEUED_BY(T, ...)                                                                                    \
  template <>                                                                                                        \
  void compute_on_cuda<queued, T>(const queued::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) { \
    __VA_ARGS__(a, out, q);                                                                                          \
  }
#define HALFULP_QUEUED(T) HALFULP_QUEUED_BY(T, queue<T>)
