#include <halfulp/kernels/linalg/tridiagonal.hpp>

#include <complex>
#include <limits>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>

namespace halfulp::kernels::linalg {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

double largest_magnitude(const std::vector<double>& x) {
  double m = 0;
  for (const double v : x) m = std::max(m, std::abs(v));
  return m;
}

double norm_bound_of(const std::vector<double>& d, const std::vector<double>& e) {  // of T
  return up(largest_magnitude(d) + up(2 * largest_magnitude(e)));
}

/// At least ||A Q - Q T||: the computed product loses at most product_error |A| |Q|, the rest 8 roundings.
template <class E>
double residual_bound(const std::vector<E>& a, const reduction<E>& r) {
  std::vector<E> w(a.size());
  blas<E>::multiply(r.n, a.data(), r.q.data(), 0, w.data());
  const double q_norm = norm_bound(parts(r.q));
  const double product = norm_bound(parts(w));
  for (int j = 0; j < r.n; ++j) {
    const E* q = &r.q[size(j) * size(r.n)];
    const E* before = j > 0 ? q - r.n : q;
    const E* after = j + 1 < r.n ? q + r.n : q;
    const double d = r.d[size(j)], e = j > 0 ? r.e[size(j) - 1] : 0, f = r.e[size(j)];
    E* column = &w[size(j) * size(r.n)];
    for (int i = 0; i < r.n; ++i) column[i] -= e * before[i] + d * q[i] + f * after[i];
  }
  const double lost = up(product_error<E>(r.n) * up(magnitude_norm_bound(r.n, a) * q_norm)) +
                      up(8 * unit_roundoff * up(product + up(2 * norm_bound_of(r.d, r.e) * q_norm)));
  return rounded_up(norm_bound(parts(w)) + lost, 4);
}

/// At least ||Q^H Q - I||
template <class E>
double orthogonality_bound(const reduction<E>& r) {
  std::vector<E> f(r.q.size());
  blas<E>::gram(r.n, r.q.data(), f.data());
  for (int j = 0; j < r.n; ++j) f[size(j) * size(r.n) + size(j)] -= 1.0;
  // the lower triangle is 0; its part of the Frobenius norm is that of the upper one
  const double q_norm = norm_bound(parts(r.q));
  const double lost = up(up(product_error<E>(r.n) + 2 * unit_roundoff) * up(q_norm * q_norm));
  return rounded_up(1.5 * norm_bound(parts(f)) + lost, 4);
}

/// How many eigenvalues of T lie below each point. A pivot too small to divide by counts as a small negative one, which
/// moves a diagonal entry by less than 2^-500.
void sturm_counts(const std::vector<double>& d, const std::vector<double>& squares, std::span<const double> points,
                  std::span<int> below) {
  constexpr int lanes = 16;
  constexpr double least = 0x1p-500;
  for (std::size_t first = 0; first < points.size(); first += lanes) {
    const std::size_t count = std::min<std::size_t>(lanes, points.size() - first);
    double pivot[lanes], s[lanes];
    double negative[lanes] = {};
    for (int l = 0; l < lanes; ++l) {
      s[l] = points[first + std::min<std::size_t>(static_cast<std::size_t>(l), count - 1)];
      pivot[l] = 1;
    }
    double square = 0;
    for (std::size_t i = 0; i < d.size(); ++i) {
      for (int l = 0; l < lanes; ++l) {
        const double p = (d[i] - s[l]) - square / pivot[l];
        pivot[l] = std::abs(p) < least ? -least : p;
        negative[l] += pivot[l] < 0 ? 1 : 0;
      }
      square = squares[i];
    }
    for (std::size_t l = 0; l < count; ++l) below[first + l] = static_cast<int>(negative[l]);
  }
}

/// Points `step` below and above each approximate value, and the counts there.
void prove_values(const std::vector<double>& d, const std::vector<double>& e, double step, certified_values& c) {
  const std::size_t n = d.size();
  std::vector<double> squares(n), points(2 * n);
  std::vector<int> below(2 * n);
  for (std::size_t i = 0; i < n; ++i) squares[i] = e[i] * e[i];
  for (std::size_t k = 0; k < n; ++k) {
    points[k] = c.values[k].hi - step;
    points[n + k] = c.values[k].hi + step;
  }
  sturm_counts(d, squares, points, below);
  for (std::size_t k = 0; k < n; ++k) {
    const int index = static_cast<int>(k);
    if (!(below[k] <= index && below[n + k] > index)) c.radius[k] = std::numeric_limits<double>::infinity();
  }
}

}  // namespace

template <class E>
double reduction_radius(const std::vector<E>& a, const reduction<E>& r) {
  const double f = orthogonality_bound(r);
  if (!(f < 0x1p-2)) return std::numeric_limits<double>::infinity();
  // 1 / sqrt(1 - f) <= 1 + f and 2 f^2 / (1 - f) <= 3 f^2 for f <= 1/4
  return rounded_up(residual_bound(a, r) * (1 + f) + 3 * f * f * norm_bound_of(r.d, r.e), 8);
}

template <class E>
certified_values tridiagonal_certificate(int n, const std::vector<E>& a) {
  certified_values c{std::vector<double_double>(size(n)),
                     std::vector<double>(size(n), std::numeric_limits<double>::infinity())};
  reduction<E> r{n, a, std::vector<double>(size(n)), std::vector<double>(size(n))};
  if (!blas<E>::tridiagonalise(n, r.q.data(), r.d.data(), r.e.data())) return c;
  r.e[size(n) - 1] = 0;
  std::vector<double> values = r.d, off_diagonal = r.e;
  if (!tridiagonal_eigenvalues(n, values.data(), off_diagonal.data())) return c;
  const double t = norm_bound_of(r.d, r.e);
  // a Sturm count moves T by at most 2 * 3 u max |e| + 2^-498, and the points are off by u |s|
  const double step = 64 * unit_roundoff * t;
  const double sturm = up(up(8 * unit_roundoff * up(t + step)) + 0x1p-497);
  std::fill(c.radius.begin(), c.radius.end(), rounded_up(reduction_radius(a, r) + sturm + step, 4));
  for (int k = 0; k < n; ++k) c.values[size(k)] = {values[size(k)], 0};
  prove_values(r.d, r.e, step, c);
  return c;
}

template double reduction_radius(const std::vector<double>&, const reduction<double>&);
template double reduction_radius(const std::vector<std::complex<double>>&, const reduction<std::complex<double>>&);
template certified_values tridiagonal_certificate(int, const std::vector<double>&);
template certified_values tridiagonal_certificate(int, const std::vector<std::complex<double>>&);

}  // namespace halfulp::kernels::linalg
