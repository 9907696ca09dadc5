#pragma once

#include <cmath>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/widen.hpp>
#include <halfulp/kernels/linalg/triangular.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>

namespace halfulp::kernels::linalg {

/// The factor of one matrix of cholesky_solve in binary64, exactly, as `triangular_matrix` wants it: padded to whole
/// blocks by an identity.
class packed_factor {
 public:
  enum class content {
    undefined,     ///< an element is NaN or infinite, or one of the diagonal is 0
    out_of_range,  ///< exponents so wide that products could overflow, or lose more to underflow than is made up for
    usable
  };

  /// L of matrix `m` of y. Memory is kept from one to the next.
  template <class T>
  content load(const op::cholesky_solve::args<T>& a, std::int64_t m) {
    run machine(op::cholesky_solve::name);
    rows_ = a.shape.n;
    n_ = (rows_ + block_rows - 1) / block_rows * block_rows;
    stride_ = n_ + block_rows;  // rows 2^k apart would share a few sets of the cache
    re_.resize(n_ * stride_);
    if (is_complex<T>) im_.resize(n_ * stride_), magnitude_.resize(n_ * stride_);
    is_complex_ = is_complex<T>;
    for (std::int64_t i = 0; i < n_; ++i) {
      clear_block(i);
      if (i >= rows_) continue;
      const auto first = a.shape.factor_entry(machine, {m, {}}, {i, {}}, {0, {}});
      load_row(a.y.data() + first.at.v, a.shape.upper ? a.shape.n : 1, i, first.conjugate);
    }
    return check();
  }

  triangular_matrix matrix() const { return {re_.data(), is_complex_ ? im_.data() : nullptr, n_, stride_}; }
  /// |L|, or L where it is real.
  triangular_matrix magnitudes() const { return {is_complex_ ? magnitude_.data() : re_.data(), nullptr, n_, stride_}; }

 private:
  static constexpr double largest = 0x1p200, smallest = 0x1p-200;

  /// The part of row i that lies in the block of the diagonal: zeros, and the identity below the matrix.
  void clear_block(std::int64_t i) {
    const std::int64_t first = i < rows_ ? i / block_rows * block_rows : 0,
                       end = i / block_rows * block_rows + block_rows;
    std::fill(re_.data() + i * stride_ + first, re_.data() + i * stride_ + end, 0.0);
    if (is_complex_) std::fill(im_.data() + i * stride_ + first, im_.data() + i * stride_ + end, 0.0);
    if (i >= rows_) re_[i * stride_ + i] = 1;
  }

  template <class R>
  void load_row(const R* from, std::int64_t step, std::int64_t i, bool) {
    widen_run(from, step, i + 1, re_.data() + i * stride_);
  }
  template <class R>
  void load_row(const std::complex<R>* from, std::int64_t step, std::int64_t i, bool conjugate) {
    for (std::int64_t j = 0; j <= i; ++j) {
      re_[i * stride_ + j] = widen(from[j * step].real());
      im_[i * stride_ + j] = conjugate ? -widen(from[j * step].imag()) : widen(from[j * step].imag());
    }
  }

  content check() {
    double most = 0, least = INFINITY;
    for (std::int64_t i = 0; i < rows_; ++i) {
      if (!scan(re_.data() + i * stride_, i + 1, most)) return content::undefined;
      if (is_complex_ && !scan(im_.data() + i * stride_, i + 1, most)) return content::undefined;
      least =
          std::min(least, std::max(std::abs(re_[i * stride_ + i]), is_complex_ ? std::abs(im_[i * stride_ + i]) : 0));
    }
    if (least == 0) return content::undefined;
    if (most > largest || least < smallest) return content::out_of_range;
    if (is_complex_) find_magnitudes();
    return content::usable;
  }
  /// Raised by what their rounding may lose; the square of a part that underflows loses less than is added.
  void find_magnitudes() {
    for (std::int64_t i = 0; i < n_; ++i)
      for (std::int64_t j = 0; j < i / block_rows * block_rows + block_rows; ++j) {
        const std::int64_t at = i * stride_ + j;
        magnitude_[at] = re_[at] == 0 && im_[at] == 0
                             ? 0
                             : std::sqrt(re_[at] * re_[at] + im_[at] * im_[at]) * (1 + 0x1p-50) + 0x1p-500;
      }
  }

  std::int64_t rows_ = 0, n_ = 0, stride_ = 0;
  bool is_complex_ = false;
  aligned_array re_, im_, magnitude_;
};

}  // namespace halfulp::kernels::linalg
