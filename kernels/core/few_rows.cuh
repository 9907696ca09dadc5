// Sums of a window_product with few rows, as those of depthwise layers: neither operand is worth a tile. A thread has a
// strip of 4 columns, one below the other, and up to 4 rows; a warp's strips lie side by side.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/strip_sum.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>
#include <halfulp/oracle/core/reciprocal.hpp>

namespace halfulp::kernels::cuda {

/// One axis of the image as a strip reads it: columns and terms step the same way.
struct strip_axis {
  int columns, terms, elements, origin, column_step, term_step;
};

/// A window_product in numbers of 32 bits. Where columns and terms step alike, or one against the other, down the image,
/// a strip's windows share its elements; terms are then taken in the order in which they follow the columns.
struct strip_shape {
  strip_axis down, across;
  int outer_terms, image_term_step, row_step, element_step;
  int factor_outer, factor_down, factor_across, first_factor;
  divisor strips_across, strips_down;
  unsigned strips, strips_of_block, parts;  // of a group; blocks of a group and row block
  int row_blocks, terms_at_once;            // outer terms whose factors are in shared memory together
  strip_bound bound;
};

inline constexpr int strip_length = 4, strip_threads = 256, strip_factors = 2048;

template <class T, int Rows, int Taps, bool Shared>
class strip_block {
 public:
  using number = typename strip_sum<T>::number;
  struct memory {
    number factor[strip_factors], magnitude[Rows];
    float smallest[Rows];  // of the factors that are not 0
  };

  __device__ strip_block(const window_product<T>& p, const strip_shape& s, memory& shared, const left_sums& left)
      : p_(p), s_(s), shared_(shared), left_(left), thread_(static_cast<int>(threadIdx.x)) {}

  /// Rounds the strips of block b.
  __device__ void round(std::int64_t b) {
    const std::int64_t rows = b / s_.parts;
    group_ = rows / s_.row_blocks;
    row_ = rows % s_.row_blocks * Rows;
    const auto first = static_cast<unsigned>(b % s_.parts) * s_.strips_of_block;
    const unsigned end = min(s_.strips, first + s_.strips_of_block);
    forget_magnitudes();
    const bool all_at_once = s_.terms_at_once >= s_.outer_terms;
    if (all_at_once) keep_factors(0, s_.outer_terms);
    for (unsigned i = first; i < end; i += strip_threads) {
      begin(i + thread_, i + thread_ < end);
      if (all_at_once) {
        add_up(0, s_.outer_terms);
      } else {
        for (int t = 0; t < s_.outer_terms; t += s_.terms_at_once) {
          const int until = min(t + s_.terms_at_once, s_.outer_terms);
          if (t == 0) forget_magnitudes();
          keep_factors(t, until);
          add_up(t, until);
        }
      }
      if (i + thread_ < end) decide_all();
    }
    __syncthreads();
  }

 private:
  using element = decltype(widen_element(T{}));
  static constexpr bool rounds = !std::is_integral_v<T>;

  __device__ int down() const { return Taps > 0 ? Taps : s_.down.terms; }
  __device__ int across() const { return Taps > 0 ? Taps : s_.across.terms; }

  __device__ void forget_magnitudes() {
    __syncthreads();
    if (thread_ >= Rows) return;
    shared_.magnitude[thread_] = 0;
    shared_.smallest[thread_] = INFINITY;
  }

