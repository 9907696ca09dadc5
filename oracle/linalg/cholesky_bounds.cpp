#include <halfulp/oracle/linalg/cholesky_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/real/underflow.hpp>

namespace halfulp::linalg {
namespace {

double largest(const std::vector<double>& v) {
  double m = 0;
  for (const double x : v) m = x <= m ? m : x;  // a NaN is the largest
  return m;
}

/// At least |r| for every r in e.
double magnitude(const enclosure& e) {
  return std::max(std::abs(mpfr_get_d(raw(e.lo), MPFR_RNDD)), std::abs(mpfr_get_d(raw(e.hi), MPFR_RNDU)));
}

/// Where the theory ends, an error is infinite or, as 0 times that, NaN.
double ulps_or_infinite(const format& f, double error, const enclosure& e) {
  return std::isfinite(error) ? in_ulps(f, error, e) : std::numeric_limits<double>::infinity();
}

/// gamma_n in format f; an operation on complex numbers loses at most 8 u  [higham02, 3.6]
double gamma_in(const format& f, std::size_t n, bool is_complex) {
  return gamma(static_cast<std::int64_t>(n), (is_complex ? 8 : 1) * std::ldexp(1.0, -f.precision));
}

}  // namespace

std::vector<double> magnitudes(const enclosures& x, std::size_t parts) {
  std::vector<double> v(x.size() / parts);
  for (std::size_t k = 0; k < x.size(); ++k) v[k / parts] = up(v[k / parts] + magnitude(x[k]));
  return v;
}

void set_bounds(const format& f, double normwise, double componentwise, component_truth& c) {
  const enclosure range = c.range.reals();
  c.bounds.normwise = ulps_or_infinite(f, normwise, range);
  c.bounds.componentwise = std::min(c.bounds.normwise, ulps_or_infinite(f, componentwise, range));
}

cholesky_bounds::cholesky_bounds(const triangular_factor& l, const format& f)
    : format_(f),
      n_(l.n),
      parts_(l.is_complex() ? 2 : 1),
      loss_(up(2 * gamma_in(f, l.n + 1, l.is_complex()))),  // two substitutions
      inverse_(l) {
  const std::vector<double> ones(n_, 1.0);
  condition_ = up(up(largest(inverse_.solve(ones)) * largest(inverse_.adjoint_solve(ones))) *
                  up(largest(inverse_.multiply(ones)) * largest(inverse_.adjoint_multiply(ones))));
}

solution_loss cholesky_bounds::loss_of(const std::vector<double>& x) const {
  auto skeel = inverse_.adjoint_solve(inverse_.solve(inverse_.multiply(inverse_.adjoint_multiply(x))));
  const double underflow = underflow_of(format_, 4.0 * static_cast<double>(n_));
  for (double& s : skeel) s = up(up(loss_ * s) + underflow);
  return {up(up(up(loss_ * condition_) * largest(x)) + up(underflow * condition_)), skeel};
}

void bound_of_sum::add(const cholesky_bounds& bounds, const std::vector<double>& x) {
  const solution_loss one = bounds.loss_of(x);
  loss_.normwise = up(loss_.normwise + one.normwise);
  for (std::size_t i = 0; i < x.size(); ++i) {
    loss_.componentwise[i] = up(loss_.componentwise[i] + one.componentwise[i]);
    magnitude_[i] = up(magnitude_[i] + x[i]);
  }
  ++terms_;
}

void bound_of_sum::set(std::size_t row, component_truth& c) const {
  const double additions = up(gamma_in(format_, static_cast<std::size_t>(terms_ - 1), false) * magnitude_[row]);
  set_bounds(format_, up(loss_.normwise + additions), up(loss_.componentwise[row] + additions), c);
}

bound_of_products::bound_of_products(const triangular_factor& l, const format& f, std::size_t columns)
    : format_(f),
      n_(l.n),
      gamma_(gamma_in(f, l.n + columns + 2, l.is_complex())),
      bounds_(l, f),
      rows_(l.n, std::vector<double>(l.n)) {}

/// Row i of what W + W^H may lose: each factor's own loss, and gamma (|Z| |X|^H + |X| |Z|^H).
void bound_of_products::add(const std::vector<double>& x, const std::vector<double>& z) {
  const solution_loss of_x = bounds_.loss_of(x), of_z = bounds_.loss_of(z);
  for (std::size_t i = 0; i < n_; ++i) {
    const double zi = up(of_z.componentwise[i] + gamma_ * z[i]), xi = up(of_x.componentwise[i] + gamma_ * x[i]);
    for (std::size_t j = 0; j < n_; ++j) {
      const double own = up(up(zi * x[j]) + up(xi * z[j]));
      const double other = up(up(z[i] * of_x.componentwise[j]) + up(x[i] * of_z.componentwise[j]));
      rows_[i][j] = up(rows_[i][j] + up(own + other));
    }
  }
  const double norms = up(up(of_z.normwise * largest(x)) + up(of_x.normwise * largest(z)));
  normwise_ = up(normwise_ + up(2 * up(norms + up(gamma_ * up(largest(x) * largest(z))))));
}

void bound_of_products::finish() {
  for (auto& row : rows_) row = bounds_.adjoint_multiply(row);
  normwise_ = up(normwise_ * largest(bounds_.adjoint_multiply(std::vector<double>(n_, 1.0))));
}

void bound_of_products::set(std::size_t row, std::size_t column, component_truth& c) const {
  set_bounds(format_, normwise_, rows_[row][column], c);
}

}  // namespace halfulp::linalg
