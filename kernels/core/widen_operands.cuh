// Operands of 16 bits as binary32 numbers.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

/// The elements of both operands, four for a thread at a time; `wide` has room for three more.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    widen_operands(const T* image, std::int64_t images, const T* factor, std::int64_t factors, float* wide) {
  struct alignas(8) four {
    T value[4];
  };
  const std::int64_t step = gridDim.x * threads_per_block * 4;
  for (std::int64_t i = (blockIdx.x * threads_per_block + threadIdx.x) * 4; i < images + factors; i += step) {
    four x{};
    if (i + 4 <= images && reinterpret_cast<std::uintptr_t>(image) % sizeof(four) == 0)
      x = *reinterpret_cast<const four*>(image + i);
    else
      for (int e = 0; e < 4; ++e)
        if (i + e < images + factors) x.value[e] = i + e < images ? image[i + e] : factor[i + e - images];
    float4 y{widen_binary32(x.value[0]), widen_binary32(x.value[1]), widen_binary32(x.value[2]),
             widen_binary32(x.value[3])};
    *reinterpret_cast<float4*>(wide + i) = y;
  }
}

}  // namespace halfulp::kernels::cuda
