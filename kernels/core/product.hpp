#pragma once

#include <halfulp/kernels/core/scaled_product.hpp>
#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/real/product.hpp>

namespace halfulp::kernels {

/// A product of numbers of format T, rounded once. feed(f) calls f on every factor. Returns the tier that decided.
template <class T, class Feed>
tier round_product(Feed feed, T& rounded) {
  scaled_product quick;
  feed([&](T factor) { quick.multiply(widen(factor)); });
  if (quick.decide_to(rounded)) return tier::double_double;
  exact_product exact;
  feed([&](T factor) { exact.multiply(widen(factor)); });
  rounded = exact.round<T>();
  return tier::exact;
}

}  // namespace halfulp::kernels
