// Single eigenvalues through their vectors, by a team: what kernels/linalg/tridiagonal.hpp and quotients.hpp do on the CPU.
#pragma once

#include <cmath>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/kernels/linalg/team.hpp>

namespace halfulp::kernels::linalg {

/// The most rows of a matrix that a team takes: their numbers are at most 2 and T's largest row sum then at most 2^11.
inline constexpr int most_team_n = 512;

/// |value - l| <= radius, certainly; infinite or NaN where nothing was proved.
struct certified_value {
  double_double value;
  double radius;
};

/// What is known of ||A x - q x||, x^T (A x - q x) and x^T x for a real x and a binary64 number q.
struct residual_sums {
  double squares, product, x_squares;  ///< computed
  double depth;                        ///< roundings of their terms
  double lost;                         ///< at least the 2-norm by which the residual itself is off, over ||x||
};

/// Where the real symmetric A has one eigenvalue l between `below` and `above`, alone or several times, and no other there:
///   t - ||A x - t x||^2 / (||x||^2 (above - t)) <= l <= t + ||A x - t x||^2 / (||x||^2 (t - below)),  t = x^T A x / x^T x
/// [temple28, kato49]. t = q + x^T r / x^T x with r = A x - q x, and r is no shorter than A x - t x.
HALFULP_HOST_DEVICE inline certified_value temple_value(double q, const residual_sums& s, double below, double above) {
  const double g = gamma(static_cast<std::int64_t>(s.depth) + 2, unit_roundoff);
  const double x_norm = std::sqrt(s.x_squares) * (1 - g);
  const double r = rounded_up(std::sqrt(s.squares) * (1 + g) / x_norm + s.lost, 8);  // at least ||r|| / ||x||
  const double shift = s.product / s.x_squares;
  // the product loses g ||x|| ||computed r|| and ||x|| times what r itself lost, the quotient 2 g of itself
  const double error = rounded_up(g * r + s.lost * (1 + g) + 4 * g * std::fabs(shift), 8);
  const double near = std::fmin(above - (q + shift), (q + shift) - below);
  const double gap = (1 - 4 * unit_roundoff) * near - error - 4 * unit_roundoff * (std::fabs(q) + std::fabs(shift));
  if (!(gap > 0)) return {{q, 0}, INFINITY};
  return {two_sum(q, shift), rounded_up(error + r * r / gap, 8)};
}

/// Vectors to eigenvalues of A = Q T Q^T, n x n, n <= most_team_n.
struct vector_work {
  int n;
  const double* a;           ///< n x n, symmetric, entries at most 2 in magnitude
  const double* reflectors;  ///< of the reduction (tridiagonal_work)
  const double *d, *e, *tau;
  int vectors;         ///< how many are wanted
  double* z;           ///< n each, one after the other
  double *down, *up_;  ///< n x vectors
};

/// z of number l: about an eigenvector of T to the eigenvalue near `value`, by the twisted factorisation with the
/// smallest pivot; without error bounds. By one thread.  [dhillon04]
HALFULP_HOST_DEVICE inline void approx_twisted_vector(const vector_work& w, int l, double value) {
  const auto pivot = [](double q) { return std::fabs(q) < 0x1p-500 ? -0x1p-500 : q; };
  const auto at = [&](int i) { return static_cast<std::int64_t>(i) * w.vectors + l; };
  double q = 1;
  for (int i = 0; i < w.n; ++i) {
    q = pivot(w.d[i] - value - (i > 0 ? w.e[i - 1] * w.e[i - 1] / q : 0));
    w.down[at(i)] = q;
  }
  int twist = 0;
  double smallest = INFINITY;
  for (int i = w.n - 1; i >= 0; --i) {
    q = pivot(w.d[i] - value - (i + 1 < w.n ? w.e[i] * w.e[i] / q : 0));
    w.up_[at(i)] = q;
    const double both = std::fabs(w.down[at(i)] + q - (w.d[i] - value));
    if (both < smallest) {
      smallest = both;
      twist = i;
    }
  }
  double* z = w.z + static_cast<std::int64_t>(l) * w.n;
  z[twist] = 1;
  for (int i = twist - 1; i >= 0; --i) z[i] = -w.e[i] * z[i + 1] / w.down[at(i)];
  for (int i = twist + 1; i < w.n; ++i) z[i] = -w.e[i - 1] * z[i - 1] / w.up_[at(i)];
}

/// For matrices of at most `Most` rows, as many as the threads of a warp keep in registers.
template <class Team, int Most = most_team_n>
class team_vector {
 public:
  HALFULP_HOST_DEVICE team_vector(const Team& team, const vector_work& work) : team_(team), w_(work) {}

