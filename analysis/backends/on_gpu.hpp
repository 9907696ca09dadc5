// What the workers of a GPU share: memory on the device for one call, and the end of a worker whose device is lost.
#pragma once

#include <deque>
#include <memory>

#include <cuda_runtime_api.h>

#include <halfulp/analysis/backends/in_process.hpp>
#include <halfulp/oracle/core/error.hpp>

namespace halfulp::analysis::gpu {

/// Throws device_error unless the call went well.
inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess) throw device_error(call, static_cast<int>(code));
}

/// Memory of the current device that lives as long as this; outputs and workspace begin as bytes that mean nothing.
class memory {
 public:
  memory() = default;
  ~memory() {
    for (void* p : held_) (void)cudaFree(p);
  }
  memory(const memory&) = delete;
  memory& operator=(const memory&) = delete;

  template <class T = void>
  T* room(std::size_t bytes) {
    void* p = nullptr;
    check(cudaMalloc(&p, bytes), "cudaMalloc");
    held_.push_back(p);
    if (bytes > 0) check(cudaMemset(p, poison, bytes), "cudaMemset");
    return static_cast<T*>(p);
  }
  /// A copy of n elements of host memory.
  template <class T>
  T* copy(const T* from, std::size_t n) {
    T* const p = room<T>(n * sizeof(T));
    if (n > 0) check(cudaMemcpy(p, from, n * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
    return p;
  }

 private:
  static constexpr int poison = 0xa7;
  std::deque<void*> held_;
};

/// Copies n elements to host memory, behind all that was queued.
template <class T>
void read(T* to, const T* from, std::size_t n) {
  if (n > 0) check(cudaMemcpy(to, from, n * sizeof(T), cudaMemcpyDeviceToHost), "cudaMemcpy");
}

/// "NVIDIA H200, compute capability 9.0", the driver's and the runtime's CUDA. Throws device_error where there is none.
nlohmann::json settings();

/// Serves a backend on standard input (docs/eval.md). After a fault of the device nothing runs on it in this process any
/// more, so the worker ends without an answer: the case counts as crashed, and the next begins with a new worker. What Backend's
/// constructor throws becomes its description: {"name", "error"}.
int serve(const char* name, std::unique_ptr<backend> (*make)());

template <class Backend>
int serve(const char* name) {
  return serve(name, []() -> std::unique_ptr<backend> { return std::make_unique<Backend>(); });
}

}  // namespace halfulp::analysis::gpu
