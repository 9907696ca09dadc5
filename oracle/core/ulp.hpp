#pragma once

#include <halfulp/oracle/core/format.hpp>

namespace halfulp {

/// The exponent of ulp_F(r) for a real r != 0 with 2^exponent <= |r| < 2^(exponent + 1):
/// ulp_F(r) = 2^(max(exponent, e_min) - p + 1). At a binade border the real r decides, never a candidate near it.
HALFULP_HOST_DEVICE constexpr long ulp_exponent(const format& f, long exponent) {
  return (exponent > f.e_min ? exponent : f.e_min) - f.precision + 1;
}

/// The exponent of ulp_F(0), the smallest subnormal.
HALFULP_HOST_DEVICE constexpr long ulp_exponent_of_zero(const format& f) {
  return f.e_min - f.precision + 1;
}

}  // namespace halfulp
