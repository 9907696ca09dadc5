#pragma once

#include <utility>
#include <vector>

#include <halfulp/oracle/lines.hpp>
#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/real/fraction_sum.hpp>
#include <halfulp/oracle/scatter.hpp>

namespace halfulp {

/// The one output's truth, its components not copied.
inline std::vector<truth> only(truth&& t) {
  std::vector<truth> all;
  all.push_back(std::move(t));
  return all;
}

template <class Op, class T>
requires bit_op<Op, T> std::vector<truth> evaluate(const args_of<Op, T>& a) {
  const auto types = Op::outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, true};
  const auto out = t.rounded.template elements<T>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = Op::value(a, static_cast<std::int64_t>(i));
  return only(std::move(t));
}

template <class Op, class T>
requires sum_op<Op, T> std::vector<truth> evaluate(const args_of<Op, T>& a) {
  const auto types = Op::outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  const auto out = t.rounded.template elements<T>();
  if constexpr (std::is_integral_v<T>) {
#pragma omp parallel for schedule(dynamic, 64)
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(out.size()); ++i)
      out[static_cast<std::size_t>(i)] = wrapped_sum<Op, T>(a, i);
  } else if constexpr (lines::has_plan<Op, T>) {
    t.components.resize(out.size());
    lines::evaluate<Op, T>(a, t.components, out);
  } else {
    t.components.resize(out.size());
#pragma omp parallel for schedule(dynamic, 64)
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(out.size()); ++i)
      t.components[static_cast<std::size_t>(i)] =
          sums::climb<T, T>([&](auto& sum) { Op::accumulate(a, i, sum); }, out[static_cast<std::size_t>(i)]);
  }
  return only(std::move(t));
}

template <class Op, class T>
requires scatter_op<Op, T> std::vector<truth> evaluate(const args_of<Op, T>& a) {
  return {scatters::truth_of<Op, T>(a)};
}

template <class Op, class T>
requires fraction_op<Op, T> std::vector<truth> evaluate(const args_of<Op, T>& a) {
  using part = component_t<T>;
  const auto types = Op::outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  const auto out = t.rounded.template elements<T>();
  t.components.resize(out.size() * parts_of<T>);
#pragma omp parallel for schedule(dynamic, 64)
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(out.size()); ++i) {
    part parts[parts_of<T>];
    for (int p = 0; p < parts_of<T>; ++p) {
      exact_fraction_sum sum;
      Op::fractions(a, i, p, sum);
      parts[p] = sum.template round<part>();
      t.components[static_cast<std::size_t>(i * parts_of<T> + p)] = {component_range(sum.range()), tier::exact, true,
                                                                     sum.bounds(format_of<T>)};
    }
    out[static_cast<std::size_t>(i)] = std::bit_cast<T>(parts);
  }
  return only(std::move(t));
}

template <class Op, class T>
requires tensor_op<Op, T> std::vector<truth> evaluate(const args_of<Op, T>& a) {
  return Op::truth_of(a);
}

}  // namespace halfulp
