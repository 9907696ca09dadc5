#pragma once

#include <bit>
#include <cmath>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/core/part.hpp>
#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/real/fraction_sum.hpp>

namespace halfulp::kernels {

/// A sum of fractions in double-words with a bound on its error; it knows nothing where a number leaves
/// 2^-900 .. 2^900, so that nothing under- or overflows.
class quick_fraction_sum {
 public:
  void add(std::span<const double> factors, std::int64_t divisor) {
    double_double t{1, 0};
    for (const double f : factors) take(t = multiply(t, f));
    if (divisor != 1) take(t = over(t, static_cast<double>(divisor)));
    known_ = known_ && divisor < std::int64_t{1} << 53;
    sum_ = halfulp::add(sum_, t);
    magnitude_ += std::abs(t.hi);
    operations_ += static_cast<std::int64_t>(factors.size()) + 3;
  }

  std::int64_t operations() const { return operations_; }
  /// RN_T of the sum, if its error leaves no doubt. A product loses at most 2 u^2 of itself, a quotient 8 u^2, a sum
  /// 3 u^2 / (1 - 4 u) of the sum of magnitudes [joldes17]: with n operations in all, a quotient counting for two, less
  /// than gamma_n(4 u^2) of it, which itself is known to gamma_n(u).
  template <class T>
  bool decide_to(T& rounded) const {
    const double g = gamma(operations_ + 1, 4 * unit_roundoff * unit_roundoff);
    const double radius = up(up(g * magnitude_) * (1 + up(4 * gamma(operations_ + 1, unit_roundoff))));
    return known_ && decide<T>(sum_, radius, rounded);
  }

 private:
  void take(double_double x) {
    known_ = known_ && std::abs(x.hi) >= 0x1p-900 && std::abs(x.hi) <= 0x1p900;
  }
  static double_double over(double_double x, double d) {
    const double first = x.hi / d;
    return fast_two_sum(first, (std::fma(-first, d, x.hi) + x.lo) / d);
  }

  double_double sum_;
  double magnitude_ = 0;
  std::int64_t operations_ = 0;
  bool known_ = true;
};

/// Component p of output element i. Returns the tier that decided.
template <class Op, class T, class R = component_t<T>>
tier round_fractions(const args_of<Op, T>& a, std::int64_t i, int p, R& rounded) {
  quick_fraction_sum quick;
  Op::fractions(a, i, p, quick);
  if (quick.operations() == 0) {
    rounded = R{};
    return tier::exact;
  }
  if (quick.decide_to(rounded)) return tier::double_double;
  exact_fraction_sum exact;
  Op::fractions(a, i, p, exact);
  rounded = exact.template round<R>();
  return tier::exact;
}

/// Every element of an output that is made of sums of fractions, rounded once.
template <class Op, class T>
  requires fraction_op<Op, T>
tier_counts compute_fractions(const args_of<Op, T>& a, std::span<const tensor_view> out) {
  const auto y = out[0].elements<T>();
  const auto count = static_cast<std::int64_t>(y.size());
  tier_counts decided;
#pragma omp parallel if (count > 64)
  {
    const fp_environment environment;
    tier_counts own;
#pragma omp for schedule(dynamic, 64)
    for (std::int64_t i = 0; i < count; ++i) {
      component_t<T> parts[parts_of<T>];
      for (int p = 0; p < parts_of<T>; ++p) ++own[round_fractions<Op, T>(a, i, p, parts[p])];
      y[static_cast<std::size_t>(i)] = std::bit_cast<T>(parts);
    }
#pragma omp critical(halfulp_compute_fractions)
    decided += own;
  }
  return decided;
}

}  // namespace halfulp::kernels
