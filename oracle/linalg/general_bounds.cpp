#include <halfulp/oracle/linalg/general_bounds.hpp>

#include <cmath>
#include <complex>
#include <limits>
#include <optional>

#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/linalg/sensitivity.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

bool meet(const enclosure& x, const enclosure& y) {
  return mpfr_lessequal_p(raw(x.lo), raw(y.hi)) != 0 && mpfr_lessequal_p(raw(y.lo), raw(x.hi)) != 0;
}

template <class R>
bool is_alone(const std::vector<complex_eigenvalue<R>>& values, std::size_t k) {
  for (std::size_t j = 0; j < values.size(); ++j)
    if (j != k && meet(values[j].re.range, values[k].re.range) && meet(values[j].im.range, values[k].im.range))
      return false;
  return true;
}

double norm_of(const square_matrix& a, int shift) {
  long double square = 0;
  for (const auto* part : {&a.real, &a.imaginary})
    for (const double x : *part) square += std::pow(std::ldexp(static_cast<long double>(x), -shift), 2.0L);
  return static_cast<double>(std::sqrt(square));
}

/// p(n) u, and what underflow adds to that, relative to a norm given in units of 2^shift.
double relative_loss(const format& f, int n, long double norm, int shift) {
  const long double underflow = std::ldexp(4.0L * n, f.e_min - f.precision - shift);
  return up(unit_of_loss(f, n) + up(static_cast<double>(underflow / norm)));
}

/// loss 2^shift in ulps of the numbers in e.
double scaled_ulps(const format& f, double loss, int shift, const enclosure& e) {
  if (!std::isfinite(loss)) return infinite;
  const double scaled = up(std::ldexp(loss, shift));
  return std::isfinite(scaled) ? in_ulps(f, scaled, e) : infinite;
}

}  // namespace

bool is_normal(const square_matrix& a) {
  const integer_matrix m = exact_integers(a), h = adjoint(m);
  const integer_matrix p = adjoint_product(m, m, true), q = adjoint_product(h, h, true);
  for (int j = 0; j < a.n; ++j)
    for (int i = 0; i <= j; ++i) {
      const std::size_t k = p.at(i, j);
      if (p.real[k] != q.real[k] || (p.is_complex() && p.imaginary[k] != q.imaginary[k])) return false;
    }
  return true;
}

template <class R>
std::vector<complex_bounds> approx_general_bounds(const square_matrix& a,
                                                  const std::vector<complex_eigenvalue<R>>& values) {
  constexpr format f = format_of<R>;
  const balanced_matrix b = balanced(a);
  const bool normal = is_normal(a);
  const auto s = normal ? approx_general_eigensystem{} : approx_general_eigensystem_of(b.matrix);
  std::optional<sensitivity> plain, scaled;
  if (!normal && s.converged) {
    plain.emplace(b, s, false);
    scaled.emplace(b, s, true);
  }
  const double norm = norm_of(a, b.shift);
  const double of_normal = norm == 0 ? 0 : relative_loss(f, a.n, norm, b.shift) * norm;
  std::vector<complex_bounds> bounds;
  for (std::size_t k = 0; k < values.size(); ++k) {
    double normwise = normal ? of_normal : infinite, componentwise = normwise;
    if (plain && is_alone(values, k)) {
      const int at = nearest(s, values[k].re.range, values[k].im.range, b.shift);
      normwise = plain->loss(at, relative_loss(f, a.n, plain->norm(), b.shift));
      componentwise = std::min(normwise, scaled->loss(at, relative_loss(f, a.n, scaled->norm(), b.shift)));
    }
    const auto of_part = [&](const enclosure& e) {
      return ulp_bounds{scaled_ulps(f, normwise, b.shift, e), scaled_ulps(f, componentwise, b.shift, e)};
    };
    bounds.push_back({of_part(values[k].re.range), of_part(values[k].im.range)});
  }
  return bounds;
}

template std::vector<complex_bounds> approx_general_bounds(const square_matrix&,
                                                           const std::vector<complex_eigenvalue<float>>&);
template std::vector<complex_bounds> approx_general_bounds(const square_matrix&,
                                                           const std::vector<complex_eigenvalue<double>>&);

}  // namespace halfulp::linalg
