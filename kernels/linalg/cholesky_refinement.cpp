#include <halfulp/kernels/linalg/cholesky_refinement.hpp>

#include <cmath>

namespace halfulp::kernels::linalg {

void cholesky_panel::reset(const triangular_matrix& l) {
  for (aligned_array* a : {&radius_, &largest_b_, &largest_x_, &largest_r_, &largest_y_, &largest_d_, &product_, &sum_})
    a->assign(l.n, 0);
}

void cholesky_panel::raise_to(const triangular_matrix& l, const double* panel, aligned_array& largest) {
  const std::int64_t width = l.parts() * panel_columns;
  for (std::int64_t i = 0; i < l.n; ++i) {
    double most = largest[i];
    // the parts of a complex number together are at least its magnitude
    for (std::int64_t c = 0; c < panel_columns; ++c) {
      double m = std::abs(panel[i * width + c]);
      if (l.parts() == 2) m = up(m + std::abs(panel[i * width + panel_columns + c]));
      most = m <= most ? most : m;
    }
    largest[i] = most;
  }
}

void cholesky_panel::add_loss(const triangular_matrix& l, const inverse_magnitudes& inverse, const aligned_array& y,
                              const aligned_array& x) {
  inverse.adjoint_multiply(x, product_);
  for (std::int64_t i = 0; i < l.n; ++i) sum_[i] = up(y[i] + product_[i]);
  inverse.multiply(sum_, product_);
  const double lost = substitution_bound(l);
  for (std::int64_t i = 0; i < l.n; ++i)
    radius_[i] = up(radius_[i] + up(lost * product_[i])) + inverse_magnitudes::least;
}

void cholesky_panel::add_loss_of_residual(const triangular_matrix& l, const inverse_magnitudes& inverse) {
  inverse.adjoint_multiply(largest_x_, product_);
  inverse.multiply(product_, sum_);
  const double lost = residual_bound(l);
  for (std::int64_t i = 0; i < l.n; ++i)
    radius_[i] = up(radius_[i] + up(up(lost * up(largest_b_[i] + sum_[i])) + unit_roundoff * largest_r_[i]));
}

void cholesky_panel::solve(const triangular_matrix& l, inverse_magnitudes& inverse, double* x, std::int64_t panels,
                           bool with_radius) {
  reset(l);
  const std::int64_t size = l.parts() * panel_columns * l.n;
  for (std::int64_t p = 0; p < panels; ++p) {
    double* panel = x + p * size;
    solve_forward(l, panel);
    if (with_radius) raise_to(l, panel, largest_y_);
    solve_adjoint(l, l.n, panel);
    if (with_radius) raise_to(l, panel, largest_x_);
  }
  if (!with_radius) return;
  add_loss(l, inverse, largest_y_, largest_x_);
  inverse.solve(radius_);
}

void cholesky_panel::refine(const triangular_matrix& l, inverse_magnitudes& inverse, const double* b, double* x,
                            double* x_low) {
  const std::int64_t size = l.parts() * panel_columns * l.n;
  reset(l);
  residual_.resize(size);
  work_.resize(2 * size);
  double* d = residual_.data();
  residual(l, b, x, x_low, work_.data(), d);
  raise_to(l, b, largest_b_);
  raise_to(l, x, largest_x_);
  raise_to(l, d, largest_r_);
  solve_forward(l, d);
  raise_to(l, d, largest_y_);
  solve_adjoint(l, l.n, d);
  raise_to(l, d, largest_d_);
  for (std::int64_t k = 0; k < size; ++k) {
    const double_double refined = add(double_double{x[k], x_low[k]}, d[k]);
    x[k] = refined.hi;
    x_low[k] = refined.lo;
  }
  add_loss_of_residual(l, inverse);
  add_loss(l, inverse, largest_y_, largest_d_);
  inverse.solve(radius_);
  constexpr double four_u2 = 4 * unit_roundoff * unit_roundoff;
  for (std::int64_t i = 0; i < l.n; ++i)
    radius_[i] = up(radius_[i] + four_u2 * up(largest_x_[i] + largest_d_[i])) + inverse_magnitudes::least;
}

}  // namespace halfulp::kernels::linalg
