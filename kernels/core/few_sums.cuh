// Sums of a window_product that are few and long, as those of a depthwise layer's weight gradient: a block has up to 3 x 3
// columns that lie side by side in the image, and its threads share the terms.
#pragma once

#include <cstdint>
#include <cstring>

#include <halfulp/kernels/core/few_rows.cuh>
#include <halfulp/kernels/core/shared_sum.cuh>

namespace halfulp::kernels::cuda {

/// How the sums of a window_product are dealt to blocks: tap blocks, and parts of the terms of each.
struct sum_blocks {
  std::int64_t blocks;  // without parts
  int parts, strips, strips_of_part, taps_down, taps_across;
  strip_axis down, across;
  int row_step, element_step, factor_down, factor_across;
  divisor strips_across, strips_down;  // a strip is `strip_length` terms, one below the other
  void* totals;                        // of each block and part: its sums, and one for the factor
  unsigned* arrived;                   // of each block; 0 at first
};

inline constexpr int sum_threads = 256, sum_warps = sum_threads / lanes;

template <class T, int Taps, bool Shared>
class sum_block {
 public:
  static constexpr int sums = Taps * Taps;
  struct total {
    shared_sum<T> sum[sums];
    operand_note<T> image, factor;
  };
  struct memory {
    total of_warp[sum_warps];
    bool is_last;
  };

  __device__ sum_block(const window_product<T>& p, const sum_blocks& s, memory& shared, const left_sums& left)
      : p_(p), s_(s), shared_(shared), left_(left), thread_(static_cast<int>(threadIdx.x)) {}

  __device__ void round(std::int64_t block, int part) {
    begin(block);
    add_up(part * s_.strips_of_part, min(s_.strips, (part + 1) * s_.strips_of_part));
    join();
    if (s_.parts == 1 || take_parts(block, part)) decide_all();
    __syncthreads();
  }

 private:
  using element = decltype(widen_element(T{}));

  __device__ void begin(std::int64_t block) {
    const int tap = static_cast<int>(block % (s_.taps_down * s_.taps_across));
    const std::int64_t pair = block / (s_.taps_down * s_.taps_across), row = pair / p_.outer_columns;
    down_ = tap / s_.taps_across * Taps;
    across_ = tap % s_.taps_across * Taps;
    outer_ = pair % p_.outer_columns;
    row_ = row % p_.rows;
    group_ = row / p_.rows;
    image_ = p_.image.data + group_ * p_.image.group_step + outer_ * p_.image.column_step;
    factor_ = p_.factor.data + group_ * p_.factor.group_step + row_ * p_.factor.row_step;
    total_ = {};
  }

  __device__ void add_up(int first, int end) {
    for (int k = first + thread_; k < end; k += sum_threads) {
      const unsigned line = s_.strips_across.quotient(static_cast<unsigned>(k));
      const auto x = static_cast<int>(s_.strips_across.remainder(static_cast<unsigned>(k))),
                 y = static_cast<int>(s_.strips_down.remainder(line)) * strip_length;
      const std::int64_t t = s_.strips_down.quotient(line);
      add_strip(factor_ + t * p_.factor.outer_step, image_ + t * p_.image.term_step, y, x);
    }
  }
  __device__ void add_strip(const T* from, const T* image, int y, int x) {
    element factor[strip_length];
#pragma unroll
    for (int j = 0; j < strip_length; ++j) {
      factor[j] = read(from + (y + j) * s_.factor_down + x * s_.factor_across, y + j < s_.down.terms);
      total_.factor.take(factor[j]);
    }
    const int top = y * s_.down.term_step + down_ * s_.down.column_step + s_.down.origin;
    const int left = x * s_.across.term_step + across_ * s_.across.column_step + s_.across.origin;
#pragma unroll
    for (int h = 0; h < Taps; ++h) {
      const int at_x = left + h * s_.across.column_step;
      const bool reads = static_cast<unsigned>(at_x) < static_cast<unsigned>(s_.across.elements);
      add_line(factor, image + at_x * s_.element_step, reads, top, h);
    }
  }
  /// The products of a strip with the taps of one column; where terms and taps step alike, these share elements.
  __device__ void add_line(const element (&factor)[strip_length], const T* line, bool reads, int top, int h) {
    if constexpr (Shared) {
#pragma unroll
      for (int m = 0; m < Taps + strip_length - 1; ++m) {
        const element e = read_line(line, reads, top + m * s_.down.term_step);
#pragma unroll
        for (int v = 0; v < Taps; ++v)
          if (m >= v && m - v < strip_length) total_.sum[v * Taps + h].add_product(factor[m - v], e);
      }
    } else {
#pragma unroll
      for (int v = 0; v < Taps; ++v)
#pragma unroll
        for (int j = 0; j < strip_length; ++j)
          total_.sum[v * Taps + h].add_product(
              factor[j], read_line(line, reads, top + v * s_.down.column_step + j * s_.down.term_step));
    }
  }
  __device__ element read_line(const T* line, bool reads, int y) {
    const element e = read(line + static_cast<std::int64_t>(y) * s_.row_step,
                           reads && static_cast<unsigned>(y) < static_cast<unsigned>(s_.down.elements));
    total_.image.take(e);
    return e;
  }
  static __device__ element read(const T* from, bool reads) {
    T x{};
    if (reads) x = *from;
    return widen_element(x);
  }

