#pragma once

#include <cmath>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp {

/// Unit roundoff of binary64, 2^-53.
inline constexpr double unit_roundoff = 0x1p-53;

/// An unevaluated sum hi + lo with |lo| <= ulp(hi) / 2 (a double-word number), |lo| <= 2^-53 |hi|.
struct double_double {
  double hi = 0;
  double lo = 0;
};

/// hi + lo = a + b exactly, unless hi overflows.  [knuth97, 4.2.2]
HALFULP_HOST_DEVICE inline double_double two_sum(double a, double b) {
  const double s = a + b;
  const double from_b = s - a;
  const double from_a = s - from_b;
  return {s, (a - from_a) + (b - from_b)};
}

/// hi + lo = a + b exactly, when a = 0 or exponent(a) >= exponent(b), unless hi overflows.  [dekker71]
HALFULP_HOST_DEVICE inline double_double fast_two_sum(double a, double b) {
  const double s = a + b;
  return {s, b - (s - a)};
}

/// hi + lo = a * b exactly, when hi does not overflow and |a b| >= 2^-968 or a b = 0; else the error of
/// hi + lo is at most 2^-1075.  [ogita05]
HALFULP_HOST_DEVICE inline double_double two_product(double a, double b) {
  const double p = a * b;
  return {p, std::fma(a, b, -p)};
}

/// |got - (x + y)| <= 2 u^2 |x + y|.  [joldes17, algorithm 4]
HALFULP_HOST_DEVICE inline double_double add(double_double x, double y) {
  const double_double s = two_sum(x.hi, y);
  return fast_two_sum(s.hi, x.lo + s.lo);
}

/// |got - (x + y)| <= 3 u^2 / (1 - 4u) |x + y|.  [joldes17, algorithm 6]
HALFULP_HOST_DEVICE inline double_double add(double_double x, double_double y) {
  const double_double s = two_sum(x.hi, y.hi);
  const double_double t = two_sum(x.lo, y.lo);
  const double_double v = fast_two_sum(s.hi, s.lo + t.hi);
  return fast_two_sum(v.hi, t.lo + v.lo);
}

/// |got - x y| <= 2 u^2 |x y|, barring underflow.  [joldes17, algorithm 9]
HALFULP_HOST_DEVICE inline double_double multiply(double_double x, double y) {
  const double_double c = two_product(x.hi, y);
  return fast_two_sum(c.hi, std::fma(x.lo, y, c.lo));
}

/// |got - x y| <= 5 u^2 |x y|, barring underflow.  [joldes17, algorithm 12]
HALFULP_HOST_DEVICE inline double_double multiply(double_double x, double_double y) {
  const double_double c = two_product(x.hi, y.hi);
  const double low = std::fma(x.lo, y.hi, std::fma(x.hi, y.lo, x.lo * y.lo));
  return fast_two_sum(c.hi, c.lo + low);
}

/// The binary64 number just above x >= 0 or above; multiplying by it rounds a bound upward without changing the
/// rounding mode: x <= up(x), with up(x) <= x (1 + 2^-51) + 2^-1074.
HALFULP_HOST_DEVICE inline double up(double x) {
  return x * (1 + 0x1p-52) + 0x1p-1074;
}

}  // namespace halfulp
