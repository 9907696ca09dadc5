#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/panel.hpp>

namespace halfulp::kernels {

/// Numbers that are added recursively before their sum is joined to the others.
inline constexpr std::int64_t most_run_terms = 36;

/// Adds n numbers that lie together to the lanes: recursive sums of at most most_run_terms of them each, joined by
/// two_sum, and their magnitudes. For float16, bfloat16, float.
template <class T>
void add_run(const T* x, std::int64_t n, lane_sums&);

/// At most so many numbers are a short run: each of them takes part in at most short_run_additions additions to its
/// sum, whatever the instruction set (a quarter of them follow one another if a vector holds one number, or as many as
/// are one chain; then chains and lanes join).
inline constexpr std::int64_t most_short_run = 1024, short_run_additions = most_short_run / 4 + 4 + 2 + 3;

/// So many runs that follow one another share their magnitude, and each number takes part in at most so many additions
/// to it.
inline constexpr std::int64_t most_alike = 8, magnitude_additions = most_alike * (short_run_additions + 1);

/// sums[k] += the sum of run k, of n numbers, for `count` short runs that follow one another, by plain additions, and
/// magnitudes[k] += the sum of the magnitudes of run k and of some others. For float16, bfloat16, float. After one call
///   |sums[k] - exact| <= gamma_short_run_additions (u) sum |x|                                       [higham02, 4.2]
template <class T>
void add_short_runs(const T* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes);

/// The sum of runs of numbers, with a bound on its error.
template <class T>
class run_sum {
 public:
  void add(const T* x, std::int64_t n) {
    add_run(x, n, lanes_);
    terms_ += n;
  }
  double_double value() const {
    double high = 0, low = 0;
    for (std::int64_t l = 0; l < lane_sums::count; ++l) {
      const double_double joined = two_sum(high, lanes_.high[l]);
      high = joined.hi;
      low += joined.lo + lanes_.low[l];
    }
    return normalised(high, low);
  }
  /// At least the sum of the magnitudes, which is itself known to gamma_n(u).
  double magnitude() const {
    double m = 0;
    for (const double lane : lanes_.magnitude) m += lane;
    return up(m * (1 + 2 * gamma(terms_ + lane_sums::count, unit_roundoff)));
  }
  /// |value - exact| <= radius: no more sums that are not 0 are joined than there are terms, and few lanes.
  double radius() const { return up(joined_bound(most_run_terms, terms_ + 4 * lane_sums::count) * magnitude()); }

 private:
  lane_sums lanes_;
  std::int64_t terms_ = 0;
};

}  // namespace halfulp::kernels
