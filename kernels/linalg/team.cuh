// The threads that work on one vector, a block or a cluster of blocks, and what they do with the rows and columns of a lower
// triangular matrix.
#pragma once

#include <cooperative_groups.h>
#include <cstring>

#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

inline constexpr int lanes_of_warp = 32;
inline constexpr unsigned all_lanes = 0xffffffff;

/// f(word) for each 32-bit word of a value, in place.
template <class V, class F>
__device__ V each_word(V value, F f) {
  static_assert(sizeof(V) % sizeof(unsigned) == 0);
  unsigned words[sizeof(V) / sizeof(unsigned)];
  std::memcpy(words, &value, sizeof(V));
  for (unsigned& w : words) w = f(w);
  std::memcpy(&value, words, sizeof(V));
  return value;
}
/// What lane `from` holds.
template <class V>
__device__ V broadcast(V value, int from) {
  return each_word(value, [&](unsigned w) { return __shfl_sync(all_lanes, w, from); });
}
/// The values of all lanes merged, in every lane.
template <class Sum>
__device__ Sum merged_lanes(Sum s) {
  for (int step = lanes_of_warp / 2; step > 0; step /= 2)
    s.merge(each_word(s, [&](unsigned w) { return __shfl_xor_sync(all_lanes, w, step); }));
  return s;
}

struct largest_number {
  double value;
  __device__ void merge(const largest_number& other) { value = fmax(value, other.value); }
};
struct plain_sum {
  double value;
  __device__ void merge(const plain_sum& other) { value += other.value; }
};

class team {
 public:
  /// `room`: shared memory of `room_bytes` for each thread of the block.
  static constexpr int room_bytes = 48;
  __device__ team(int blocks, void* room)
      : blocks_(blocks),
        rank_(blocks == 1 ? 0 : static_cast<int>(blockIdx.x) % blocks),
        warp_(static_cast<int>(threadIdx.x) / lanes_of_warp),
        warps_(static_cast<int>(blockDim.x) / lanes_of_warp),
        lane_(static_cast<int>(threadIdx.x) % lanes_of_warp),
        room_(room) {}

  /// Waits for all threads; what they wrote is seen by all.
  __device__ void meet() const {
    if (blocks_ == 1)
      __syncthreads();
    else
      cooperative_groups::this_cluster().sync();
  }

  __device__ bool is_first_thread() const { return rank_ == 0 && threadIdx.x == 0; }
  /// Whether any thread says so; `flags`: one for each block, in memory that all see.
  __device__ bool any(bool mine, int* flags) const {
    const int here = __syncthreads_or(mine);
    if (blocks_ == 1) return here != 0;
    if (threadIdx.x == 0) flags[rank_] = here;
    meet();
    bool found = false;
    for (int b = 0; b < blocks_; ++b) found = found || flags[b] != 0;
    meet();
    return found;
  }

  /// f(i) for i in [0, n), each by one thread of the team, always the same one.
  template <class F>
  __device__ void each(int n, F f) const {
    const int threads = static_cast<int>(blockDim.x);
    for (int i = rank_ * threads + static_cast<int>(threadIdx.x); i < n; i += blocks_ * threads) f(i);
  }

  /// The merged f(i) of i in [0, n): every block finds it by itself, in the same order, and no block waits for others.
  template <class Sum, class F>
  __device__ Sum total(int n, F f) const {
    Sum s{};
    for (int i = static_cast<int>(threadIdx.x); i < n; i += static_cast<int>(blockDim.x)) s.merge(Sum{f(i)});
    s = merged_lanes(s);
    Sum* const sums = static_cast<Sum*>(room_);
    __syncthreads();
    if (lane_ == 0) sums[warp_] = s;
    __syncthreads();
    Sum all{};
    for (int w = 0; w < warps_; ++w) all.merge(sums[w]);
    __syncthreads();
    return all;
  }

  /// For each row i < n: term(s, i, j) for its columns j <= i, then take(i, s) by one thread. n / 32 terms of a sum follow each
  /// other; then 5 merges.
  template <class Sum, class Term, class Take>
  __device__ void each_row(int n, Term term, Take take) const {
    for (int i = rank_ * warps_ + warp_; i < n; i += blocks_ * warps_) {
      Sum s{};
#pragma unroll 4
      for (int j = lane_; j <= i; j += lanes_of_warp) term(s, i, j);
      s = merged_lanes(s);
      if (lane_ == 0) take(i, s);
    }
  }

  /// For each column j < n: term(s, i, j) for its rows i >= j, then take(j, s). n / warps terms follow each other, then as many
  /// merges as there are warps.
  template <class Sum, class Term, class Take>
  __device__ void each_column(int n, Term term, Take take) const {
    static_assert(sizeof(Sum) <= room_bytes);
    Sum* const sums = static_cast<Sum*>(room_);
    for (int first = rank_ * lanes_of_warp; first < n; first += blocks_ * lanes_of_warp) {
      const int j = first + lane_;
      Sum s{};
#pragma unroll 4
      for (int i = first + warp_; i < n; i += warps_)
        if (i >= j) term(s, i, j);
      sums[threadIdx.x] = s;
      __syncthreads();
      if (warp_ == 0 && j < n) {
        for (int w = 1; w < warps_; ++w) s.merge(sums[w * lanes_of_warp + lane_]);
        take(j, s);
      }
      __syncthreads();
    }
  }

 private:
  int blocks_, rank_, warp_, warps_, lane_;
  void* room_;
};

}  // namespace halfulp::kernels::cuda
