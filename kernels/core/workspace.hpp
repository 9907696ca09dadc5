// Checked calls of the CUDA runtime, and memory for what is queued; for any compiler.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/core/error.hpp>

namespace halfulp::kernels::cuda {

/// Throws device_error unless the call went well.
inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess) throw device_error(call, static_cast<int>(code));
}

inline cudaStream_t stream_of(const cuda_queue& queue) {
  return static_cast<cudaStream_t>(queue.stream);
}

/// Memory on the device for the kernels that are queued while it lives; given back in the order of the stream.
class workspace {
 public:
  /// Throws device_error; bytes may be 0.
  workspace(const cuda_queue& queue, std::size_t bytes);
  ~workspace();
  workspace(const workspace&) = delete;
  workspace& operator=(const workspace&) = delete;

  template <class T>
  T* at(std::size_t byte = 0) const {
    return reinterpret_cast<T*>(static_cast<std::byte*>(data_) + byte);
  }

 private:
  const cuda_queue& queue_;
  void* data_ = nullptr;
};

}  // namespace halfulp::kernels::cuda
