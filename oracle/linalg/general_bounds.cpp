#include <halfulp/oracle/linalg/general_bounds.hpp>

#include <cmath>
#include <complex>
#include <limits>
#include <optional>

#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>

namespace halfulp::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// How far eigenvalues may move under a perturbation of relative size eps of the norm, to first order.
class sensitivity {
 public:
  /// Of A itself, or of the balanced matrix, in units of 2^shift.
  sensitivity(const balanced_matrix& b, const approx_general_eigensystem& s, bool of_balanced)
      : b_(b), s_(s), of_balanced_(of_balanced) {
    long double square = 0;
    for (int j = 0; j < s.n; ++j)
      for (int i = 0; i < s.n; ++i) {
        const std::size_t k = b.matrix.at(i, j);
        const long double part = b.matrix.is_complex() ? b.matrix.imaginary[k] : 0.0;
        const long double entry = std::hypot(static_cast<long double>(b.matrix.real[k]), part);
        square += std::pow(std::ldexp(entry, power(i) - power(j)), 2.0L);
      }
    norm_ = std::sqrt(square);
    for (int k = 0; k < s.n; ++k) columns_ += std::pow(column(k), 2.0L);
    columns_ = std::sqrt(columns_);
  }

  /// Where n eps ||Y_k|| ||X|| ||A|| reaches half the gap, other eigenvalues have a say, and nothing is known: infinite.
  double loss(int k, double eps) const {
    const long double left = row(k), by = eps * norm_;
    return left * columns_ * by < gap(k) / 2 ? static_cast<double>(left * column(k) * by) : infinite;
  }

 private:
  int power(int k) const { return of_balanced_ ? 0 : b_.exponents[size(k)]; }
  long double column(int k) const {
    long double sum = 0;
    for (int i = 0; i < s_.n; ++i)
      sum += std::pow(std::ldexp(std::abs(std::complex<long double>(s_.vectors[b_.matrix.at(i, k)])), power(i)), 2.0L);
    return std::sqrt(sum);
  }
  long double row(int k) const {
    long double sum = 0;
    for (int j = 0; j < s_.n; ++j)
      sum += std::pow(std::ldexp(std::abs(std::complex<long double>(s_.inverse[b_.matrix.at(k, j)])), -power(j)), 2.0L);
    return std::sqrt(sum);
  }
  long double gap(int k) const {
    long double least = std::numeric_limits<long double>::infinity();
    for (int j = 0; j < s_.n; ++j)
      if (j != k) least = std::min<long double>(least, std::abs(s_.values[size(j)] - s_.values[size(k)]));
    return least;
  }

  const balanced_matrix& b_;
  const approx_general_eigensystem& s_;
  bool of_balanced_;
  long double norm_ = 0, columns_ = 0;
};

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

double middle(const enclosure& e, int shift) {
  real m = make_real(64);
  mpfr_add(raw(m), raw(e.lo), raw(e.hi), MPFR_RNDN);
  mpfr_mul_2si(raw(m), raw(m), -1 - shift, MPFR_RNDN);
  return mpfr_get_d(raw(m), MPFR_RNDN);
}

/// The approximation nearest to an eigenvalue.
int nearest(const approx_general_eigensystem& s, std::complex<double> value) {
  int best = 0;
  for (int k = 1; k < s.n; ++k)
    if (std::abs(s.values[size(k)] - value) < std::abs(s.values[size(best)] - value)) best = k;
  return best;
}

double norm_of(const square_matrix& a, int shift) {
  long double square = 0;
  for (const auto* part : {&a.real, &a.imaginary})
    for (const double x : *part) square += std::pow(std::ldexp(static_cast<long double>(x), -shift), 2.0L);
  return static_cast<double>(std::sqrt(square));
}

/// loss 2^shift in ulps of the numbers in e.
double scaled_ulps(const format& f, double loss, int shift, const enclosure& e) {
  if (!std::isfinite(loss)) return infinite;
  const double scaled = std::ldexp(loss, shift);
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
  const double eps = unit_of_loss(f, a.n);
  const balanced_matrix b = balanced(a);
  const bool normal = is_normal(a);
  const auto s = normal ? approx_general_eigensystem{} : approx_general_eigensystem_of(b.matrix);
  std::optional<sensitivity> plain, scaled;
  if (!normal && s.converged) {
    plain.emplace(b, s, false);
    scaled.emplace(b, s, true);
  }
  const double of_normal = eps * norm_of(a, b.shift);
  std::vector<complex_bounds> bounds;
  for (std::size_t k = 0; k < values.size(); ++k) {
    double normwise = normal ? of_normal : infinite, componentwise = normwise;
    if (plain && is_alone(values, k)) {
      const int at = nearest(s, {middle(values[k].re.range, b.shift), middle(values[k].im.range, b.shift)});
      normwise = plain->loss(at, eps);
      componentwise = std::min(normwise, scaled->loss(at, eps));
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
