// What kernels leave for a later step, gathered on the device.
#pragma once

#include <vector>

#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

/// Numbers in device memory, in no order; room for as many as may be added.
struct left_list {
  unsigned long long* count;
  std::int64_t* item;

  __device__ void add(std::int64_t i) const { item[atomicAdd(count, 1ull)] = i; }
};

/// left_list_bytes(most) bytes at `memory` as an empty list with room for `most` numbers; queues its clearing.
inline std::size_t left_list_bytes(std::int64_t most) {
  return (static_cast<std::size_t>(most) + 1) * sizeof(std::int64_t);
}
left_list empty_list(const cuda_queue& queue, void* memory);

/// What was added, ascending. Waits for the stream. Throws device_error.
std::vector<std::int64_t> read(const cuda_queue& queue, const left_list& list);

}  // namespace halfulp::kernels::cuda
