#pragma once

#include <cstdint>

#include <halfulp/oracle/core/sums.hpp>

/// Substitution with a triangular matrix in binary64, for 8 right sides at once: written for SIMD, one version for
/// each instruction set.
///
/// Matrices have n rows, n a multiple of `block_rows`, of `stride` numbers; above the diagonal they are 0. A panel
/// holds 8 columns: row i begins at i * panel_columns, of a complex one at i * 2 panel_columns, real parts before
/// imaginary parts. All are aligned to 64 bytes. `im` is nullptr for a real matrix.
namespace halfulp::kernels::linalg {

inline constexpr std::int64_t panel_columns = 8;
inline constexpr std::int64_t block_rows = 8;

struct triangular_matrix {
  const double* re;
  const double* im;
  std::int64_t n;
  std::int64_t stride;

  std::int64_t parts() const { return im == nullptr ? 1 : 2; }
};

/// The roundings on the way of a term to its sum, and of the sum to its quotient: 32 terms at a time, then these
/// sums, a block of the diagonal, and the quotient.
constexpr std::int64_t substitution_depth(std::int64_t n) {
  return (n < 32 ? n : 32) + n / 32 + 20;
}
/// |L y - b| <= substitution_bound |L| |y| for the y computed, of magnitudes; likewise for L^H x = y. Barring
/// underflow. A complex product-sum has twice as many roundings, its quotient 8, and a magnitude at most sqrt(2) of
/// the error of its parts.  [higham02, 8.1, 3.6]
inline double substitution_bound(const triangular_matrix& l) {
  const std::int64_t depth = substitution_depth(l.n);
  return l.im == nullptr ? gamma(depth, unit_roundoff) : up(1.5 * gamma(2 * depth + 16, unit_roundoff));
}

/// Solves L y = b; y replaces b.
void solve_forward(const triangular_matrix& l, double* panel);
/// Solves L^H x = y for y whose rows from `rows` on (a multiple of block_rows) are 0; x replaces y.
void solve_adjoint(const triangular_matrix& l, std::int64_t rows, double* panel);

/// r = b - L L^H (x + x_low), by compensated sums:
/// |r - exact| <= residual_bound (|b| + |L| |L^H| |x|) + u |r|, if |x_low| <= 2 u |x|. Barring underflow.
/// Every sum has at most 3 n (complex: 6 n) terms and corrections; t = L^H x is kept as a double-double of error
/// gamma^2 |L^H| |x|, and enters the second sum by both its parts.  [ogita05, proposition 5.5]
inline double residual_bound(std::int64_t n, std::int64_t parts) {
  const double g = gamma(parts * 3 * (n + 8), unit_roundoff);
  return up(8 * up(g * g));
}
inline double residual_bound(const triangular_matrix& l) {
  return residual_bound(l.n, l.parts());
}
/// `work` holds two panels.
void residual(const triangular_matrix& l, const double* b, const double* x, const double* x_low, double* work,
              double* r);

/// w = |A| v and w = |A|^T v for a real triangular matrix; approximations from nonnegative terms, each sum in any
/// order.
void magnitude_product(const triangular_matrix& a, const double* v, double* w);
void magnitude_adjoint_product(const triangular_matrix& a, const double* v, double* w);
/// The same for a triangular A whose rows 8 b .. 8 b + 7 are the columns of real panel b: element (8 b + c, j)
/// stands at (b * n + j) * panel_columns + c. `work` holds one panel.
void panels_product(const double* panels, std::int64_t n, const double* v, double* w);
void panels_adjoint_product(const double* panels, std::int64_t n, const double* v, double* work, double* w);

/// Whether all n numbers are finite; raises `largest` to their largest magnitude.
bool scan(const double* x, std::int64_t n, double& largest);

}  // namespace halfulp::kernels::linalg
