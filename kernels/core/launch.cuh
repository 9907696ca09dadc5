// What every CUDA kernel is launched with: checked calls, workspace, and the grid whose proof is `launch` (halfulp prove).
#pragma once

#include <cuda_runtime.h>

#include <halfulp/kernels/core/host_part.hpp>
#include <halfulp/kernels/core/workspace.hpp>
#include <halfulp/oracle/core/launch.hpp>
#include <halfulp/oracle/core/run.hpp>

namespace halfulp::kernels::cuda {

/// Multiprocessors of the current device. Throws device_error.
int multiprocessors();

/// How a kernel is launched: whether it may begin at once, up to its cudaGridDependencySynchronize(), or once all before it
/// is done; and how many blocks make a cluster.
struct manner {
  bool at_once = false;
  unsigned cluster = 1;
};

/// Queues kernel(arguments...). Throws device_error, where a grid or block is out of range, too.
template <class... Parameters, class... Arguments>
void launch(const cuda_queue& queue, manner how, dim3 blocks, unsigned threads, std::size_t shared_bytes,
            void (*kernel)(Parameters...), Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = threads;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream_of(queue);
  cudaLaunchAttribute attributes[2]{};
  config.attrs = attributes;
  if (how.at_once) {
    attributes[config.numAttrs].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes[config.numAttrs++].val.programmaticStreamSerializationAllowed = 1;
  }
  if (how.cluster > 1) {
    attributes[config.numAttrs].id = cudaLaunchAttributeClusterDimension;
    attributes[config.numAttrs++].val.clusterDim = {how.cluster, 1, 1};
  }
  check(cudaLaunchKernelEx(&config, kernel, static_cast<Arguments&&>(arguments)...), "cudaLaunchKernelEx");
}
template <class... Parameters, class... Arguments>
void launch(const cuda_queue& queue, dim3 blocks, unsigned threads, std::size_t shared_bytes,
            void (*kernel)(Parameters...), Arguments&&... arguments) {
  launch(queue, manner{}, blocks, threads, shared_bytes, kernel, static_cast<Arguments&&>(arguments)...);
}

/// f(i) for the i that are this thread's among [0, n).
template <class F>
__device__ void for_each_of_thread(std::int64_t n, F f) {
  run m("launch");
  const auto work = work_of(m, blockIdx.x, threadIdx.x, gridDim.x, blockDim.x);
  for (std::int64_t i = work.first; i < n; i = next_index(m, i, work.step)) f(i);
}

template <class F>
__global__ void __launch_bounds__(threads_per_block) for_each_kernel(std::int64_t n, const __grid_constant__ F f) {
  for_each_of_thread(n, f);
}

/// f(i) for every i in [0, n), up to max_elements, in no order; F is a function object for the device. Launches nothing
/// where n is 0.
template <class F>
void for_each_index(const cuda_queue& queue, std::int64_t n, const F& f) {
  run m("launch");
  const auto g = make_grid(m, n);
  if (g.launch)
    launch(queue, static_cast<unsigned>(g.blocks), static_cast<unsigned>(g.threads), 0, for_each_kernel<F>, n, f);
}

}  // namespace halfulp::kernels::cuda
