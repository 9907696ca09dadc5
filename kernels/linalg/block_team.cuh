// The team (kernels/linalg/team.hpp) that a block of a GPU is.
#pragma once

#include <bit>
#include <cstdint>

namespace halfulp::kernels::cuda {

class block_team {
 public:
  static constexpr int lanes = 32;
  const int rank = static_cast<int>(threadIdx.x), size = static_cast<int>(blockDim.x);

  /// `slot`: a word of shared memory for largest().
  __device__ explicit block_team(unsigned long long* slot) : slot_(slot) {}

  __device__ int lane() const { return rank % lanes; }
  __device__ int warp() const { return rank / lanes; }
  __device__ int warps() const { return size / lanes; }
  __device__ void sync() const { __syncthreads(); }
  __device__ void sync_warp() const { __syncwarp(); }
  /// Every lane adds up each 32nd term, then the lanes' sums are added as a tree, in which both of a pair get the same bits.
  template <class F>
  __device__ double sum(int m, F f) const {
    double s = 0;
    for (int i = lane(); i < m; i += lanes) s += f(i);
    return sum_lanes(s);
  }
  __device__ int sum_depth(int m) const { return (m + lanes - 1) / lanes + 5; }
  __device__ double sum_lanes(double x) const {
#pragma unroll
    for (int step = lanes / 2; step > 0; step /= 2) x += __shfl_xor_sync(0xffffffffu, x, step);
    return x;
  }
  __device__ double largest(double x) const {
    auto bits = std::bit_cast<unsigned long long>(x);
    for (int step = lanes / 2; step > 0; step /= 2) bits = max(bits, __shfl_xor_sync(0xffffffffu, bits, step));
    sync();
    if (rank == 0) *slot_ = 0;
    sync();
    if (lane() == 0) atomicMax(slot_, bits);
    sync();
    return std::bit_cast<double>(*slot_);
  }

 private:
  unsigned long long* slot_;
};

}  // namespace halfulp::kernels::cuda
