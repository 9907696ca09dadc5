#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include <halfulp/kernels/linalg/blas.hpp>
#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels::linalg {

/// got (1 + 2 (terms + 8) u), at least the sum of nonnegative terms whose value in any order is `got`, each term
/// with at most 4 roundings, plus what underflow may have taken from numbers near 1.  [higham02, 4.2]
HALFULP_HOST_DEVICE inline double rounded_up(double got, double terms) {
  return got * (1 + 2 * (terms + 8) * unit_roundoff) + 0x1p-500;
}

/// At least the 2-norm of x; for a matrix the Frobenius norm.
inline double norm_bound(std::span<const double> x) {
  return rounded_up(std::sqrt(rounded_up(sum_of_squares(x), static_cast<double>(x.size()))), 1);
}

/// |computed - exact| <= product_error<E>(n) times the product of the magnitudes, for an inner product of length n in
/// any order, fused or not: gamma_n, and for complex numbers sqrt(2) gamma_(2 n).  [higham02, 3.1, 3.6]
template <class E>
HALFULP_HOST_DEVICE double product_error(int n) {
  return std::is_same_v<E, double> ? gamma(n, unit_roundoff) : up(1.5 * gamma(2 * n, unit_roundoff));
}

inline double magnitude(double x) {
  return std::abs(x);
}
inline double magnitude(std::complex<double> x) {
  return std::sqrt(x.real() * x.real() + x.imag() * x.imag());
}

}  // namespace halfulp::kernels::linalg
