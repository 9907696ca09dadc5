// Householder's reduction to tridiagonal form by a team: that of kernels/linalg/householder.hpp, with both triangles stored.
#pragma once

#include <cmath>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/kernels/linalg/team.hpp>

namespace halfulp::kernels::linalg {

/// What a reduction works on; shared by the team.
struct tridiagonal_work {
  int n;
  double* a;            ///< n x n, symmetric, entries at most 2 in magnitude, row after row; used up
  double* reflectors;   ///< n x n: v of the step at size m goes to row m
  double *d, *e, *tau;  ///< n each: T, e[m - 1] from the step at size m; tau[m] = 2 / v^T v, 0 where it was left out
  double *v, *w, *x, *y, *p;  ///< n each
  double* part;               ///< the larger of n and the team's size
};

/// An off-diagonal column whose squares sum to less is taken for 0 and its step left out (kernels/linalg/reflect.hpp).
inline constexpr double least_team_square = 0x1p-400;

/// The most roundings of a term of B v and of an inner product in the step at size m.
template <class Team>
HALFULP_HOST_DEVICE double team_product_depth(const Team& team, int m) {
  const team_grid g = team_grid::of(team, m);
  return (m + g.groups - 1) / g.groups + g.groups;
}
template <class Team>
HALFULP_HOST_DEVICE double team_dot_depth(const Team& team, int m) {
  return team.sum_depth(m) + 2;  // the product, and the square of the pivot
}

template <class Team>
class team_reduction {
 public:
  HALFULP_HOST_DEVICE team_reduction(const Team& team, const tridiagonal_work& work) : team_(team), w_(work) {}

  /// A becomes T, from the last column to the first. Synchronised before and after by the caller and here.
  HALFULP_HOST_DEVICE void run() {
    for (int m = w_.n - 1; m >= 0; --m) step(m);
    team_.sync();
  }

  /// |l_k(A) - l_k(T)| <= radius for every k (docs/bounds.md, "Reduction to tridiagonal form"); uses x and y. The same
  /// bits in every thread. An update here is rounded as v_i w_j, w_i v_j, their sum and the difference, which
  /// costs u ||B||_F + 2 u (|v| |w|^T + |w| |v|^T), at most u ||B||_F + 8 u ||B||, and keeps both triangles alike.
  HALFULP_HOST_DEVICE double radius() const {
    leading_norms();
    const double sum = team_.sum(w_.n, [&](int m) { return step_radius(m); });
    // 2^-19: terms of second order, and what later steps add to the norms
    return rounded_up(sum * (1 + 0x1p-19), 2 * team_.sum_depth(w_.n));
  }
  /// At least the largest row sum of T, after radius().
  HALFULP_HOST_DEVICE double norm() const { return rounded_up(w_.y[w_.n - 1], 3); }

 private:
  HALFULP_HOST_DEVICE void step(int m) {
    const double* row = w_.a + static_cast<std::int64_t>(m) * w_.n;
    for (int i = team_.rank; i <= m; i += team_.size) {
      const double t = pending_ ? row[i] - (w_.v[i] * w_.w[m] + w_.w[i] * w_.v[m]) : row[i];
      (i < m ? w_.x[i] : w_.d[m]) = t;
    }
    team_.sync();
    if (m == 0) return;
    const double pivot = w_.x[m - 1];
    const double rest = team_.sum(m - 1, [&](int i) { return w_.x[i] * w_.x[i]; });
    const bool reflects = rest >= least_team_square;
    const double alpha = reflects ? -std::copysign(std::sqrt(rest + pivot * pivot), pivot) : pivot;
    const double first = pivot - alpha, tau = reflects ? 1 / std::fabs(alpha * first) : 0;
    pass(m, first);
    team_.sync();
    if (team_.rank == 0) {
      w_.x[m - 1] = first;
      w_.e[m - 1] = alpha;
      w_.tau[m] = tau;
    }
    join(m);
    team_.sync();
    if (reflects) finish(m, tau);
    pending_ = reflects;
    team_.sync();
  }

