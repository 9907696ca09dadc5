#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace halfulp::linalg {

/// Counts the eigenvalues of A below a point s, from upper bounds on the off-diagonal of a pencil.
///
/// For any square X, with G = X^H A X and S = X^H X, the matrix M = G - s S = X^H (A - s I) X has as many negative
/// eigenvalues as A has eigenvalues below s, once M is nonsingular (which makes X nonsingular).  [sylvester1852]
/// M is nonsingular, with the inertia of its diagonal, where weights d > 0 make it diagonally dominant:
///   sum over j != i of |m_ij| d_j < |m_ii| d_i for every i  [gershgorin31]
/// since scaling the off-diagonal down to 0 then moves no eigenvalue through 0. Nothing is assumed about X: how
/// accurate or orthogonal its columns are only decides whether the test succeeds.
///
/// The weights are those that make the radius of an isolated eigenvalue quadratic in the off-diagonal: 1 on the
/// cluster K of rows that are not dominant by a factor 8, at most twice the coupling to K elsewhere.
///
/// Bound is double or long double; all bounds here are rounded up.
template <class Bound>
class dominance {
 public:
  explicit dominance(int n) : n_(n), g_(square(n)), s_(square(n)), g_sum_(size(n)), s_sum_(size(n)) {}

  /// Upper bounds on |g_ij| and |s_ij|; the diagonal is not used.
  Bound& g(int i, int j) { return g_[at(i, j)]; }
  Bound& s(int i, int j) { return s_[at(i, j)]; }

  /// To be called once every bound is set.
  void sum_rows() {
    for (int i = 0; i < n_; ++i) {
      g_sum_[size(i)] = row_sum(g_, i);
      s_sum_[size(i)] = row_sum(s_, i);
    }
  }

  /// Where `lower[i]` <= |g_ii - s s_ii| for every i and |s| <= magnitude: whether M is diagonally dominant with
  /// some weights, so that its inertia is that of its diagonal.
  bool holds(Bound magnitude, std::span<const Bound> lower) const {
    const partition p = split(magnitude, lower);
    const std::vector<Bound> d = weights(p, magnitude, lower);
    return std::all_of(p.cluster.begin(), p.cluster.end(),
                       [&](int i) { return demand(i, d, magnitude) < lower[size(i)]; });
  }

  /// A radius around the quotient of row i that `holds` might accept, for `lower` at the quotient itself.
  Bound approx_radius(int i, Bound magnitude, std::span<const Bound> lower) const {
    return demand(i, weights(split(magnitude, lower), magnitude, lower), magnitude);
  }

 private:
  struct partition {
    std::vector<int> cluster;  // K
    std::vector<int> dominant;
  };
  static constexpr Bound factor = 8;  // of dominance; any above 4 makes the weights below valid

  static std::size_t size(int n) { return static_cast<std::size_t>(n); }
  static std::size_t square(int n) { return size(n) * size(n); }
  std::size_t at(int i, int j) const { return size(i) * size(n_) + size(j); }

  /// A sum of m nonnegative terms, each with at most 4 roundings, from its value in nearest rounding:
  /// sum <= got (1 + 2 (m + 4) epsilon) + m times the least number.  [higham02, 4.2]
  static Bound inflated(Bound got, int m) {
    constexpr Bound epsilon = std::numeric_limits<Bound>::epsilon();
    return got * (1 + 2 * static_cast<Bound>(m + 8) * epsilon) +
           static_cast<Bound>(m + 1) * std::numeric_limits<Bound>::denorm_min();
  }

  Bound row_sum(const std::vector<Bound>& m, int i) const {
    Bound sum = 0;
    for (int j = 0; j < n_; ++j) sum += j == i ? 0 : m[at(i, j)];
    return inflated(sum, n_);
  }
  Bound row(int i, Bound magnitude) const { return inflated(g_sum_[size(i)] + magnitude * s_sum_[size(i)], 1); }
  Bound entry(int i, int j, Bound magnitude) const { return g_[at(i, j)] + magnitude * s_[at(i, j)]; }

  partition split(Bound magnitude, std::span<const Bound> lower) const {
    partition p;
    for (int i = 0; i < n_; ++i) (lower[size(i)] > factor * row(i, magnitude) ? p.dominant : p.cluster).push_back(i);
    return p;
  }

  /// d_i of a dominant row, with c_i the sum of |m_ij| over j in K, r_i that over all j, D the largest 2 c_i / |m_ii|:
  /// d_i = max(2 c_i, 4 r_i D) / |m_ii| <= D, so that c_i + r_i D <= 3/4 |m_ii| d_i. A row of K has weight 1.
  std::vector<Bound> weights(const partition& p, Bound magnitude, std::span<const Bound> lower) const {
    std::vector<Bound> d(size(n_), 0);
    for (const int j : p.cluster)
      for (const int i : p.dominant) d[size(i)] += entry(j, i, magnitude);
    Bound largest = 0;
    for (const int i : p.dominant) {
      d[size(i)] = inflated(2 * inflated(d[size(i)], n_) / lower[size(i)], 1);
      largest = std::max(largest, d[size(i)]);
    }
    for (const int i : p.dominant)
      d[size(i)] = std::max(d[size(i)], inflated(4 * inflated(row(i, magnitude) * largest, 1) / lower[size(i)], 1));
    for (const int j : p.cluster) d[size(j)] = 1;
    return d;
  }

  /// The sum over j != i of |m_ij| d_j.
  Bound demand(int i, const std::vector<Bound>& d, Bound magnitude) const {
    Bound sum = 0;
    for (int j = 0; j < n_; ++j)
      if (j != i) sum += entry(i, j, magnitude) * d[size(j)];
    return inflated(sum, n_);
  }

  int n_;
  std::vector<Bound> g_, s_;
  std::vector<Bound> g_sum_, s_sum_;
};

}  // namespace halfulp::linalg
