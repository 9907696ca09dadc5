#pragma once

#include <cstdint>

#include <halfulp/kernels/core/compensated_sum.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/op.hpp>

namespace halfulp::kernels {

/// A sum rounded once to T, whatever its terms: in compensated arithmetic where that decides, else exactly. feed(sum)
/// adds every term, a number or a product of numbers of format Term. Returns the tier that decided.
template <class T, class Term, class Feed>
tier repair_sum(Feed feed, T& rounded) {
  compensated_sum longer;
  feed(longer);
  longer.finish();
  if (decide<T>(longer.value(), longer.radius(), rounded)) return tier::double_double;
  exact_sum<Term> exact;
  feed(exact);
  rounded = exact.template round<T>();
  return tier::exact;
}

/// Output element i of a sum of terms, rounded once.
template <class Op, class T>
requires sum_op<Op, T> tier repair(const args_of<Op, T>& a, std::int64_t i, T& rounded) {
  return repair_sum<T, T>([&](auto& sum) { Op::accumulate(a, i, sum); }, rounded);
}

}  // namespace halfulp::kernels
