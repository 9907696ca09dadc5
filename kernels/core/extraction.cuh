// Sums of binary64 products in four operations a term, without a search for a common exponent: what an addition rounds
// off is recovered because the sum never leaves one binade.
#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels::cuda {

/// Part of a sum whose products' magnitudes add up to at most M. With s = span_of(...) >= 4 M, a power of two, `high`
/// begins at 1.5 s and stays in [s, 2 s), where numbers lie q = 2^-52 s apart: high - next is a multiple of q below s,
/// exact, and a b + high - next, at most q / 2, is rounded once before it is added to `low`.  [rump08, 3]
struct extracted_sum {
  double high, low = 0;

  __device__ explicit extracted_sum(double span = 0) : high(1.5 * span) {}
  __device__ void add_product(double a, double b) {
    const double next = fma(a, b, high);
    low += fma(a, b, high - next);
    high = next;
  }
};

/// A power of two, at least four times the sum of n products of numbers up to a and b, but for a few u; at least 2^-900, so
/// that nothing that `low` is made of underflows; infinite where twice of it could be.
__device__ inline double span_of(double n, double a, double b) {
  const double least = fmax(4 * n * (a * b), 0x1p-901);
  const int exponent = __double2hiint(least) >> 20;
  return exponent < 2045 ? __hiloint2double((exponent + 1) << 20, 0) : INFINITY;
}

/// |(high - 1.5 s) + low - exact| <= extraction_bound(n, m) s, where n terms take part, each in at most m additions to a
/// `low`: every rest is at most 2^-53 s, rounding them loses 2^-53 of each, adding them gamma_m of their sum.
__device__ inline double extraction_bound(std::int64_t n, std::int64_t m) {
  return up(static_cast<double>(n) * 0x1p-53 * up(gamma(m + 2, unit_roundoff)));
}

/// Whether every real within `radius` of high + low + start rounds to the same number, which is not 0. NaN or infinities
/// anywhere: no.
__device__ inline bool round_if_decided(double high, double low, double start, double radius, double& rounded) {
  const double_double begun = two_sum(high, start);
  const double rest = begun.lo + low;
  const double_double sum = two_sum(begun.hi, rest);
  const double t = __fma_ru(fabs(rest), 0x1p-53, radius);  // and what begun.lo + low lost
  rounded = sum.hi;
  return sum.hi != 0 && sum.hi + __dadd_ru(sum.lo, t) == sum.hi && sum.hi + __dadd_rd(sum.lo, -t) == sum.hi;
}

}  // namespace halfulp::kernels::cuda
