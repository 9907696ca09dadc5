// Sums of binary64 products in four operations a term, without a search for a common exponent: what an addition rounds
// off is recovered because the sum never leaves one binade. Plain C++, tested on the host.
#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/unroll.hpp>
#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels::cuda {

/// Part of a sum whose products' magnitudes add up to at most M. With s = span_of(...) >= 4 M, a power of two, `high`
/// begins at 1.5 s and stays in [s, 2 s), where numbers lie q = 2^-52 s apart: high - next is a multiple of q below s,
/// exact, and a b + high - next, at most q / 2, is rounded once before it is added to `low`.  [rump08, 3]
struct extracted_sum {
  double high, low = 0;

  HALFULP_HOST_DEVICE explicit extracted_sum(double span = 0) : high(1.5 * span) {}
};

/// Adds a[i] b[j] to sum i, j, all of them side by side: each of the four operations waits for the one before.
template <int M, int N>
HALFULP_HOST_DEVICE void add_products(extracted_sum (*sum)[N], const double* a, const double (&b)[N]) {
  double next[M][N], taken[M][N];
  HALFULP_UNROLL for (int k = 0; k < M * N; ++k) next[k / N][k % N] =
      std::fma(a[k / N], b[k % N], sum[k / N][k % N].high);
  HALFULP_UNROLL for (int k = 0; k < M * N; ++k) taken[k / N][k % N] = sum[k / N][k % N].high - next[k / N][k % N];
  HALFULP_UNROLL for (int k = 0; k < M * N; ++k) taken[k / N][k % N] =
      std::fma(a[k / N], b[k % N], taken[k / N][k % N]);
  HALFULP_UNROLL for (int k = 0; k < M * N; ++k) {
    sum[k / N][k % N].low += taken[k / N][k % N];
    sum[k / N][k % N].high = next[k / N][k % N];
  }
}

/// What a sum of n terms has lost, over the span s of its parts: |high + low - exact| <= extraction_bound s, where the parts
/// have at most `part` terms each and `joins` joined them by two_sum. Every rest is at most 2^-53 s, and rounding it loses
/// 2^-53 of that; what a join rounds off is at most 2^-53 of a sum of `joins` parts of at most s / 4. Adding up these loses
/// gamma of the additions that each takes part in.
HALFULP_HOST_DEVICE inline double extraction_total(std::int64_t n, std::int64_t joins) {
  return (static_cast<double>(n) + static_cast<double>(joins) * static_cast<double>(joins)) * 0x1p-53;
}
HALFULP_HOST_DEVICE inline double extraction_bound(std::int64_t n, std::int64_t part, std::int64_t joins) {
  return up(up(extraction_total(n, joins)) * up(gamma(part + 2 * joins + 2, unit_roundoff)));
}

}  // namespace halfulp::kernels::cuda
