#include <halfulp/kernels/linalg/rayleigh.hpp>

#include <complex>
#include <limits>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/kernels/linalg/sliced_product.hpp>
#include <halfulp/oracle/linalg/dominance.hpp>

namespace halfulp::kernels::linalg {
namespace {

using halfulp::linalg::dominance;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double u2 = unit_roundoff * unit_roundoff;

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// sum += x y with an error of at most 8 u^2 times the magnitudes summed so far.
void add_product(double_double& sum, double x, double y) {
  sum = add(sum, two_product(x, y));
}

/// x / y as a double-double, without error bounds.
double_double approx_quotient(double_double x, double_double y) {
  const double q = x.hi / y.hi;
  const double_double rest = add(x, multiply(y, -q));
  return fast_two_sum(q, rest.hi / y.hi);
}

/// The pencil G - s S, G = X^H A X and S = X^H X, as far as binary64 and double-double know it.
template <class E>
class binary64_pencil {
 public:
  binary64_pencil(int n, const std::vector<E>& a, const std::vector<E>& x);

  double_double quotient(int k) const { return approx_quotient(g_[size(k)], s_[size(k)]); }
  /// A radius around quotient(k) that is proved to hold eigenvalue k; infinite if there is none.
  double radius(int k) const;

 private:
  void set_off_diagonal(const std::vector<E>& x, const sliced_product<E>& ax);
  void set_diagonal(const std::vector<E>& x, const sliced_product<E>& ax);
  /// |g_ii - s s_ii| rounded down, and the number of negative ones.
  int diagonal_at(double_double s, std::vector<double>& lower) const;
  bool count_below(double_double s, int& count) const;

