#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels {

/// A product of binary64 numbers as a double-word times a power of two, so that nothing under- or overflows.
class scaled_product {
 public:
  HALFULP_HOST_DEVICE void multiply(double factor) {
    int e = 0;
    const double significand = std::frexp(factor, &e);
    value_ = halfulp::multiply(value_, significand);
    exponent_ += e;
    if (++since_ == often) rescale();
    ++factors_;
  }

  /// RN_T of the product, if its error leaves no doubt: n multiplications of a double-word by a binary64 number lose at
  /// most gamma_n(2 u^2) of it [joldes17, algorithm 9].
  template <class T>
  HALFULP_HOST_DEVICE bool decide_to(T& rounded) const {
    const double g = gamma(factors_ + 1, 2 * unit_roundoff * unit_roundoff);
    if (!is_finite(value_.hi) || is_zero(value_.hi) || !(g < 0x1p-60)) return false;
    const double radius = up(2 * g * std::abs(value_.hi));
    rounded = rounded_at<T>(add(value_, -radius));
    return rounded == rounded_at<T>(add(value_, radius));
  }

 private:
  static constexpr int often = 500;  // significands in [1/2, 1): the product stays above 2^-501

  HALFULP_HOST_DEVICE void rescale() {
    int e = 0;
    value_.hi = std::frexp(value_.hi, &e);
    value_.lo = std::ldexp(value_.lo, -e);
    exponent_ += e;
    since_ = 0;
  }
  template <class T>
  HALFULP_HOST_DEVICE T rounded_at(double_double x) const {
    binary_real r = leading_bits(x);
    r.exponent += exponent_;
    return round_to_nearest<T>(r);
  }

  double_double value_{1, 0};
  std::int64_t exponent_ = 0, factors_ = 0;
  int since_ = 0;
};

}  // namespace halfulp::kernels
