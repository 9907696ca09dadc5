#include <halfulp/oracle/linalg/cholesky_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/core/sums.hpp>

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

/// error in ulps of the smallest number in e
double in_ulps(const format& f, double error, const enclosure& e) {
  if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
  const bool low = mpfr_cmpabs(raw(e.lo), raw(e.hi)) < 0;
  const real unit = e.contains_zero() ? ulp(f, make_real(2)) : ulp(f, low ? e.lo : e.hi);
  real q = make_real(64);
  mpfr_d_div(raw(q), error, raw(unit), MPFR_RNDU);
  return mpfr_get_d(raw(q), MPFR_RNDU);
}

}  // namespace

cholesky_bounds::cholesky_bounds(const triangular_factor& l, const format& f)
    : format_(f),
      n_(l.n),
      parts_(l.is_complex() ? 2 : 1),
      // two substitutions; an operation on complex numbers loses at most 8 u  [higham02, 3.6]
      loss_(up(2 * gamma(static_cast<std::int64_t>(l.n + 1), (l.is_complex() ? 8 : 1) * std::ldexp(1.0, -f.precision)))),
      inverse_(l) {
  const std::vector<double> ones(n_, 1.0);
  condition_ = up(up(largest(inverse_.solve(ones)) * largest(inverse_.adjoint_solve(ones))) *
                  up(largest(inverse_.multiply(ones)) * largest(inverse_.adjoint_multiply(ones))));
}

void cholesky_bounds::set(const std::vector<component_truth*>& x) const {
  std::vector<double> v(n_);
  for (std::size_t k = 0; k < x.size(); ++k) {
    double& sum = v[k / parts_];
    sum = up(sum + magnitude(x[k]->range));
  }
  const double size = largest(v);
  const auto skeel =
      inverse_.adjoint_solve(inverse_.solve(inverse_.multiply(inverse_.adjoint_multiply(v))));
  const double underflow = up(4 * static_cast<double>(n_) * std::ldexp(1.0, format_.e_min - format_.precision));
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double normwise = up(up(up(loss_ * condition_) * size) + up(underflow * condition_));
    const double componentwise = up(up(loss_ * skeel[k / parts_]) + underflow);
    x[k]->bounds.normwise = in_ulps(format_, normwise, x[k]->range);
    x[k]->bounds.componentwise = std::min(x[k]->bounds.normwise, in_ulps(format_, componentwise, x[k]->range));
  }
}

}  // namespace halfulp::linalg