  /// Brings the factors of some outer terms into shared memory, rows side by side, and adds up their magnitudes.
  __device__ void keep_factors(int first, int end) {
    __syncthreads();
    const int taps = s_.down.terms * s_.across.terms, n = (end - first) * taps * Rows;
    const T* factor = p_.factor.data + group_ * p_.factor.group_step + row_ * p_.factor.row_step + s_.first_factor;
    for (int i = thread_; i < n; i += strip_threads) {
      const int row = i % Rows, term = i / Rows, tap = term % taps;
      const std::int64_t at = static_cast<std::int64_t>(first + term / taps) * s_.factor_outer +
                              tap / s_.across.terms * s_.factor_down + tap % s_.across.terms * s_.factor_across;
      shared_.factor[i] = row_ + row < p_.rows ? strip_sum<T>::number_of(factor[row * p_.factor.row_step + at]) : 0;
    }
    __syncthreads();
    if constexpr (rounds) {
      if (thread_ / lanes < Rows) add_magnitudes(thread_ / lanes, n / Rows);
      __syncthreads();
    }
  }
  __device__ void add_magnitudes(int row, int factors) {
    double sum = 0;
    float smallest = INFINITY;
    for (int i = thread_ % lanes; i < factors; i += lanes) {
      const double factor = shared_.factor[i * Rows + row];
      sum += fabs(factor);
      if constexpr (notes_smallest<T>) smallest = fminf(smallest, nonzero_magnitude(static_cast<float>(factor)));
    }
    for (int step = lanes / 2; step > 0; step /= 2) {
      sum += __shfl_xor_sync(every_lane, sum, step);
      if constexpr (notes_smallest<T>) smallest = fminf(smallest, __shfl_xor_sync(every_lane, smallest, step));
    }
    if (thread_ % lanes != 0) return;
    shared_.magnitude[row] += sum;
    shared_.smallest[row] = fminf(shared_.smallest[row], smallest);
  }

  __device__ void begin(unsigned strip, bool exists) {
    const unsigned line = s_.strips_across.quotient(exists ? strip : 0);
    x_ = static_cast<int>(s_.strips_across.remainder(exists ? strip : 0));
    outer_ = static_cast<int>(s_.strips_down.quotient(line));
    y_ = static_cast<int>(s_.strips_down.remainder(line)) * strip_length;
    image_ = p_.image.data + group_ * p_.image.group_step + outer_ * p_.image.column_step;
    exists_ = exists;
    largest_ = 0;
    smallest_ = INFINITY;
    for (auto& row : sum_)
      for (auto& sum : row) sum = {};
  }

  __device__ void add_up(int first, int end) {
    const number* factor = shared_.factor;
    const int top = y_ * s_.down.column_step + s_.down.origin, left = x_ * s_.across.column_step + s_.across.origin;
    for (int t = first; t < end; ++t) {
      const T* image = image_ + static_cast<std::int64_t>(t) * s_.image_term_step;
#pragma unroll(Taps > 0 ? Taps : 1)
      for (int h = 0; h < across(); ++h) {
        const int x = left + h * s_.across.term_step;
        line_ = image + static_cast<std::int64_t>(x) * s_.element_step;
        reads_ = exists_ && static_cast<unsigned>(x) < static_cast<unsigned>(s_.across.elements);
        add_line(top, factor + h * Rows);
      }
      factor += down() * across() * Rows;
    }
  }

  /// All terms of one line down the image, as many at a time as a strip is long.
  __device__ void add_line(int top, const number* factor) {
    const int step = across() * Rows;
#pragma unroll(Taps > 0 ? Taps : 1)
    for (int v = 0; v < down(); v += strip_length, factor += strip_length * step) {
      if constexpr (Shared)
        add_shared(top + v * s_.down.column_step, down() - v, factor, step);
      else
        add_apart(top + v * s_.down.term_step, down() - v, factor, step);
    }
  }
  __device__ void add_shared(int top, int terms, const number* factor, int step) {
    number window[2 * strip_length - 1];
#pragma unroll
    for (int m = 0; m < 2 * strip_length - 1; ++m)
      window[m] = m < terms + strip_length - 1 ? read(top + m * s_.down.column_step) : number{0};
#pragma unroll
    for (int v = 0; v < strip_length; ++v)
      if (v < terms) add_products(window + v, factor + v * step);
  }
  __device__ void add_apart(int top, int terms, const number* factor, int step) {
#pragma unroll
    for (int v = 0; v < strip_length; ++v) {
      if (v >= terms) break;
      number window[strip_length];
#pragma unroll
      for (int j = 0; j < strip_length; ++j) window[j] = read(top + j * s_.down.column_step + v * s_.down.term_step);
      add_products(window, factor + v * step);
    }
  }
  __device__ number read(int y) {
    const bool reads = reads_ && static_cast<unsigned>(y) < static_cast<unsigned>(s_.down.elements);
    const element x = widen_element(load_if(line_ + static_cast<std::int64_t>(y) * s_.row_step, reads));
    largest_ = larger_magnitude(largest_, x);
    if constexpr (notes_smallest<T>) smallest_ = fminf(smallest_, nonzero_magnitude(x));
    return x;
  }
  static __device__ T load_if(const T* from, bool reads) {
    T x{};
    if (reads) x = *from;
    return x;
  }
  __device__ void add_products(const number* window, const number* factor) {
#pragma unroll
    for (int r = 0; r < Rows; ++r)
#pragma unroll
      for (int j = 0; j < strip_length; ++j) sum_[r][j].add_product(factor[r], window[j]);
  }

