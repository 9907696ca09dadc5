// Operands of 16 bits as binary32 numbers.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

/// Eight elements of n from the i-th on, as far as there are any; together where they are aligned.
template <class T>
__device__ void widen_eight(const T* from, std::int64_t i, std::int64_t n, float* to) {
  struct alignas(16) eight {
    T value[8];
  };
  if (i + 8 <= n && reinterpret_cast<std::uintptr_t>(from) % sizeof(eight) == 0) {
    const eight x = *reinterpret_cast<const eight*>(from + i);
    float4 y[2];
    for (int k = 0; k < 2; ++k)
      y[k] = {widen_binary32(x.value[4 * k]), widen_binary32(x.value[4 * k + 1]), widen_binary32(x.value[4 * k + 2]),
              widen_binary32(x.value[4 * k + 3])};
    reinterpret_cast<float4*>(to + i)[0] = y[0];
    reinterpret_cast<float4*>(to + i)[1] = y[1];
  } else {
    for (int k = 0; k < 8; ++k)
      if (i + k < n) to[i + k] = widen_binary32(from[i + k]);
  }
}

/// The elements of both operands, each from where `wide` is aligned.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    widen_operands(const T* image, std::int64_t images, float* wide_image, const T* factor, std::int64_t factors,
                   float* wide_factor) {
  const auto first = static_cast<std::int64_t>(blockIdx.x * threads_per_block + threadIdx.x) * 8;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * threads_per_block * 8;
  for (std::int64_t i = first; i < images; i += step) widen_eight(image, i, images, wide_image);
  for (std::int64_t i = first; i < factors; i += step) widen_eight(factor, i, factors, wide_factor);
}

}  // namespace halfulp::kernels::cuda
