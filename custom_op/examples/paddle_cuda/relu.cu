// The kernel, and its launch: no header of the framework, so that nvcc takes it whatever the framework is built with.
#include "relu.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace {

constexpr int threads = 256;
constexpr int64_t most_blocks = 65536;

__global__ void relu_kernel(const float* x, float* y, int64_t n) {
  const int64_t step = int64_t{gridDim.x} * blockDim.x;
  for (int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) y[i] = x[i] > 0 ? x[i] : 0;
}

}  // namespace

void relu_on_device(const float* x, float* y, int64_t n, void* stream) {
  if (n == 0) return;  // a grid without blocks is an error
  const auto blocks = static_cast<unsigned>(std::min((n + threads - 1) / threads, most_blocks));
  relu_kernel<<<blocks, threads, 0, static_cast<cudaStream_t>(stream)>>>(x, y, n);
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) throw std::runtime_error(std::string("relu_kernel: ") + cudaGetErrorString(status));
}
