#include <halfulp/kernels/linalg/rayleigh.hpp>

#include <complex>
#include <limits>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/oracle/linalg/dominance.hpp>

namespace halfulp::kernels::linalg {
namespace {

using halfulp::linalg::dominance;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double u2 = unit_roundoff * unit_roundoff;

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

/// The pencil G - s S, G = X^H A X and S = X^H X, as far as binary64 and double-double know it.
template <class E>
class binary64_pencil {
 public:
  explicit binary64_pencil(const rayleigh_quotients<E>& q);

  /// A radius around the quotient of column k that is proved to hold eigenvalue k; infinite if there is none.
  double radius(int k) const;

 private:
  /// |g_ii - s s_ii| rounded down, and the number of negative ones.
  int diagonal_at(double_double s, std::vector<double>& lower) const;
  bool count_below(double_double s, int& count) const;

  const rayleigh_quotients<E>& q_;
  dominance<double> bounds_;
};

/// A X is taken for `ax`, the product's high and rest, rounded once. The products x_i^H ax_j and x_i^H x_j lose
/// product_error ||x_i|| ||ax_j|| and product_error ||x_i|| ||x_j||, and what G lacks beside, x_i^H (low_j + errors), is
/// at most ||x_i|| times the norm of that.
template <class E>
binary64_pencil<E>::binary64_pencil(const rayleigh_quotients<E>& q) : q_(q), bounds_(q.n()) {
  const int n = q.n();
  const std::vector<E>& x = q.vectors();
  const sliced_product<E>& product = q.product();
  std::vector<E> ax = product.high, g(x.size()), s(x.size());
  for (std::size_t k = 0; k < ax.size(); ++k) ax[k] += product.rest[k];
  blas<E>::adjoint_multiply(n, x.data(), ax.data(), g.data());
  blas<E>::gram(n, x.data(), s.data());
  const double lost = product_error<E>(n);
  const double lacking = norm_bound(parts(product.low)) + (product.error + product.rest_error) * std::sqrt(2.0 * n);
  const double g_lost = rounded_up(q.column_norm() * ((lost + 2 * unit_roundoff) * largest_column(n, ax) + lacking), 4);
  const double s_lost = rounded_up(lost * q.column_norm() * q.column_norm(), 2);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < j; ++i) {
      const std::size_t at = size(j) * size(n) + size(i);
      bounds_.g(i, j) = bounds_.g(j, i) = rounded_up(magnitude(g[at]) + g_lost, 2);
      bounds_.s(i, j) = bounds_.s(j, i) = rounded_up(magnitude(s[at]) + s_lost, 2);
    }
  }
  bounds_.sum_rows();
}

template <class E>
int binary64_pencil<E>::diagonal_at(double_double s, std::vector<double>& lower) const {
  int negative = 0;
  for (int i = 0; i < q_.n(); ++i) {
    const double_double g = q_.g(i), w = q_.s(i);
    const double size_of_terms = std::abs(g.hi) + std::abs(s.hi * w.hi);
    double m = g.hi - s.hi * w.hi;
    double lost = 8 * unit_roundoff * size_of_terms;  // what is left out: g.lo, s.lo w, s w.lo, two roundings
    if (std::abs(m) < 0x1p-30 * size_of_terms) {
      m = add(g, multiply(multiply(s, w), -1.0)).hi;
      lost = unit_roundoff * std::abs(m) + 16 * u2 * size_of_terms;
    }
    lost += q_.g_error() + std::abs(s.hi) * q_.s_error();
    lower[size(i)] = std::max(0.0, std::abs(m) * (1 - 4 * unit_roundoff) - rounded_up(lost, 4));
    negative += m < 0 ? 1 : 0;
  }
  return negative;
}

template <class E>
bool binary64_pencil<E>::count_below(double_double s, int& count) const {
  std::vector<double> lower(size(q_.n()));
  count = diagonal_at(s, lower);
  return bounds_.holds(up(std::abs(s.hi)), lower);
}

template <class E>
double binary64_pencil<E>::radius(int k) const {
  const double_double middle = q_.approx_quotient(k);
  std::vector<double> lower(size(q_.n()));
  diagonal_at(middle, lower);
  const double known = q_.g_error() + std::abs(middle.hi) * q_.s_error() + 64 * u2 * std::abs(middle.hi);
  double radius = 2 * (bounds_.approx_radius(k, up(std::abs(middle.hi)), lower) + known) / q_.s(k).hi;
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
certified_values temple_certificate(const rayleigh_quotients<E>& q, std::span<const int> wanted,
                                    const certified_values& known) {
  certified_values c(q.n());
  const std::size_t n = size(q.n());
  const auto end = [&](std::size_t k, double sign) {  // of the enclosure, rounded outward
    const double from = known.values[k].hi, radius = known.radius[k];
    return from + sign * up(radius + 2 * unit_roundoff * (std::abs(from) + radius));
  };
  for (std::size_t j = 0; j < wanted.size(); ++j) {
    const std::size_t k = size(wanted[j]);
    const double below = k > 0 ? end(k - 1, 1) : -infinite;
    const double above = k + 1 < n ? end(k + 1, -1) : infinite;
    if (!(below < end(k, -1) && end(k, 1) < above)) continue;
    c.values[k] = q.approx_quotient(static_cast<int>(j));
    c.radius[k] = q.temple_radius(static_cast<int>(j), below, above);
  }
  return c;
}

template <class E>
certified_values rayleigh_certificate(const rayleigh_quotients<E>& q, std::span<const int> wanted) {
  certified_values c(q.n());
  const binary64_pencil<E> pencil(q);
  for (const int k : wanted) {
    c.values[size(k)] = q.approx_quotient(k);
    c.radius[size(k)] = pencil.radius(k);
  }
  return c;
}

template certified_values temple_certificate(const rayleigh_quotients<double>&, std::span<const int>,
                                             const certified_values&);
template certified_values temple_certificate(const rayleigh_quotients<std::complex<double>>&, std::span<const int>,
                                             const certified_values&);
template certified_values rayleigh_certificate(const rayleigh_quotients<double>&, std::span<const int>);
template certified_values rayleigh_certificate(const rayleigh_quotients<std::complex<double>>&, std::span<const int>);

}  // namespace halfulp::kernels::linalg
