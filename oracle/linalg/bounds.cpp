#include <halfulp/oracle/linalg/bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/linalg/eigenvalues.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

real magnitude(const real& x, mpfr_rnd_t direction) {
  real m = make_real(64);
  mpfr_abs(raw(m), raw(x), direction);
  return m;
}

/// bound in ulps of the smallest number in the enclosure
double in_ulps_of(const format& f, real bound, const enclosure& e) {
  const bool low = mpfr_cmpabs(raw(e.lo), raw(e.hi)) < 0;
  const real unit = e.contains_zero() ? ulp(f, make_real(2)) : ulp(f, low ? e.lo : e.hi);
  mpfr_div(raw(bound), raw(bound), raw(unit), MPFR_RNDU);
  return mpfr_get_d(raw(bound), MPFR_RNDU);
}

/// factor * size in ulps of the smallest number in the enclosure
double in_ulps(const format& f, double factor, const real& size, const enclosure& e) {
  real bound = make_real(64);
  mpfr_mul_d(raw(bound), raw(size), factor, MPFR_RNDU);
  return in_ulps_of(f, bound, e);
}

/// D^-1 A D^-1 in binary64, D^2 the diagonal of A: each entry to a relative 4 u, and so each eigenvalue to 4 n u, the
/// entries of a positive definite one being at most 1.
hermitian_matrix with_unit_diagonal(const hermitian_matrix& a) {
  hermitian_matrix b = a;
  for (int j = 0; j < a.n; ++j) {
    for (int i = 0; i < a.n; ++i) {
      const double di = std::sqrt(a.real[a.at(i, i)]), dj = std::sqrt(a.real[a.at(j, j)]);
      b.real[b.at(i, j)] = i == j ? 1 : a.real[a.at(i, j)] / std::max(di, dj) / std::min(di, dj);
      if (a.is_complex()) b.imaginary[b.at(i, j)] = a.imaginary[a.at(i, j)] / std::max(di, dj) / std::min(di, dj);
    }
  }
  return b;
}

}  // namespace

double unit_of_loss(const format& f, int n) {
  return 4.0 * n * std::ldexp(1.0, -f.precision);
}

double in_ulps(const format& f, double bound, const enclosure& e) {
  real b = make_real(64);
  mpfr_set_d(raw(b), bound, MPFR_RNDU);
  return mpfr_number_p(raw(e.lo)) == 0 || mpfr_number_p(raw(e.hi)) == 0 ? infinite : in_ulps_of(f, b, e);
}

double scaled_condition(const hermitian_matrix& a) {
  const auto values = eigenvalues<double>(with_unit_diagonal(a), question::rounding);
  const double slack = 8.0 * a.n * std::numeric_limits<double>::epsilon();
  const double least = mpfr_get_d(raw(values.front().range.lo), MPFR_RNDD) - slack;
  const double largest = mpfr_get_d(raw(values.back().range.hi), MPFR_RNDU) + slack;
  return least > 0 ? largest / least * (1 + slack) : infinite;
}

std::vector<ulp_bounds> bounds_of(const format& f, const hermitian_matrix& a, const std::vector<enclosure>& values) {
  std::vector<ulp_bounds> bounds(values.size(), {infinite, infinite});
  const auto bounded = [](const enclosure& e) {
    return mpfr_number_p(raw(e.lo)) != 0 && mpfr_number_p(raw(e.hi)) != 0;
  };
  if (values.empty() || !std::all_of(values.begin(), values.end(), bounded)) return bounds;
  const real ends[] = {magnitude(values.front().lo, MPFR_RNDU), magnitude(values.back().hi, MPFR_RNDU)};
  const real& norm = mpfr_greater_p(raw(ends[0]), raw(ends[1])) != 0 ? ends[0] : ends[1];
  const bool definite = mpfr_sgn(raw(values.front().lo)) > 0;
  const double loss = unit_of_loss(f, a.n);
  const double condition = definite ? scaled_condition(a) : infinite;
  for (std::size_t k = 0; k < values.size(); ++k) {
    bounds[k].normwise = bounds[k].componentwise = in_ulps(f, loss, norm, values[k]);
    if (std::isfinite(condition))
      bounds[k].componentwise =
          std::min(bounds[k].normwise, in_ulps(f, loss * condition, magnitude(values[k].hi, MPFR_RNDU), values[k]));
  }
  return bounds;
}

}  // namespace halfulp::linalg
