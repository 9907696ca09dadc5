#include <halfulp/oracle/linalg/bounds.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/real/underflow.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// The largest magnitude in e, or above.
real larger_end(const enclosure& e) {
  real m = make_real(64);
  mpfr_abs(raw(m), raw(mpfr_cmpabs(raw(e.lo), raw(e.hi)) > 0 ? e.lo : e.hi), MPFR_RNDU);
  return m;
}

/// bound in ulps of the smallest number in the enclosure
double in_ulps_of(const format& f, real bound, const enclosure& e) {
  const bool low = mpfr_cmpabs(raw(e.lo), raw(e.hi)) < 0;
  const real unit = e.contains_zero() ? ulp(f, make_real(2)) : ulp(f, low ? e.lo : e.hi);
  mpfr_div(raw(bound), raw(bound), raw(unit), MPFR_RNDU);
  return mpfr_get_d(raw(bound), MPFR_RNDU);
}

/// factor * size + underflow in ulps of the smallest number in the enclosure
double in_ulps(const format& f, double factor, const real& size, double underflow, const enclosure& e) {
  real bound = make_real(64);
  mpfr_mul_d(raw(bound), raw(size), factor, MPFR_RNDU);
  mpfr_add_d(raw(bound), raw(bound), underflow, MPFR_RNDU);
  return in_ulps_of(f, bound, e);
}

/// B = D^-1 A D^-1 in binary64, D^2 the magnitudes of the diagonal of A, none of which is 0; B's diagonal is that of
/// signs. Each entry is off by a relative 4 u.
hermitian_matrix with_unit_diagonal(const hermitian_matrix& a) {
  hermitian_matrix b = a;
  const auto root = [&](int i) { return std::sqrt(std::abs(a.real[a.at(i, i)])); };
  for (int j = 0; j < a.n; ++j) {
    for (int i = 0; i < a.n; ++i) {
      const double larger = std::max(root(i), root(j)), smaller = std::min(root(i), root(j));
      double& x = b.real[b.at(i, j)];
      x = i == j ? std::copysign(1.0, x) : x / larger / smaller;
      if (a.is_complex()) b.imaginary[b.at(i, j)] = a.imaginary[a.at(i, j)] / larger / smaller;
    }
  }
  return b;
}

/// The ends of the spectrum of a matrix whose entries are off by a relative 4 u, outward.
struct spectrum {
  double least, largest;
};
spectrum spectrum_of(const hermitian_matrix& b) {
  const auto values = eigenvalues<double>(b, question::rounding);
  spectrum s{mpfr_get_d(raw(values.front().range.lo), MPFR_RNDD), mpfr_get_d(raw(values.back().range.hi), MPFR_RNDU)};
  // ||dB|| <= 4 u || |B| || <= 4 u n ||B||
  const double slack = 8.0 * b.n * std::numeric_limits<double>::epsilon() * std::max(-s.least, s.largest);
  return {s.least - slack, s.largest + slack};
}

/// ||B|| / (1 - ||B - E||), E the diagonal of signs; infinite unless A is scaled diagonally dominant, ||B - E|| < 1.
double dominant_condition(hermitian_matrix b, double norm) {
  for (int k = 0; k < b.n; ++k) b.real[b.at(k, k)] = 0;
  const spectrum s = spectrum_of(b);
  const double left = 1 - std::max(-s.least, s.largest);
  return left > 0 ? norm / left : infinite;
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
  for (int k = 0; k < a.n; ++k)
    if (a.real[a.at(k, k)] == 0) return infinite;
  const hermitian_matrix b = with_unit_diagonal(a);
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::all_of(b.real.begin(), b.real.end(), finite) ||
      !std::all_of(b.imaginary.begin(), b.imaginary.end(), finite))
    return infinite;
  const spectrum s = spectrum_of(b);
  const double norm = std::max(-s.least, s.largest);
  return up(s.least > 0 ? norm / s.least : dominant_condition(b, norm));
}

std::vector<ulp_bounds> bounds_of(const format& f, const hermitian_matrix& a, const std::vector<enclosure>& values) {
  std::vector<ulp_bounds> bounds(values.size(), {infinite, infinite});
  const auto bounded = [](const enclosure& e) {
    return mpfr_number_p(raw(e.lo)) != 0 && mpfr_number_p(raw(e.hi)) != 0;
  };
  if (values.empty() || !std::all_of(values.begin(), values.end(), bounded)) return bounds;
  const real norm = larger_end({values.front().lo, values.back().hi});
  const double loss = unit_of_loss(f, a.n);
  const double underflow = underflow_of(f, 4.0 * a.n);
  const double condition = scaled_condition(a);
  for (std::size_t k = 0; k < values.size(); ++k) {
    bounds[k].normwise = bounds[k].componentwise = in_ulps(f, loss, norm, underflow, values[k]);
    if (std::isfinite(condition))
      bounds[k].componentwise =
          std::min(bounds[k].normwise, in_ulps(f, loss * condition, larger_end(values[k]), underflow, values[k]));
  }
  return bounds;
}

}  // namespace halfulp::linalg
