#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/oracle/core/decide.hpp>

namespace halfulp::kernels {

/// One of many sums that grow in any order: as small as a certificate allows, since there is one for each element.

/// For formats of at most 24 bits.  |high - exact| <= error (1 + 2 gamma_n), the errors of n additions added up.
/// [ogita05, algorithm 4.1 without the correction]
struct running_sum {
  double high = -0.0;   // the sum of nothing, so that a sum of -0 alone is -0
  double error = -0.0;  // -0 until something is added

  HALFULP_HOST_DEVICE void add(double term) {
    const double_double s = two_sum(high, term);
    high = s.hi;
    error += std::abs(s.lo);
  }
  /// Adds the terms of another sum: one addition more, and the errors of both.
  HALFULP_HOST_DEVICE void add(const running_sum& other) {
    if (!other.touched()) return;
    add(other.high);
    error += other.error;
  }
  HALFULP_HOST_DEVICE bool touched() const { return to_bits(error) != to_bits(-0.0); }
  HALFULP_HOST_DEVICE double_double value() const { return {high, 0}; }
};

/// For binary64.  |high + low - exact| <= error (1 + 2 gamma_n), the errors of adding up n errors.
struct running_pair {
  double high = -0.0, low = 0, error = -0.0;

  HALFULP_HOST_DEVICE void add(double term) {
    const double_double s = two_sum(high, term), e = two_sum(low, s.lo);
    high = s.hi;
    low = e.hi;
    error += std::abs(e.lo);
  }
  /// Adds the terms of another sum: two additions more, and the errors of both.
  HALFULP_HOST_DEVICE void add(const running_pair& other) {
    if (!other.touched()) return;
    add(other.high);
    const double_double e = two_sum(low, other.low);
    low = e.hi;
    error += std::abs(e.lo) + other.error;
  }
  HALFULP_HOST_DEVICE bool touched() const { return to_bits(error) != to_bits(-0.0); }
  HALFULP_HOST_DEVICE double_double value() const { return normalised(high, low); }
};

template <class T>
using running = std::conditional_t<std::is_same_v<T, double>, running_pair, running_sum>;

/// Adds factor * term. The error of the product is a term of its own; what it loses to underflow goes to the error.
template <class Sum>
HALFULP_HOST_DEVICE void add_product(Sum& sum, double factor, double term) {
  const double_double p = two_product(factor, term);
  sum.add(p.hi);
  if (p.lo != 0) sum.add(p.lo);
  if (!(std::abs(p.hi) >= 0x1p-968) && factor != 0 && term != 0) sum.error += 0x1p-1074;
}

/// 1 + 2 gamma_n, for the errors of n terms.
inline double error_growth(std::int64_t n) {
  return up(1 + up(2 * gamma(n, unit_roundoff)));
}

/// RN_T of the sum, if its error leaves no doubt; growth is that of at least its number of terms.
template <class T, class Sum>
HALFULP_HOST_DEVICE bool decide_running(const Sum& sum, double growth, T& rounded) {
  if constexpr (std::is_same_v<T, float>) {  // the conversion rounds once, to nearest
    rounded = static_cast<float>(sum.high);
    if (sum.error == 0) return true;
    const double radius = up(sum.error * growth), outer = up(radius + 0x1p-51 * std::abs(sum.high));
    const auto low = static_cast<float>(sum.high - outer), high = static_cast<float>(sum.high + outer);
    if (low == high && std::abs(low) > 0) return true;
    return decide<T>(sum.value(), radius, rounded);
  } else {
    return decide<T>(sum.value(), sum.error == 0 ? 0 : up(sum.error * growth), rounded);
  }
}

}  // namespace halfulp::kernels
