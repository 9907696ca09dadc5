#pragma once

#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/real/sums.hpp>

namespace halfulp {

namespace sums {

/// One component from a sum in binary64 or double-double, if its enclosure decides the rounding.
template <class T, class Sum>
bool try_tier(const Sum& sum, tier reached, component_truth& c, T& rounded) {
  if (!decide<T>(sum.value(), sum.radius(), rounded)) return false;
  c.range = enclosure_of(sum.value(), sum.radius());
  c.reached = reached;
  c.decided = true;
  return true;
}

/// The ladder of one output element: binary64, double-double, exact.
template <class Op, class T>
component_truth climb(const args_of<Op, T>& a, std::int64_t i, T& rounded) {
  component_truth c;
  const auto summed = [&](auto sum) {
    Op::accumulate(a, i, sum);
    return sum;
  };
  const bool low = !std::is_same_v<T, double> &&
                   try_tier(summed(widened<binary64_sum>{}).sum, tier::binary64, c, rounded);
  if (!low && !try_tier(summed(widened<double_double_sum>{}).sum, tier::double_double, c, rounded)) {
    const auto exact = summed(exact_sum<T>{});
    rounded = exact.template round<T>();
    c = {enclosure::point(to_real(exact, rounded)), tier::exact, true, {}};
  }
  c.bounds = bounds_of(format_of<T>, summed(widened<magnitude_sum>{}).sum, c.range);
  return c;
}

}  // namespace sums

template <class Op, class T>
  requires bit_op<Op, T>
std::vector<truth> evaluate(const args_of<Op, T>& a) {
  const auto types = Op::outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, true};
  const auto out = t.rounded.template elements<T>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = Op::value(a, static_cast<std::int64_t>(i));
  return {t};
}

template <class Op, class T>
  requires sum_op<Op, T>
std::vector<truth> evaluate(const args_of<Op, T>& a) {
  const auto types = Op::outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  const auto out = t.rounded.template elements<T>();
  t.components.resize(out.size());
#pragma omp parallel for schedule(dynamic, 64)
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(out.size()); ++i)
    t.components[static_cast<std::size_t>(i)] = sums::climb<Op, T>(a, i, out[static_cast<std::size_t>(i)]);
  return {t};
}

template <class Op, class T>
  requires tensor_op<Op, T>
std::vector<truth> evaluate(const args_of<Op, T>& a) {
  return Op::truth_of(a);
}

}  // namespace halfulp
