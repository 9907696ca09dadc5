#pragma once

#include <exception>

#include <halfulp/kernels/core/product.hpp>
#include <halfulp/kernels/core/repair.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/core/exact_quotient.hpp>
#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/core/scatter_terms.hpp>

/// A scatter element by element, from the updates sorted by element.
namespace halfulp::kernels {

/// RN_T of every real in [value - radius, value + radius] over n, if all have the same bits; 1 <= n < 2^53.
/// |q - value / n| <= 8 u^2 |q| + 2^-1072: the first part and its remainder lose nothing but to underflow, the second
/// part is rounded three times.
template <class T>
bool decide_quotient(double_double value, double radius, std::int64_t n, T& rounded) {
  const auto d = static_cast<double>(n);
  const double first = value.hi / d;
  const double_double q = fast_two_sum(first, (std::fma(-first, d, value.hi) + value.lo) / d);
  return decide<T>(q, up(up(radius / d) + up(0x1p-103 * std::abs(q.hi) + 0x1p-1072)), rounded);
}

/// A sum over n >= 1, rounded once.
template <class T, class Feed>
tier round_mean(Feed feed, std::int64_t n, T& rounded) {
  compensated_sum longer;
  feed(longer);
  longer.finish();
  if (n < std::int64_t{1} << 53 && decide_quotient(longer.value(), longer.radius(), n, rounded))
    return tier::double_double;
  exact_sum<T> exact;
  feed(exact);
  rounded = rounded_quotient<T>(exact, n);
  return tier::exact;
}

/// Component p of element i, which has an update.
template <class Op, class T, class R = component_t<T>>
tier round_element(const args_of<Op, T>& a, std::int64_t i, int p, R& rounded) {
  const auto terms = [&](auto& sum) { scatters::feed<Op, T, R>(a, i, p, sum); };
  switch (Op::rule(a).how) {
    case reduction::add:
      if (Op::rule(a).alpha == 1) return repair_sum<R, R>(terms, rounded);
      return repair_sum<R, double>([&](auto& sum) { scatters::feed<Op, T, double>(a, i, p, sum); }, rounded);
    case reduction::mean:
      return round_mean<R>(terms, scatters::for_each_term<Op, T>(a, i, [](T) {}), rounded);
    case reduction::mul:
      return round_product<R>([&](auto f) { scatters::for_each_term<Op, T>(a, i, [&](T x) { f(part_of(x, p)); }); },
                              rounded);
    default:
      rounded = scatters::chosen<Op, T>(a, i, p);
      return tier::exact;
  }
}

/// Element i, which has an update.
template <class Op, class T>
T reduce_element(const args_of<Op, T>& a, std::int64_t i, tier_counts& decided) {
  if constexpr (std::is_integral_v<T>) {
    return scatters::reduced_integer<Op, T>(a, i);
  } else {
    component_t<T> parts[parts_of<T>];
    for (int p = 0; p < parts_of<T>; ++p) {
      const tier reached = round_element<Op, T>(a, i, p, parts[p]);
      --decided[tier::exact];
      ++decided[reached];
    }
    return std::bit_cast<T>(parts);
  }
}

/// Every element that has an update.
template <class Op, class T>
void reduce_groups(const args_of<Op, T>& a, std::span<T> y, tier_counts& decided) {
  const std::int64_t groups = a.by_target.groups();
#pragma omp parallel if (groups > 64)
  {
    const fp_environment environment;
    tier_counts own;
#pragma omp for schedule(dynamic, 64)
    for (std::int64_t g = 0; g < groups; ++g) {
      const update_group group = a.by_target.group(g);
      if (group.updates.empty()) continue;
      y[static_cast<std::size_t>(group.target)] = reduce_element<Op, T>(a, group.target, own);
    }
#pragma omp critical(halfulp_reduce_groups)
    decided += own;
  }
}

}  // namespace halfulp::kernels
