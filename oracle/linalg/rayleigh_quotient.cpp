#include <halfulp/oracle/linalg/rayleigh_quotient.hpp>

#include <cmath>
#include <vector>

#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/linalg/norm_bound.hpp>
#include <halfulp/oracle/real/sums.hpp>

namespace halfulp::linalg {
namespace {

constexpr double u = unit_roundoff;

/// A vector of unevaluated sums.
struct double_double_vector {
  std::vector<double> high, low;
};

/// y += a x for `count` entries from `first` on.
void add_multiple(double_double_vector& y, std::size_t first, std::size_t count, const double* a, double x) {
  double* high = &y.high[first];
  double* low = &y.low[first];
  for (std::size_t i = 0; i < count; ++i) {
    const double_double sum = add(double_double{high[i], low[i]}, two_product(a[i], x));
    high[i] = sum.hi;
    low[i] = sum.lo;
  }
}

/// A x: parts of its n entries, the imaginary ones after the real ones. Each loses gamma_n(4 u^2) of the sum of
/// magnitudes; gamma_2n for complex ones.
double_double_vector product(const hermitian_matrix& a, const double* re, const double* im) {
  const auto n = static_cast<std::size_t>(a.n);
  const std::size_t count = im == nullptr ? n : 2 * n;
  double_double_vector y{std::vector<double>(count), std::vector<double>(count)};
  for (std::size_t j = 0; j < n; ++j) {
    const double* column = &a.real[j * n];
    add_multiple(y, 0, n, column, re[j]);
    if (im == nullptr) continue;
    const double* imaginary = &a.imaginary[j * n];
    add_multiple(y, 0, n, imaginary, -im[j]);
    add_multiple(y, n, n, column, im[j]);
    add_multiple(y, n, n, imaginary, re[j]);
  }
  return y;
}

/// value - error <= the exact sum <= value + error
struct bounded_sum {
  double_double value;
  double error;

  enclosure range() const { return enclosure_of(value, error); }
};

/// x^T y, y in double-double, where y is off by `y_error` in the 2-norm: 2 m additions, and the products with low words,
/// at most u |y|, are rounded.
bounded_sum inner_product(const std::vector<double>& x, const double_double_vector& y, double y_error) {
  bounded_sum sum{};
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum.value = add(sum.value, two_product(x[i], y.high[i]));
    sum.value = add(sum.value, x[i] * y.low[i]);
  }
  const double x_norm = norm_bound(x), y_norm = norm_bound(y.high);
  const double lost = gamma(2 * static_cast<std::int64_t>(x.size()), 4 * u * u) + 2 * u * u;
  sum.error = at_least(lost * x_norm * y_norm + x_norm * y_error, 8);
  return sum;
}

/// n / d for d > 0, outward.
enclosure quotient(const enclosure& n, const enclosure& d) {
  enclosure q{make_real(mpfr_get_prec(raw(n.lo))), make_real(mpfr_get_prec(raw(n.lo)))};
  mpfr_div(raw(q.lo), raw(n.lo), raw(mpfr_sgn(raw(n.lo)) < 0 ? d.lo : d.hi), MPFR_RNDD);
  mpfr_div(raw(q.hi), raw(n.hi), raw(mpfr_sgn(raw(n.hi)) < 0 ? d.hi : d.lo), MPFR_RNDU);
  return q;
}

/// At least ||y - t x||: each entry has 3 roundings, of sizes up to |t x|, the difference, and the low word.
double residual_bound(const std::vector<double>& x, const double_double_vector& y, double t, double y_error) {
  std::vector<double> r(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) r[i] = (y.high[i] - t * x[i]) + y.low[i];
  const double r_norm = norm_bound(r);
  return at_least(r_norm + 4 * u * (r_norm + std::abs(t) * norm_bound(x)) + y_error, 8);
}

}  // namespace

std::optional<rayleigh_quotient> quotient_of(const hermitian_matrix& a, double a_norm, const double* re,
                                             const double* im) {
  std::vector<double> x(re, re + a.n);
  if (im != nullptr) x.insert(x.end(), im, im + a.n);
  const auto terms = static_cast<std::int64_t>(x.size());
  // two parts of at most gamma |A| |x| each
  const double y_error = at_least(1.5 * gamma(terms, 4 * u * u) * a_norm * norm_bound(x), 8);
  const double_double_vector y = product(a, re, im);
  const bounded_sum numerator = inner_product(x, y, y_error);
  const bounded_sum square = inner_product(x, {x, std::vector<double>(x.size())}, 0);
  const enclosure d = square.range();
  if (!(mpfr_sgn(raw(d.lo)) > 0)) return std::nullopt;
  // a residual is least at the quotient itself, so that any number near it will do
  const double t = numerator.value.hi / square.value.hi;
  const double x_norm = std::sqrt(mpfr_get_d(raw(d.lo), MPFR_RNDD)) * (1 - 4 * u);
  return rayleigh_quotient{quotient(numerator.range(), d), at_least(residual_bound(x, y, t, y_error) / x_norm, 1)};
}

}  // namespace halfulp::linalg
