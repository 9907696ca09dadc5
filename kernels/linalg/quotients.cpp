#include <halfulp/kernels/linalg/quotients.hpp>

#include <cmath>
#include <complex>
#include <limits>
#include <utility>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>

namespace halfulp::kernels::linalg {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double u2 = unit_roundoff * unit_roundoff;

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// sum += x y with an error of at most 8 u^2 times the magnitudes summed so far.
void add_product(double_double& sum, double x, double y) {
  sum = add(sum, two_product(x, y));
}

/// Column k of the parts of a matrix with n rows.
template <class E>
std::span<const double> column(int n, const std::vector<E>& x, int k) {
  const std::size_t length = parts(x).size() / x.size() * size(n);
  return parts(x).subspan(size(k) * length, length);
}

}  // namespace

template <class E>
double largest_column(int n, const std::vector<E>& x) {
  double largest = 0;
  for (int k = 0; k < static_cast<int>(x.size()) / n; ++k) largest = std::max(largest, norm_bound(column(n, x, k)));
  return largest;
}

template <class E>
rayleigh_quotients<E>::rayleigh_quotients(int n, const std::vector<E>& a, std::vector<E> x)
    : n_(n),
      x_(std::move(x)),
      column_norm_(largest_column(n, x_)),
      ax_(n, a, x_, column_norm_),
      g_(x_.size() / size(n)),
      s_(x_.size() / size(n)) {
  sum_columns();
}

/// With x = x1 + x', g = x1^H A x1 + 2 Re(x'^H A x1) + x'^H A x' = (x + x')^H (high + low) + x'^H rest, and x^H x, in
/// double-double: each of 3 n (6 n) additions loses at most 4 u^2 of the sum of magnitudes, and the products with `low` and
/// `rest`, added in binary64, 4 u of themselves.
template <class E>
void rayleigh_quotients<E>::sum_columns() {
  double magnitude = 0;
  for (int k = 0; k < columns(); ++k) {
    const auto v = column(n_, x_, k), w = column(n_, ax_.x_rest, k);
    const auto high = column(n_, ax_.high, k), low = column(n_, ax_.low, k), rest = column(n_, ax_.rest, k);
    double_double g, s;
    double sum = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double small = (v[i] + w[i]) * low[i] + w[i] * rest[i];
      add_product(g, v[i], high[i]);
      add_product(g, w[i], high[i]);
      g = add(g, small);
      add_product(s, v[i], v[i]);
      sum += std::abs(v[i] * high[i]) + std::abs(w[i] * high[i]) +
             (std::abs((v[i] + w[i]) * low[i]) + std::abs(w[i] * rest[i])) / unit_roundoff;
    }
    g_[size(k)] = g;
    s_[size(k)] = s;
    magnitude = std::max(magnitude, sum);
  }
  const double length = static_cast<double>(parts(x_).size() / x_.size() * size(n_));
  const double terms = 3 * length + 8;
  const double product = ax_.error * up(column_norm_ + ax_.x_rest_norm) + ax_.rest_error * ax_.x_rest_norm;
  g_error_ = rounded_up(terms * 4 * u2 * rounded_up(magnitude, terms) + product * std::sqrt(length), 8);
  s_error_ = rounded_up(terms * 4 * u2 * column_norm_ * column_norm_, 8);
}

template <class E>
double_double rayleigh_quotients<E>::approx_quotient(int k) const {
  const double_double g = g_[size(k)], s = s_[size(k)];
  const double q = g.hi / s.hi;
  return fast_two_sum(q, add(g, multiply(s, -q)).hi / s.hi);
}

template <class E>
double rayleigh_quotients<E>::quotient_error(int k, double_double q) const {
  const double_double g = g_[size(k)], s = s_[size(k)];
  const double_double qs = multiply(q, s);
  const double off = std::abs(add(g, multiply(qs, -1.0)).hi);
  // 5 u^2 |q s| of the product, 4 u^2 (|g| + |q s|) of the difference
  const double lost = 16 * u2 * (std::abs(g.hi) + std::abs(qs.hi)) + g_error_ + std::abs(q.hi) * s_error_ * 1.5;
  return rounded_up((off + lost) / (s.hi - 2 * s_error_), 8);
}

template <class E>
double rayleigh_quotients<E>::residual_bound(int k, double_double q) const {
  const auto v = column(n_, x_, k), rest = column(n_, ax_.rest, k);
  const auto high = column(n_, ax_.high, k), low = column(n_, ax_.low, k);
  double squares = 0, small_squares = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double lower = low[i] - q.lo * v[i], small = rest[i] + lower;
    const double r = std::fma(-q.hi, v[i], high[i]) + small;
    squares += r * r;
    small_squares += small * small + lower * lower;
  }
  const double length = static_cast<double>(v.size());
  const double norm = std::sqrt(rounded_up(squares, length)), small = std::sqrt(rounded_up(small_squares, length));
  // r is rounded twice, of itself and of what `small` cancels; `small` three times, of itself, `lower` and q.lo v
  const double lost = 8 * unit_roundoff * (norm + small + 2 * std::abs(q.lo) * column_norm_);
  const double product = (ax_.error + ax_.rest_error) * std::sqrt(length);
  return rounded_up((norm + lost + product) / std::sqrt(s_[size(k)].hi - 2 * s_error_), 8);
}

template <class E>
double rayleigh_quotients<E>::temple_radius(int k, double below, double above) const {
  if (!(s_[size(k)].hi > 4 * s_error_)) return infinite;
  const double_double q = approx_quotient(k);
  const double error = quotient_error(k, q);
  // the differences are rounded, and q.lo is left out
  const double gap =
      (1 - 4 * unit_roundoff) * std::min(above - q.hi, q.hi - below) - error - 4 * unit_roundoff * std::abs(q.hi);
  if (!(gap > 0) || !(error < infinite)) return infinite;
  const double r = residual_bound(k, q);
  return rounded_up(error + r * r / gap, 8);
}

template double largest_column(int, const std::vector<double>&);
template double largest_column(int, const std::vector<std::complex<double>>&);
template class rayleigh_quotients<double>;
template class rayleigh_quotients<std::complex<double>>;

}  // namespace halfulp::kernels::linalg