  __device__ void decide_all() {
    unsigned undecided = 0, zeros = 0;
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      if (row_ + r >= p_.rows) continue;
      const number start = p_.start == nullptr ? 0 : strip_sum<T>::number_of(p_.start[group_ * p_.rows + row_ + r]);
      const number magnitude = strip_sum<T>::magnitude_of(largest_, shared_.magnitude[r], start);
      double room = 0;
      if constexpr (notes_smallest<T>) room = exact_room_from<T>(smallest_, shared_.smallest[r], start);
      T* out = output(r);
#pragma unroll
      for (int j = 0; j < strip_length; ++j) {
        if (y_ + j >= s_.down.columns) continue;
        T rounded;
        if (sum_[r][j].round(start, magnitude, room, s_.bound, rounded))
          out[(y_ + j) * p_.out.vertical_step] = rounded;
        else
          (sum_[r][j].is_zero() && start == 0 ? zeros : undecided) |= 1u << (r * strip_length + j);
      }
    }
    if constexpr (rounds) settle(zeros, undecided);
  }
  /// Sums that are 0 as computed, and those that are left anyway.
  __device__ void settle(unsigned zeros, unsigned undecided) {
    for (; zeros != 0; zeros &= zeros - 1) {
      const int k = __ffs(static_cast<int>(zeros)) - 1;
      T rounded;
      if (is_zero_sum(k / strip_length, k % strip_length, rounded))
        output(k / strip_length)[(y_ + k % strip_length) * p_.out.vertical_step] = rounded;
      else
        undecided |= 1u << k;
    }
    for (; undecided != 0; undecided &= undecided - 1) {
      const sum_index s = index_of(__ffs(static_cast<int>(undecided)) - 1);
      left_.add((s.group * p_.rows + s.row) * p_.columns() + s.column);
    }
  }
  __device__ T* output(int r) const {
    return p_.out.data + group_ * p_.out.group_step + (row_ + r) * p_.out.row_step + outer_ * p_.out.outer_step +
           x_ * p_.out.horizontal_step;
  }
  __device__ sum_index index_of(int k) const {
    const std::int64_t line = static_cast<std::int64_t>(outer_) * s_.down.columns + y_ + k % strip_length;
    return {group_, row_ + k / strip_length, line * s_.across.columns + x_};
  }
  /// Whether every product is a zero, or there is none: the sum is then a zero whose sign the terms tell.
  __device__ bool is_zero_sum(int r, int j, T& rounded) const {
    const sum_index s = index_of(r * strip_length + j);
    special_terms special;
    bool nothing = true;
    sum_terms<T>(p_, s).each([&](T a, T b) { nothing = !special.take_product(a, b) && nothing; });
    if (p_.start != nullptr) special.take(p_.start[s.group * p_.rows + s.row]);
    rounded = zero_of<T>(special.is_negative_zero());
    return nothing && !special.is_nan_sum() && !special.is_infinite_sum();
  }

  const window_product<T>& p_;
  const strip_shape& s_;
  memory& shared_;
  const left_sums& left_;
  const int thread_;
  std::int64_t group_ = 0, row_ = 0;
  int outer_ = 0, x_ = 0, y_ = 0;
  bool exists_ = false, reads_ = false;
  const T *image_ = nullptr, *line_ = nullptr;
  element largest_ = 0;
  float smallest_ = INFINITY;
  strip_sum<T> sum_[Rows][strip_length];
};

template <class T, int Rows, int Taps, bool Shared>
__global__ void __launch_bounds__(strip_threads)
    round_strips(const __grid_constant__ window_product<T> p, const __grid_constant__ strip_shape s, left_sums left) {
  using block = strip_block<T, Rows, Taps, Shared>;
  __shared__ typename block::memory shared;
  block strips(p, s, shared, left);
  const std::int64_t blocks = p.groups * s.row_blocks * s.parts;
  for (std::int64_t b = blockIdx.x; b < blocks; b += gridDim.x) strips.round(b);
}

}  // namespace halfulp::kernels::cuda
