// What a computation may lose besides its relative errors.
#pragma once

#include <cmath>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/core/format.hpp>

namespace halfulp {

/// What so many operations in format f lose when all of them underflow, half the smallest subnormal each, rounded up.
inline double underflow_of(const format& f, double operations) {
  return up(std::ldexp(operations, f.e_min - f.precision));  // of binary64 the power alone is no number of binary64
}

}  // namespace halfulp
