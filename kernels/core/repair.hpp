#pragma once

#include <cstdint>

#include <halfulp/kernels/core/compensated_sum.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/op.hpp>

namespace halfulp::kernels {

/// Output element i of a sum of terms, rounded once, whatever the input: in compensated arithmetic where that
/// decides, else exactly. Returns the tier that decided.
template <class Op, class T>
requires sum_op<Op, T> tier repair(const args_of<Op, T>& a, std::int64_t i, T& rounded) {
  compensated_sum longer;
  Op::accumulate(a, i, longer);
  longer.finish();
  if (decide<T>(longer.value(), longer.radius(), rounded)) return tier::double_double;
  exact_sum<T> exact;
  Op::accumulate(a, i, exact);
  rounded = exact.template round<T>();
  return tier::exact;
}

}  // namespace halfulp::kernels
