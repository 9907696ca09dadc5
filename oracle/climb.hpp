#pragma once

#include <halfulp/oracle/core/exact_quotient.hpp>
#include <halfulp/oracle/real/product.hpp>
#include <halfulp/oracle/real/sums.hpp>

/// The ladders of single real numbers: what is true of a sum, a mean or a product, given every term.
namespace halfulp::sums {

/// One component from a sum in binary64 or double-double, if its enclosure decides the rounding.
template <class T, class Sum>
bool try_tier(const Sum& sum, tier reached, component_truth& c, T& rounded) {
  if (!decide<T>(sum.value(), sum.radius(), rounded)) return false;
  c.range = component_range(enclosure_of(sum.value(), sum.radius()));
  c.reached = reached;
  c.decided = true;
  return true;
}

/// A sum: binary64, double-double, exact. feed(sum) adds every term to a sum; the terms and factors are of format Term,
/// whose products binary64 holds unless it is binary64 itself.
template <class T, class Term, class Feed>
component_truth climb(Feed feed, T& rounded) {
  component_truth c;
  const auto summed = [&](auto sum) {
    feed(sum);
    return sum;
  };
  const bool low =
      !std::is_same_v<Term, double> && try_tier(summed(widened<binary64_sum>{}).sum, tier::binary64, c, rounded);
  if (!low && !try_tier(summed(widened<double_double_sum>{}).sum, tier::double_double, c, rounded)) {
    const auto exact = summed(exact_sum<Term>{});
    rounded = exact.template round<T>();
    c = {component_range::point(to_real(exact, rounded)), tier::exact, true, {}};
  }
  c.bounds = bounds_of(format_of<T>, summed(widened<magnitude_sum>{}).sum, c.range.reals());
  return c;
}

/// A sum divided by n >= 1: the exact sum, divided with remainder. A peer's mean loses what its sum does, scaled by
/// 1 / n, and one rounding more.
template <class T, class Feed>
component_truth climb_mean(Feed feed, std::int64_t n, T& rounded) {
  exact_sum<T> exact;
  feed(exact);
  rounded = rounded_quotient<T>(exact, n);
  component_truth c{component_range(divided(enclosure::point(to_real(exact, rounded)), n)), tier::exact, true, {}};
  widened<magnitude_sum> magnitude;
  feed(magnitude);
  magnitude.sum.scale_down(static_cast<double>(n));
  c.bounds = bounds_of(format_of<T>, magnitude.sum, c.range.reals());
  return c;
}

/// A product of numbers of format T: exact while the odd part is short, else in MPFR with directed rounding.
template <class T, class Feed>
component_truth climb_product(Feed feed, T& rounded) {
  product_truth p;
  feed([&](T factor) { p.multiply(widen(factor)); });
  rounded = p.exact().template round<T>();
  const enclosure range = p.exact().range();
  return {component_range(range), range.is_point() ? tier::exact : tier::multiprecision, true, p.bounds(format_of<T>)};
}

}  // namespace halfulp::sums
