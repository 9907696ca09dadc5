#pragma once

#include <cstring>

#include <halfulp/oracle/climb.hpp>
#include <halfulp/oracle/core/scatter_terms.hpp>

/// What is true of the elements of a scatter, one by one: each from all of its terms, sorted by element beforehand.
namespace halfulp::scatters {

/// A number that is one of the terms, or the NaN that stands for them.
template <class R>
component_truth point_of(R x) {
  return {component_range::point(to_real(x)), tier::exact, true, {}};
}

/// Component p of element i, from at least one update.
template <class Op, class T, class R = component_t<T>>
component_truth reduced(const args_of<Op, T>& a, std::int64_t i, int p, R& rounded) {
  const scatter_rule rule = Op::rule(a);
  const auto terms = [&](auto& sum) { feed<Op, T, R>(a, i, p, sum); };
  switch (rule.how) {
    case reduction::add:
      if (rule.alpha == 1) return sums::climb<R, R>(terms, rounded);
      return sums::climb<R, double>([&](auto& sum) { feed<Op, T, double>(a, i, p, sum); }, rounded);
    case reduction::mean:
      return sums::climb_mean<R>(terms, for_each_term<Op, T>(a, i, [](T) {}), rounded);
    case reduction::mul:
      return sums::climb_product<R>([&](auto f) { for_each_term<Op, T>(a, i, [&](T x) { f(part_of(x, p)); }); },
                                    rounded);
    default:
      return point_of(rounded = chosen<Op, T>(a, i, p));
  }
}

/// All components of element i.
template <class Op, class T>
void evaluate_element(const args_of<Op, T>& a, std::int64_t i, truth& t) {
  using R = component_t<T>;
  T& element = t.rounded.template elements<T>()[static_cast<std::size_t>(i)];
  const bool moved = a.by_target.of(i).empty();
  if constexpr (std::is_integral_v<T>) {
    element = moved ? untouched<Op, T>(a, i) : reduced_integer<Op, T>(a, i);
  } else {
    R parts[parts_of<T>];
    for (int p = 0; p < parts_of<T>; ++p) {
      if (moved) parts[p] = part_of(untouched<Op, T>(a, i), p);
      component_truth c = moved ? point_of(parts[p]) : reduced<Op, T>(a, i, p, parts[p]);
      if (!t.nan_bits_matter) t.components[static_cast<std::size_t>(i * parts_of<T> + p)] = std::move(c);
    }
    std::memcpy(&element, parts, sizeof element);
  }
}

template <class Op, class T>
truth truth_of(const args_of<Op, T>& a) {
  const tensor_type type = Op::outputs(a)[0];
  truth t{tensor(type.type, type.shape), {}, Op::rule(a).how == reduction::assign};
  const std::int64_t count = t.rounded.numel();
  const bool rounds = !std::is_integral_v<T> && !t.nan_bits_matter;  // else bits are moved, and there is no more to say
  if (rounds) t.components.resize(static_cast<std::size_t>(count * parts_of<T>));
#pragma omp parallel for schedule(dynamic, 64)
  for (std::int64_t i = 0; i < count; ++i) evaluate_element<Op, T>(a, i, t);
  return t;
}

}  // namespace halfulp::scatters
