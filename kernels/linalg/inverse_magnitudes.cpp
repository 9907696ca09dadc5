#include <halfulp/kernels/linalg/inverse_magnitudes.hpp>

#include <algorithm>
#include <cmath>

namespace halfulp::kernels::linalg {
namespace {

// What underflow loses in E is below n 2^-1074 max |L|, itself below 2^-800: beside rows of w that are at least
// this part of their sum it counts less than 2^-40.
constexpr double floor_of_rows = 0x1p-700;
constexpr double underflow_of_inverse = 0x1p-40;

}  // namespace

void inverse_magnitudes::reset(const triangular_matrix& l, const triangular_matrix& magnitude) {
  l_ = l;
  magnitude_ = magnitude;
  bound_ = substitution_bound(l);
  // sums of n nonnegative terms, magnitudes that are rounded, and a few operations beside
  raise_ = 1 + 4 * static_cast<double>(l.n + 32) * unit_roundoff;
  inverted_ = false;
  work_.resize(l.parts() * l.n * panel_columns);
  w_.resize(l.n);
  z_.resize(l.n);
}

/// Columns 8 b .. 8 b + 7 of R^H are panel b, of which the magnitudes are kept.
void inverse_magnitudes::invert() {
  const std::int64_t width = l_.parts() * panel_columns;
  panels_.resize(l_.n * l_.n);
  for (std::int64_t i = 0; i < l_.n; i += block_rows) {
    double* to = panels_.data() + i * l_.n;
    double* panel = l_.parts() == 1 ? to : work_.data();
    const std::int64_t rows = i + block_rows;
    std::fill(panel, panel + rows * width, 0.0);
    for (std::int64_t c = 0; c < block_rows; ++c) panel[(i + c) * width + c] = 1;
    solve_adjoint(l_, rows, panel);
    if (l_.parts() == 1) continue;
    for (std::int64_t j = 0; j < rows; ++j)
      for (std::int64_t c = 0; c < panel_columns; ++c) {
        const double re = panel[j * width + c], im = panel[j * width + panel_columns + c];
        to[j * panel_columns + c] = std::sqrt(re * re + im * im) + least;
      }
  }
  inverted_ = true;
}

void inverse_magnitudes::multiply(const aligned_array& v, aligned_array& w) const {
  magnitude_product(magnitude_, v.data(), w.data());
  for (std::int64_t i = 0; i < l_.n; ++i) w[i] = raise(w[i]);
}

void inverse_magnitudes::adjoint_multiply(const aligned_array& v, aligned_array& w) const {
  magnitude_adjoint_product(magnitude_, v.data(), w.data());
  for (std::int64_t i = 0; i < l_.n; ++i) w[i] = raise(w[i]);
}

double inverse_magnitudes::largest_quotient(const aligned_array& lost, const aligned_array& kept) const {
  double t = 0;
  for (std::int64_t i = 0; i < l_.n; ++i) {
    const double q = raise(bound_ * lost[i] / kept[i]);
    if (std::isnan(q)) return q;
    t = std::max(t, q);
  }
  return t;
}

void inverse_magnitudes::solve(aligned_array& v) {
  if (!inverted_) invert();
  panels_product(panels_.data(), l_.n, v.data(), w_.data());
  double sum = 0;
  for (std::int64_t i = 0; i < l_.n; ++i) sum += w_[i] = raise(w_[i]);
  for (std::int64_t i = 0; i < l_.n; ++i) w_[i] += floor_of_rows * sum;
  multiply(w_, v);
  panels_product(panels_.data(), l_.n, v.data(), z_.data());
  const double t = largest_quotient(z_, w_) + underflow_of_inverse;
  const double forward = t < 0.5 ? up(1 / (1 - t)) : INFINITY;
  panels_adjoint_product(panels_.data(), l_.n, w_.data(), work_.data(), v.data());
  adjoint_multiply(v, z_);
  const double s = largest_quotient(z_, w_) + underflow_of_inverse;
  const double both = s < 0.5 ? up(forward * up(1 / (1 - s))) : INFINITY;
  for (std::int64_t i = 0; i < l_.n; ++i) v[i] = raise(raise(v[i]) * both);
}

}  // namespace halfulp::kernels::linalg
