#pragma once

#include <cmath>

#include <halfulp/oracle/core/decide.hpp>

namespace halfulp::kernels::linalg {

/// Whether RN of every real within `radius` of x, both times 2^shift, has the same bits, and which; never where the low
/// part of x could be lost to underflow.
template <class R>
HALFULP_HOST_DEVICE bool decide_scaled(double_double x, double radius, int shift, R& rounded) {
  constexpr double least = 0x1p-900;
  const double_double v{std::ldexp(x.hi, shift), std::ldexp(x.lo, shift)};
  const double scaled = std::ldexp(radius, shift);
  return std::abs(v.hi) >= least && scaled >= least * unit_roundoff * unit_roundoff && decide<R>(v, scaled, rounded);
}

}  // namespace halfulp::kernels::linalg
