#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels {

/// A sum of fractions in double-words with a bound on its error; it knows nothing where a number leaves
/// 2^-900 .. 2^900, so that nothing under- or overflows.
class quick_fraction_sum {
 public:
  void add(std::span<const double> factors, std::int64_t divisor) {
    begin();
    for (const double f : factors) multiply(f);
    end(divisor);
  }

  /// The same factor by factor: begin(), multiply(f) for each, end(divisor).
  HALFULP_HOST_DEVICE void begin() { term_ = {1, 0}; }
  HALFULP_HOST_DEVICE void multiply(double factor) {
    take(term_ = halfulp::multiply(term_, factor));
    ++operations_;
  }
  HALFULP_HOST_DEVICE void end(std::int64_t divisor) {
    if (divisor != 1) take(term_ = over(term_, static_cast<double>(divisor)));
    known_ = known_ && divisor < std::int64_t{1} << 53;
    sum_ = halfulp::add(sum_, term_);
    magnitude_ += std::abs(term_.hi);
    operations_ += 3;
  }
  /// Adds the terms of another sum.
  HALFULP_HOST_DEVICE void add(const quick_fraction_sum& other) {
    sum_ = halfulp::add(sum_, other.sum_);
    magnitude_ += other.magnitude_;
    operations_ += other.operations_ + 1;
    known_ = known_ && other.known_;
  }

  HALFULP_HOST_DEVICE std::int64_t operations() const { return operations_; }
  /// RN_T of the sum, if its error leaves no doubt. A product loses at most 2 u^2 of itself, a quotient 8 u^2, a sum
  /// 3 u^2 / (1 - 4 u) of the sum of magnitudes [joldes17]: with n operations in all, a quotient counting for two, less
  /// than gamma_n(4 u^2) of it, which itself is known to gamma_n(u).
  template <class T>
  HALFULP_HOST_DEVICE bool decide_to(T& rounded) const {
    const double g = gamma(operations_ + 1, 4 * unit_roundoff * unit_roundoff);
    const double radius = up(up(g * magnitude_) * (1 + up(4 * gamma(operations_ + 1, unit_roundoff))));
    return known_ && decide<T>(sum_, radius, rounded);
  }

 private:
  HALFULP_HOST_DEVICE void take(double_double x) {
    known_ = known_ && std::abs(x.hi) >= 0x1p-900 && std::abs(x.hi) <= 0x1p900;
  }
  HALFULP_HOST_DEVICE static double_double over(double_double x, double d) {
    const double first = x.hi / d;
    return fast_two_sum(first, (std::fma(-first, d, x.hi) + x.lo) / d);
  }

  double_double sum_, term_;
  double magnitude_ = 0;
  std::int64_t operations_ = 0;
  bool known_ = true;
};

}  // namespace halfulp::kernels
