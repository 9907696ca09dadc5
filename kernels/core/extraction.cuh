// What surrounds the sums of kernels/core/extraction.hpp on a GPU: where they begin, and how they are rounded.
#pragma once

#include <cmath>

#include <halfulp/kernels/core/extraction.hpp>
#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::cuda {

/// A power of two, at least four times the sum of n products of numbers up to a and b, but for a few u; at least 2^-900, so
/// that nothing that `low` is made of underflows; infinite where twice of it could be.
__device__ inline double span_of(double n, double a, double b) {
  const double least = fmax(4 * n * (a * b), 0x1p-901);
  const int exponent = __double2hiint(least) >> 20;
  return exponent < 2045 ? __hiloint2double((exponent + 1) << 20, 0) : INFINITY;
}

/// Whether every real within `radius` of high + low + start rounds to the same number, which is not 0; radius 0: they are
/// the sum. NaN or infinities anywhere: no.
__device__ inline bool round_if_decided(double high, double low, double start, double radius, double& rounded) {
  const double_double begun = two_sum(high, start);
  const double_double rest = two_sum(begun.lo, low), sum = two_sum(begun.hi, rest.hi);
  const double t = __dadd_ru(fabs(rest.lo), radius);
  rounded = sum.hi;
  return sum.hi != 0 && sum.hi + __dadd_ru(sum.lo, t) == sum.hi && sum.hi + __dadd_rd(sum.lo, -t) == sum.hi;
}

}  // namespace halfulp::kernels::cuda
