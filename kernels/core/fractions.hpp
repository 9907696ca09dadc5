#pragma once

#include <bit>

#include <halfulp/kernels/core/quick_fraction_sum.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/core/part.hpp>
#include <halfulp/oracle/real/fraction_sum.hpp>

namespace halfulp::kernels {

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
requires fraction_op<Op, T> tier_counts compute_fractions(const args_of<Op, T>& a, std::span<const tensor_view> out) {
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