  /// The last update of the leading part, and the parts of its product with this step's v, which ends in `first`.
  HALFULP_HOST_DEVICE void pass(int m, double first) const {
    const team_grid grid = team_grid::of(team_, m);
    const int group = team_.rank / grid.columns;
    if (group >= grid.groups) return;
    for (int j = team_.rank % grid.columns; j < m; j += grid.columns) {
      double* a = w_.a + j;
      double sum = 0;
      const double vj = w_.v[j], wj = w_.w[j];
      for (int next = group; next < m; next += at_once * grid.groups) {
        double entry[at_once];
        for (int k = 0; k < at_once; ++k)
          if (const int i = next + k * grid.groups; i < m) entry[k] = a[static_cast<std::int64_t>(i) * w_.n];
        for (int k = 0; k < at_once; ++k) {
          const int i = next + k * grid.groups;
          if (i >= m) break;
          if (pending_) {
            entry[k] = entry[k] - (w_.v[i] * wj + w_.w[i] * vj);
            a[static_cast<std::int64_t>(i) * w_.n] = entry[k];
          }
          sum = std::fma(entry[k], i == m - 1 ? first : w_.x[i], sum);
        }
      }
      w_.part[group * grid.columns + j] = sum;
    }
  }

  HALFULP_HOST_DEVICE void join(int m) const {
    const team_grid grid = team_grid::of(team_, m);
    for (int j = team_.rank; j < m; j += team_.size) {
      double sum = w_.part[j];
      for (int g = 1; g < grid.groups; ++g) sum += w_.part[g * grid.columns + j];
      w_.p[j] = sum;
    }
  }

  /// w = tau (p - (tau / 2) (v^T p) v), and this step's v and w become the last one's.
  HALFULP_HOST_DEVICE void finish(int m, double tau) {
    const double c = 0.5 * tau * team_.sum(m, [&](int i) { return w_.x[i] * w_.p[i]; });
    for (int j = team_.rank; j < m; j += team_.size) {
      w_.y[j] = tau * std::fma(-c, w_.x[j], w_.p[j]);
      w_.reflectors[static_cast<std::int64_t>(m) * w_.n + j] = w_.x[j];
    }
    swap(w_.v, w_.x);
    swap(w_.w, w_.y);
  }
  static HALFULP_HOST_DEVICE void swap(double*& x, double*& y) {
    double* const t = x;
    x = y;
    y = t;
  }

  /// x[m], y[m]: sum of squares and largest row sum of the leading (m + 1) x (m + 1) part of T.
  HALFULP_HOST_DEVICE void leading_norms() const {
    if (team_.rank == 0) {
      double row = 0, squares = 0, before = 0;
      for (int i = 0; i < w_.n; ++i) {
        const double after = i + 1 < w_.n ? std::fabs(w_.e[i]) : 0;
        row = std::fmax(row, before + std::fabs(w_.d[i]) + after);
        squares += w_.d[i] * w_.d[i] + 2 * before * before;
        w_.x[i] = squares;
        w_.y[i] = row;
        before = after;
      }
    }
    team_.sync();
  }
  HALFULP_HOST_DEVICE double step_radius(int m) const {
    if (m == 0) return 0;
    double radius = 0x1p-198;  // a step left out, or what underflows in one
    if (w_.tau[m] != 0) {
      const double whole = 2 * team_product_depth(team_, m) + 2, largest = 8 * team_dot_depth(team_, m) + 61;
      const double frobenius = rounded_up(std::sqrt(rounded_up(w_.x[m - 1], 3 * m)), 1);
      radius += rounded_up(unit_roundoff * (whole * frobenius + largest * rounded_up(w_.y[m - 1], 3)), 4);
    }
    return radius;
  }

  static constexpr int at_once = 8;  // entries that are read before one is written

  const Team team_;
  tridiagonal_work w_;
  bool pending_ = false;  // whether v and w hold an update that is still to be made
};

}  // namespace halfulp::kernels::linalg