  /// z of number l, a vector of T, becomes one of A: about Q z, without error bounds. By one warp.
  HALFULP_HOST_DEVICE void approx_transform_back(int l) const {
    double* z = column(l);
    double c[each];
    for_own([&](int k, int i) { c[k] = z[i]; });
    for (int m = 2; m < w_.n; ++m) {
      if (w_.tau[m] == 0) continue;
      const double* v = w_.reflectors + static_cast<std::int64_t>(m) * w_.n;
      double own[each], sum = 0;
      for_own([&](int k, int i) {
        own[k] = i < m ? v[i] : 0;
        sum = std::fma(own[k], c[k], sum);
      });
      const double t = w_.tau[m] * team_.sum_lanes(sum);
      for_own([&](int k, int) { c[k] = std::fma(-t, own[k], c[k]); });
    }
    for_own([&](int k, int i) { z[i] = c[k]; });
    team_.sync_warp();
  }

  /// r = A x - q x for x, vector l, in compensated arithmetic, and its sums. By one warp; the same in each of its threads.
  /// A component loses compensated_bound(n + 1) of its magnitudes, together at most (||A||_F + |q|) ||x||, ||A||_F <= 2 n;
  /// what underflows is made up for with ||x|| >= 1/2, and r is rounded once.
  HALFULP_HOST_DEVICE residual_sums residual(int l, double q) const {
    const double* x = column(l);
    double squares = 0, product = 0, x_squares = 0;
    for_own([&](int, int i) {
      const double r = residual_entry(x, i, q);
      squares = std::fma(r, r, squares);
      product = std::fma(x[i], r, product);
      x_squares = std::fma(x[i], x[i], x_squares);
    });
    residual_sums s{team_.sum_lanes(squares), team_.sum_lanes(product), team_.sum_lanes(x_squares),
                    static_cast<double>(team_.sum_depth(w_.n) + 2), INFINITY};
    if (!(s.x_squares > 0.5)) return s;
    const double rounding = 2 * unit_roundoff * std::sqrt(s.squares / s.x_squares);
    s.lost = rounded_up(compensated_bound(w_.n + 1) * (2 * w_.n + std::fabs(q)) + rounding, 8) +
             2 * w_.n * underflow_bound(w_.n + 1);
    return s;
  }

 private:
  static constexpr int each = Most / Team::lanes;

  HALFULP_HOST_DEVICE double* column(int l) const { return w_.z + static_cast<std::int64_t>(l) * w_.n; }
  /// f(k, i) for the rows i that are this lane's.
  template <class F>
  HALFULP_HOST_DEVICE void for_own(F f) const {
#ifdef __CUDACC__
#pragma unroll
#endif
    for (int k = 0; k < each; ++k) {
      const int i = k * Team::lanes + team_.lane();
      if (i < w_.n) f(k, i);
    }
  }
  HALFULP_HOST_DEVICE double residual_entry(const double* x, int i, double q) const {
    double_double sum = two_product(-q, x[i]);
    for (int j = 0; j < w_.n; ++j) {
      const double_double p = two_product(w_.a[static_cast<std::int64_t>(j) * w_.n + i], x[j]);
      const double_double s = two_sum(sum.hi, p.hi);
      sum = {s.hi, sum.lo + (s.lo + p.lo)};
    }
    return sum.hi + sum.lo;
  }

  const Team team_;
  const vector_work w_;
};

}  // namespace halfulp::kernels::linalg
