// A few lanes of a warp that work on one vector of a small matrix.
#pragma once

#include <halfulp/kernels/linalg/team.cuh>

namespace halfulp::kernels::cuda {

/// What team does, by `Width` neighbouring lanes of a warp, for up to Width rows, a lane for each, so that nothing has to be merged.
/// Triangles are whole: terms that lie above the diagonal are asked for and have to be 0. Other lanes of the warp may be elsewhere.
template <int Width>
class lane_team {
  static_assert(Width == lanes_of_warp || Width == lanes_of_warp / 2);

 public:
  __device__ lane_team()
      : lane_(static_cast<int>(threadIdx.x) % Width),
        mask_(Width == lanes_of_warp ? all_lanes : 0xffffu << threadIdx.x % lanes_of_warp / Width * Width) {}

  /// Teams of a block, and which of them this thread is in.
  __device__ static int teams() { return static_cast<int>(blockDim.x) / Width; }
  __device__ static int rank() { return static_cast<int>(threadIdx.x) / Width; }

  __device__ bool is_first_thread() const { return lane_ == 0; }
  __device__ void meet() const { __syncwarp(mask_); }
  __device__ bool any(bool mine, int*) const { return __any_sync(mask_, mine); }

  template <class F>
  __device__ void each(int n, F f) const {
    if (lane_ < n) f(lane_);
  }
  template <class Sum, class F>
  __device__ Sum total(int n, F f) const {
    Sum s{};
    for (int i = lane_; i < n; i += Width) s.merge(Sum{f(i)});
    for (int step = Width / 2; step > 0; step /= 2)
      s.merge(each_word(s, [&](unsigned w) { return __shfl_xor_sync(mask_, w, step); }));
    return s;
  }
  template <class Sum, class Term, class Take>
  __device__ void each_row(int n, Term term, Take take) const {
    each_line<Sum>(n, term, take);
  }
  template <class Sum, class Term, class Take>
  __device__ void each_column(int n, Term term, Take take) const {
    each_line<Sum>(
        n, [&](Sum& s, int column, int i) { term(s, i, column); }, take);
  }

 private:
  /// A lane has a row, or a column. Lanes beyond the last one go through that one with the others, and nobody takes before all have
  /// read.
  template <class Sum, class Term, class Take>
  __device__ void each_line(int n, Term term, Take take) const {
    const int line = min(lane_, n - 1);
    Sum s{};
#pragma unroll 4
    for (int k = 0; k < n; ++k) term(s, line, k);
    meet();
    if (lane_ < n) take(lane_, s);
  }

  int lane_;
  unsigned mask_;
};

}  // namespace halfulp::kernels::cuda
