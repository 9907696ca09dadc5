// The CUDA kernels, for compilers that know nothing of CUDA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <halfulp/oracle/core/tensor.hpp>
#include <halfulp/oracle/core/tier.hpp>

namespace halfulp::kernels {

/// Where the workspace of a call comes from: memory of the stream's device, ordered by the stream (a framework's caching
/// allocator). `stream` is a cudaStream_t.
class cuda_memory {
 public:
  virtual ~cuda_memory() = default;
  virtual void* allocate(std::size_t bytes, void* stream) = 0;
  virtual void release(void* memory, void* stream) = 0;
};

/// How a kernel runs: everything in `stream` (a cudaStream_t of the current device). Only kernels that may leave components
/// to the CPU wait for it (docs/cuda.md names them).
struct cuda_queue {
  void* stream = nullptr;
  cuda_memory* memory = nullptr;    ///< nullptr: cudaMallocAsync, from a pool that keeps what is given back to it
  tier_counts* decided = nullptr;   ///< in device memory: adds how many components each tier decided
  std::int64_t* by_host = nullptr;  ///< in host memory: adds how many components were left to the CPU
};

/// What `compute` (kernels/kernel.hpp) does, on a GPU: the same bits. `Args` are those of Op for T, their spans over
/// device memory; `out` are contiguous tensors in device memory of the types that Op::outputs gives. What only the
/// elements can tell has been checked before (Op::bind does so for host memory).
/// Returns as soon as the work is queued, or, where components may be left to the CPU, as soon as it is done. An empty
/// output launches nothing. Throws device_error where CUDA refuses a call, and then no output is to be used; what goes wrong
/// later is found by whoever next waits for the stream.
template <class Op, class T>
void compute_on_cuda(const typename Op::template args<T>& a, std::span<const tensor_view> out, const cuda_queue& queue);

}  // namespace halfulp::kernels
