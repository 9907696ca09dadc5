// The eigenvalues of a symmetric tridiagonal matrix by a team that cuts intervals into as many parts as it has threads.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include <halfulp/kernels/linalg/rounding_bounds.hpp>
#include <halfulp/kernels/linalg/team.hpp>

namespace halfulp::kernels::linalg {

/// Squares of off-diagonal entries below this are raised to it, which moves no eigenvalue by more than 2^-59: then no step
/// of a Sturm sequence loses more than 2^134 of its size.
inline constexpr double least_off_diagonal_square = 0x1p-120;

/// How many eigenvalues of T lie below x: the changes of sign in the sequence of its leading principal minors
///
///   p_i = (d_i - x) p_(i-1) - squares_(i-1) p_(i-2),    squares_i = max(e_i^2, least_off_diagonal_square)
///
/// which is scaled every four steps. The count is exact for some T' with ||T' - T|| <= team_sturm_error(t), where |x| <= t
/// and t is at least the largest row sum of T, at most 2^11: what is rounded is as good as a change of d_i - x by a relative
/// 2 u and of e_i by 3/2 u, what underflows as one by 2^-400, and a zero has whichever sign a change of d_i by any amount
/// would give it.  [wilkinson65, 5.39]
HALFULP_HOST_DEVICE inline int sturm_count(int n, const double* d, const double* squares, double x) {
  constexpr std::uint64_t exponent = 0x7ff0000000000000;
  constexpr std::uint64_t twice_bias = std::uint64_t{2046} << 52;
  double before = 1, p = d[0] - x;
  int count = std::signbit(p) ? 1 : 0;
  for (int i = 1; i < n; ++i) {
    const double next = std::fma(d[i] - x, p, -(squares[i - 1] * before));
    count += static_cast<int>((std::bit_cast<std::uint64_t>(next) ^ std::bit_cast<std::uint64_t>(p)) >> 63);
    before = p;
    p = next;
    if (i % 4 == 0) {
      const std::uint64_t a = std::bit_cast<std::uint64_t>(before) & exponent,
                          b = std::bit_cast<std::uint64_t>(p) & exponent;
      const double scale = std::bit_cast<double>(twice_bias - (a > b ? a : b));
      before *= scale;
      p *= scale;
    }
  }
  return count;
}

HALFULP_HOST_DEVICE inline double team_sturm_error(double t) {
  return up(8 * unit_roundoff * t) + 0x1p-58;
}

/// Intervals of the eigenvalues `copies` * k of T, 0 <= k < n / copies, each proved by counts at its ends:
///   lo_k - error <= l_(copies k) <= ... <= l_(copies k + copies - 1) <= hi_k + error,  error = team_sturm_error(t)
/// where each of these `copies` eigenvalues is known to be the same. Shared by the team.
struct bisection_work {
  int n, copies;
  const double *d, *e;
  double* squares;  ///< n
  double *lo, *hi;  ///< n / copies
  int* counts;      ///< the larger of n and the team's size
};

template <class Team>
class team_bisection {
 public:
  HALFULP_HOST_DEVICE team_bisection(const Team& team, const bisection_work& work) : team_(team), w_(work) {}

  /// Until intervals are no wider than about `width`; t as above. Synchronises.
  HALFULP_HOST_DEVICE void run(double t, double width) {
    for (int i = team_.rank; i + 1 < w_.n; i += team_.size)
      w_.squares[i] = std::fmax(w_.e[i] * w_.e[i], least_off_diagonal_square);
    team_.sync();
    cut_all(t);
    const int parts = points() + 1;
    for (double left = 2 * t / (team_.size + 1); left > width; left /= parts) cut_each();
  }

 private:
  HALFULP_HOST_DEVICE int values() const { return w_.n / w_.copies; }
  /// How many points the interval of one eigenvalue gets.
  HALFULP_HOST_DEVICE int points() const { return values() < team_.size ? team_.size / values() : 1; }
  HALFULP_HOST_DEVICE int count(double x) const { return sturm_count(w_.n, w_.d, w_.squares, x); }

  /// All from [-t, t], a point a thread.
  HALFULP_HOST_DEVICE void cut_all(double t) {
    const auto point = [&](int s) { return std::fmin(t, -t + 2 * t * (s + 1) / (team_.size + 1)); };
    w_.counts[team_.rank] = count(point(team_.rank));
    team_.sync();
    for (int k = team_.rank; k < values(); k += team_.size) {
      int below = -1, above = team_.size;  // a point with at most copies k eigenvalues below it, and one with more
      while (above - below > 1) {
        const int s = (below + above) / 2;
        (w_.counts[s] > w_.copies * k ? above : below) = s;
      }
      w_.lo[k] = below < 0 ? -t : point(below);
      w_.hi[k] = above == team_.size ? t : point(above);
    }
    team_.sync();
  }

  HALFULP_HOST_DEVICE double point(int k, int p) const {
    return std::fmin(w_.hi[k], w_.lo[k] + (w_.hi[k] - w_.lo[k]) * ((p + 1.0) / (points() + 1)));
  }
  HALFULP_HOST_DEVICE void cut_each() {
    const int all = values() * points();
    for (int s = team_.rank; s < all; s += team_.size) w_.counts[s] = count(point(s % values(), s / values()));
    team_.sync();
    for (int k = team_.rank; k < values(); k += team_.size) {
      double lo = w_.lo[k], hi = w_.hi[k];
      for (int p = 0; p < points(); ++p) {
        const double x = point(k, p);
        if (w_.counts[p * values() + k] > w_.copies * k) {
          hi = x;
          break;
        }
        lo = x;
      }
      w_.lo[k] = lo;
      w_.hi[k] = hi;
    }
    team_.sync();
  }

  const Team team_;
  const bisection_work w_;
};

}  // namespace halfulp::kernels::linalg
