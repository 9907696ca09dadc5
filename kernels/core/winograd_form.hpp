// Winograd's minimal filtering: the products that neighbouring sums share. Plain C++, tested on the host.
#pragma once

#include <cmath>

#include <halfulp/oracle/core/index.hpp>

namespace halfulp::kernels {

/// F(outputs, taps), with outputs + taps = 5: the sums y_j = d_j g_0 + ... + d_(j + taps - 1) g_(taps - 1) of `outputs`
/// neighbouring columns read a patch d_0 to d_3, and take 4 products instead of 6. With
///   v = (d0 - d2, d1 + d2, d2 - d1, d1 - d3),  u = (g0, g0 + g1 + g2, g0 - g1 + g2, g2) or (g0, g0 + g1, g0 - g1, g1)
/// and m_i the sum of u_i v_i over the terms
///   y0 = m0 + (m1 + m2) / 2,  y1 = (m1 - m2) / 2 - m3,  or  y1 = (m1 - m2) / 2,  y2 = (m1 + m2) / 2 - m3. [winograd80]
enum class winograd { none, two_of_three_taps, three_of_two_taps };

HALFULP_HOST_DEVICE constexpr int outputs_of(winograd f) {
  return f == winograd::two_of_three_taps ? 2 : f == winograd::three_of_two_taps ? 3 : 1;
}
HALFULP_HOST_DEVICE constexpr int taps_of(winograd f) {
  return 5 - outputs_of(f);
}

/// |v0||u0| + (|v1||u1| + |v2||u2|) / 2, and the same of 3 for 0, is at most this times the norms of patch and taps: by
/// Cauchy's inequality at most the root of (v0^2 + v1^2 + v2^2) (u0^2 + u1^2 / 4 + u2^2 / 4), whose factors are quadratic
/// forms with greatest eigenvalues 2 + root 2 and 1 + 1 / root 2 (or 3 / 2); the product is (1 + root 2)^2.
inline constexpr double patch_norms = 2.41421357;

template <class Real>
HALFULP_HOST_DEVICE void transform_patch(Real d0, Real d1, Real d2, Real d3, Real (&v)[4]) {
  v[0] = d0 - d2;
  v[1] = d1 + d2;
  v[2] = d2 - d1;
  v[3] = d1 - d3;
}
template <class Real>
HALFULP_HOST_DEVICE void transform_taps(Real g0, Real g1, Real g2, Real (&u)[4]) {
  const Real ends = g0 + g2;
  u[0] = g0;
  u[1] = ends + g1;
  u[2] = ends - g1;
  u[3] = g2;
}
template <class Real>
HALFULP_HOST_DEVICE void transform_taps(Real g0, Real g1, Real (&u)[4]) {
  u[0] = g0;
  u[1] = g0 + g1;
  u[2] = g0 - g1;
  u[3] = g1;
}
HALFULP_HOST_DEVICE inline double join_products(const double (&m)[4], int output, int outputs) {
  if (output == 0) return std::fma(m[1] + m[2], .5, m[0]);
  if (output == 1 && outputs == 3) return (m[1] - m[2]) / 2;
  return std::fma(output == 1 ? m[1] - m[2] : m[1] + m[2], .5, -m[3]);
}

}  // namespace halfulp::kernels
