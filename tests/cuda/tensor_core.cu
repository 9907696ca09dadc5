#include "tensor_core.hpp"

#include <cuda_runtime.h>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tensor_core.cuh>

namespace halfulp::tests {
namespace {

__global__ void multiply_one(const small_product* in, double* sum) {
  const int g = static_cast<int>(threadIdx.x) / 4, t = static_cast<int>(threadIdx.x) % 4;
  const auto& p = in[blockIdx.x];
  double c[4] = {p.start[g][2 * t], p.start[g][2 * t + 1], p.start[g + 8][2 * t], p.start[g + 8][2 * t + 1]};
  kernels::cuda::multiply_add(c, {p.image[g][t], p.image[g + 8][t], p.image[g][t + 4], p.image[g + 8][t + 4]},
                              {p.factor[t][g], p.factor[t + 4][g]});
  double* out = sum + blockIdx.x * 128;
  out[g * 8 + 2 * t] = c[0];
  out[g * 8 + 2 * t + 1] = c[1];
  out[(g + 8) * 8 + 2 * t] = c[2];
  out[(g + 8) * 8 + 2 * t + 1] = c[3];
}

}  // namespace

std::vector<double> multiply_on_tensor_core(const std::vector<small_product>& products) {
  using kernels::cuda::check;
  small_product* in = nullptr;
  double* out = nullptr;
  std::vector<double> sums(products.size() * 128);
  check(cudaMalloc(&in, products.size() * sizeof(small_product)), "cudaMalloc");
  check(cudaMalloc(&out, sums.size() * sizeof(double)), "cudaMalloc");
  check(cudaMemcpy(in, products.data(), products.size() * sizeof(small_product), cudaMemcpyDefault), "cudaMemcpy");
  multiply_one<<<static_cast<unsigned>(products.size()), 32>>>(in, out);
  check(cudaGetLastError(), "multiply_one");
  check(cudaMemcpy(sums.data(), out, sums.size() * sizeof(double), cudaMemcpyDefault), "cudaMemcpy");
  check(cudaFree(in), "cudaFree");
  check(cudaFree(out), "cudaFree");
  return sums;
}

}  // namespace halfulp::tests
