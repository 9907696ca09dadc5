// Parts of device memory for a kernel of the CPU, and its results back.
#pragma once

#include <span>
#include <vector>

#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

/// Rows of `width` elements, those numbered `rows`, one after the other. Waits for the stream. Throws device_error.
template <class T>
std::vector<T> rows_to_host(const cuda_queue& queue, const T* from, std::int64_t width,
                            std::span<const std::int64_t> rows) {
  std::vector<T> host(rows.size() * static_cast<std::size_t>(width));
  for (std::size_t k = 0; k < rows.size(); ++k)
    check(cudaMemcpyAsync(host.data() + k * static_cast<std::size_t>(width), from + rows[k] * width,
                          static_cast<std::size_t>(width) * sizeof(T), cudaMemcpyDeviceToHost, stream_of(queue)),
          "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");
  return host;
}

/// The inverse: `host` holds the rows numbered `rows` of `to`. Waits for the stream. Throws device_error.
template <class T>
void rows_to_device(const cuda_queue& queue, const T* host, T* to, std::int64_t width,
                    std::span<const std::int64_t> rows) {
  for (std::size_t k = 0; k < rows.size(); ++k)
    check(cudaMemcpyAsync(to + rows[k] * width, host + k * static_cast<std::size_t>(width),
                          static_cast<std::size_t>(width) * sizeof(T), cudaMemcpyHostToDevice, stream_of(queue)),
          "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");
}

/// Notes what the CPU decided of what was left to it, where anybody asks.
inline void note_by_host(const cuda_queue& queue, const tier_counts& counts) {
  count_decided(counts, queue);
  if (queue.by_host == nullptr) return;
  for (const std::int64_t n : counts.count) *queue.by_host += n;
}

}  // namespace halfulp::kernels::cuda
