#pragma once

#include <halfulp/kernels/linalg/inverse_magnitudes.hpp>

namespace halfulp::kernels::linalg {

/// One panel of solutions X of L L^H X = B with one radius a row: |x + x_low - exact| <= radius for each of its
/// columns. Right sides are at most 2 in magnitude.
class cholesky_panel {
 public:
  /// Solves in binary64, for `panels` panels that lie one after the other; x replaces b. Returns the rows' radii:
  ///   |L^-H| |L^-1| e (|L| |y| + |L| |L^H| |x|), e = substitution_bound, y = L^-1 b as it was computed
  /// where `with_radius` is set.
  void solve(const triangular_matrix& l, inverse_magnitudes& inverse, double* x, std::int64_t panels, bool with_radius);

  /// One step of iterative refinement of a panel in double-double, from the residual r of x + x_low in compensated
  /// arithmetic and the correction d in binary64. Radius, with c = residual_bound:
  ///   |L^-H| |L^-1| (c (|b| + |L| |L^H| |x|) + u |r| + e (|L| |y| + |L| |L^H| |d|)) + 4 u^2 |x|
  void refine(const triangular_matrix& l, inverse_magnitudes& inverse, const double* b, double* x, double* x_low);

  double radius(std::int64_t row) const { return radius_[row]; }

 private:
  void reset(const triangular_matrix& l);
  /// largest[i] = at least the largest magnitude in row i of a panel, or what it was before.
  static void raise_to(const triangular_matrix& l, const double* panel, aligned_array& largest);
  /// radius_ += e (|L| y + |L| |L^H| x): what the two substitutions lose that gave x by way of y.
  void add_loss(const triangular_matrix& l, const inverse_magnitudes& inverse, const aligned_array& y,
                const aligned_array& x);
  /// radius_ += c (|b| + |L| |L^H| |x|) + u |r|
  void add_loss_of_residual(const triangular_matrix& l, const inverse_magnitudes& inverse);

  aligned_array radius_, largest_b_, largest_x_, largest_r_, largest_y_, largest_d_;  // of rows
  aligned_array product_, sum_, residual_, work_;
};

}  // namespace halfulp::kernels::linalg