  static __device__ void add(total& to, const total& from) {
#pragma unroll
    for (int k = 0; k < sums; ++k) to.sum[k].add(from.sum[k]);
    to.image.join(from.image);
    to.factor.join(from.factor);
  }

  /// Afterwards of_warp[0] is the total of the block.
  __device__ void join() {
    for (int step = lanes / 2; step > 0; step /= 2) {
#pragma unroll
      for (int k = 0; k < sums; ++k) total_.sum[k].add(total_.sum[k].from_lane(step));
      total_.image.join(total_.image.from_lane(step));
      total_.factor.join(total_.factor.from_lane(step));
    }
    if (thread_ % lanes == 0) shared_.of_warp[thread_ / lanes] = total_;
    __syncthreads();
    if (thread_ != 0) return;
    for (int w = 1; w < sum_warps; ++w) add(shared_.of_warp[0], shared_.of_warp[w]);
  }

  /// Leaves the total of this part for whoever comes last, who adds up those of all, in their order. False: not the last.
  __device__ bool take_parts(std::int64_t block, int part) {
    auto* totals = static_cast<total*>(s_.totals) + block * s_.parts;
    if (thread_ == 0) {
      totals[part] = shared_.of_warp[0];
      __threadfence();
      shared_.is_last = atomicAdd(s_.arrived + block, 1u) + 1 == static_cast<unsigned>(s_.parts);
      __threadfence();
      if (shared_.is_last) {
        shared_.of_warp[0] = load_total(totals);
        for (int i = 1; i < s_.parts; ++i) add(shared_.of_warp[0], load_total(totals + i));
      }
    }
    __syncthreads();
    return shared_.is_last;
  }
  /// Past the cache of this multiprocessor.
  static __device__ total load_total(const total* from) {
    constexpr int words = sizeof(total) / sizeof(double);
    static_assert(words * sizeof(double) == sizeof(total));
    double word[words];
#pragma unroll
    for (int i = 0; i < words; ++i) word[i] = __ldcg(reinterpret_cast<const double*>(from) + i);
    total t;
    memcpy(&t, word, sizeof(t));
    return t;
  }

  __device__ void decide_all() {
    __syncthreads();
    const int i = thread_ / Taps, j = thread_ % Taps;
    if (thread_ >= sums || down_ + i >= p_.vertical.columns || across_ + j >= p_.horizontal.columns) return;
    const std::int64_t column = (outer_ * p_.vertical.columns + down_ + i) * p_.horizontal.columns + across_ + j;
    const sum_index s{group_, row_, column};
    const double start = p_.start == nullptr ? 0 : widen(p_.start[group_ * p_.rows + row_]);
    const total& all = shared_.of_warp[0];
    // of a thread's strips, of lanes, of warps and of parts; no strip adds up more squares than `squares`
    constexpr int squares = Taps * strip_length * Taps;
    const std::int64_t strips = s_.strips_of_part / sum_threads + 1, joins = lanes + sum_warps + s_.parts;
    const sum_length n{p_.depth(), strip_length * strips + joins, std::int64_t{squares} * s_.strips,
                       squares * strips + joins};
    T rounded;
    if (all.sum[thread_].round(start, all.image, all.factor, n, rounded))
      output_of(p_, s) = rounded;
    else
      left_.add((s.group * p_.rows + s.row) * p_.columns() + s.column);
  }

  const window_product<T>& p_;
  const sum_blocks& s_;
  memory& shared_;
  const left_sums& left_;
  const int thread_;
  std::int64_t group_ = 0, row_ = 0, outer_ = 0;
  int down_ = 0, across_ = 0;
  const T *image_ = nullptr, *factor_ = nullptr;
  total total_;
};

template <class T, int Taps, bool Shared>
__global__ void __launch_bounds__(sum_threads)
    round_few_sums(const __grid_constant__ window_product<T> p, const __grid_constant__ sum_blocks s, left_sums left) {
  using block = sum_block<T, Taps, Shared>;
  __shared__ alignas(16) unsigned char shared[sizeof(typename block::memory)];
  block sums(p, s, *reinterpret_cast<typename block::memory*>(shared), left);
  for (std::int64_t b = blockIdx.x; b < s.blocks * s.parts; b += gridDim.x)
    sums.round(b / s.parts, static_cast<int>(b % s.parts));
}

}  // namespace halfulp::kernels::cuda