  int n_;
  double column_norm_;  // at least the 2-norm of each column of X
  std::vector<double_double> g_, s_;
  double g_error_, s_error_;
  dominance<double> bounds_;
};

template <class E>
double largest_column(int n, const std::vector<E>& x) {
  double largest = 0;
  for (int j = 0; j < n; ++j) {
    const auto all = parts(x);
    const std::size_t length = all.size() / size(n);
    largest = std::max(largest, norm_bound(all.subspan(size(j) * length, length)));
  }
  return largest;
}

template <class E>
binary64_pencil<E>::binary64_pencil(int n, const std::vector<E>& a, const std::vector<E>& x)
    : n_(n), column_norm_(largest_column(n, x)), g_(size(n)), s_(size(n)), bounds_(n) {
  const sliced_product<E> ax(n, a, x, column_norm_);
  set_diagonal(x, ax);
  set_off_diagonal(x, ax);
}

/// x^H (high + low) and x^H x in double-double: each of 2 n (4 n) additions loses at most 4 u^2 of the sum of
/// magnitudes, and a product with `low`, rounded to binary64, u of itself.
template <class E>
void binary64_pencil<E>::set_diagonal(const std::vector<E>& x, const sliced_product<E>& ax) {
  const auto v = parts(x), high = parts(ax.high), low = parts(ax.low);
  const std::size_t length = v.size() / size(n_);
  double magnitude = 0;
  for (int k = 0; k < n_; ++k) {
    double_double g, s;
    double sum = 0;
    for (std::size_t i = size(k) * length; i < (size(k) + 1) * length; ++i) {
      add_product(g, v[i], high[i]);
      g = add(g, v[i] * low[i]);
      add_product(s, v[i], v[i]);
      sum += std::abs(v[i] * high[i]) + std::abs(v[i] * low[i]) / unit_roundoff;
    }
    g_[size(k)] = g;
    s_[size(k)] = s;
    magnitude = std::max(magnitude, sum);
  }
  const double terms = 2 * static_cast<double>(length) + 8;
  const double root = std::sqrt(static_cast<double>(length));
  g_error_ = rounded_up(terms * 4 * u2 * rounded_up(magnitude, terms) + ax.error * root * column_norm_, 8);
  s_error_ = rounded_up(terms * 4 * u2 * column_norm_ * column_norm_, 8);
}

/// The products x_i^H high_j and x_i^H x_j lose product_error ||x_i|| ||high_j|| and product_error ||x_i|| ||x_j||, and
/// what G lacks beside, x_i^H (low_j + error), is at most ||x_i|| times the norm of that.
template <class E>
void binary64_pencil<E>::set_off_diagonal(const std::vector<E>& x, const sliced_product<E>& ax) {
  std::vector<E> g(x.size()), s(x.size());
  blas<E>::adjoint_multiply(n_, x.data(), ax.high.data(), g.data());
  blas<E>::gram(n_, x.data(), s.data());
  const double lost = product_error<E>(n_);
  const double lacking = norm_bound(parts(ax.low)) + ax.error * std::sqrt(2.0 * n_);
  const double g_lost = rounded_up(column_norm_ * (lost * largest_column(n_, ax.high) + lacking), 4);
  const double s_lost = rounded_up(lost * column_norm_ * column_norm_, 2);
  for (int j = 0; j < n_; ++j) {
    for (int i = 0; i < j; ++i) {
      const std::size_t at = size(j) * size(n_) + size(i);
      bounds_.g(i, j) = bounds_.g(j, i) = rounded_up(magnitude(g[at]) + g_lost, 2);
      bounds_.s(i, j) = bounds_.s(j, i) = rounded_up(magnitude(s[at]) + s_lost, 2);
    }
  }
  bounds_.sum_rows();
}

template <class E>
int binary64_pencil<E>::diagonal_at(double_double s, std::vector<double>& lower) const {
  int negative = 0;
  for (int i = 0; i < n_; ++i) {
    const double_double g = g_[size(i)], w = s_[size(i)];
    const double size_of_terms = std::abs(g.hi) + std::abs(s.hi * w.hi);
    double m = g.hi - s.hi * w.hi;
    double lost = 8 * unit_roundoff * size_of_terms;  // what is left out: g.lo, s.lo w, s w.lo, two roundings
    if (std::abs(m) < 0x1p-30 * size_of_terms) {
      m = add(g, multiply(multiply(s, w), -1.0)).hi;
      lost = unit_roundoff * std::abs(m) + 16 * u2 * size_of_terms;
    }
    lost += g_error_ + std::abs(s.hi) * s_error_;
    lower[size(i)] = std::max(0.0, std::abs(m) * (1 - 4 * unit_roundoff) - rounded_up(lost, 4));
    negative += m < 0 ? 1 : 0;
  }
  return negative;
}

template <class E>
bool binary64_pencil<E>::count_below(double_double s, int& count) const {
  std::vector<double> lower(size(n_));
  count = diagonal_at(s, lower);
  return bounds_.holds(up(std::abs(s.hi)), lower);
}

template <class E>
double binary64_pencil<E>::radius(int k) const {
  const double_double middle = quotient(k);
  std::vector<double> lower(size(n_));
  diagonal_at(middle, lower);
  const double known = g_error_ + std::abs(middle.hi) * s_error_ + 64 * u2 * std::abs(middle.hi);
  double radius = 2 * (bounds_.approx_radius(k, up(std::abs(middle.hi)), lower) + known) / s_[size(k)].hi;
  constexpr int attempts = 4;
  for (int attempt = 0; attempt < attempts && radius < infinite; ++attempt, radius *= 4) {
    int below = 0, up_to = 0;
    if (count_below(add(middle, -radius), below) && below <= k && count_below(add(middle, radius), up_to) && up_to > k)
      return up(radius + 16 * u2 * (std::abs(middle.hi) + radius));  // the ends were rounded
  }
  return infinite;
}

}  // namespace

template <class E>
certified_values rayleigh_certificate(int n, const std::vector<E>& a, const std::vector<E>& x) {
  certified_values c{std::vector<double_double>(size(n)), std::vector<double>(size(n), infinite)};
  const binary64_pencil<E> pencil(n, a, x);
  for (int k = 0; k < n; ++k) {
    c.values[size(k)] = pencil.quotient(k);
    c.radius[size(k)] = pencil.radius(k);
  }
  return c;
}

template <class E>
certified_values rayleigh_certificate(int n, const std::vector<E>& a) {
  std::vector<E> x = a;
  std::vector<double> values(size(n));
  if (blas<E>::eigenvectors(n, x.data(), values.data())) return rayleigh_certificate(n, a, x);
  return {std::vector<double_double>(size(n)), std::vector<double>(size(n), infinite)};
}

template certified_values rayleigh_certificate(int, const std::vector<double>&);
template certified_values rayleigh_certificate(int, const std::vector<std::complex<double>>&);
template certified_values rayleigh_certificate(int, const std::vector<double>&, const std::vector<double>&);
template certified_values rayleigh_certificate(int, const std::vector<std::complex<double>>&,
                                               const std::vector<std::complex<double>>&);

}  // namespace halfulp::kernels::linalg
