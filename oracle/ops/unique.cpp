#include <halfulp/oracle/ops/unique.hpp>

#include <algorithm>
#include <numeric>

#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::op {
namespace {

/// -1, 0 or 1 as a is less than, equal to or greater than b as a number; NaN comes after every number.
template <class T>
int order_of(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return a < b ? -1 : a > b;
  } else {
    if (is_nan(a) || is_nan(b)) return is_nan(a) - is_nan(b);
    return widen(a) < widen(b) ? -1 : widen(a) > widen(b);
  }
}
template <class T>
bool is_number(T a) {
  if constexpr (std::is_integral_v<T>)
    return true;
  else
    return !is_nan(a);
}

/// The order of two slices, by their first elements that differ.
template <class T>
int order_of_slices(const unique::args<T>& a, std::int64_t s, std::int64_t t) {
  for (std::int64_t o = 0; o < a.shape.outer; ++o)
    for (std::int64_t i = 0; i < a.shape.inner; ++i)
      if (const int order = order_of(a.at(o, s, i), a.at(o, t, i)); order != 0) return order;
  return 0;
}
/// A NaN is equal to nothing.
template <class T>
bool are_equal(const unique::args<T>& a, std::int64_t s, std::int64_t t) {
  for (std::int64_t o = 0; o < a.shape.outer; ++o)
    for (std::int64_t i = 0; i < a.shape.inner; ++i)
      if (!is_number(a.at(o, s, i)) || order_of(a.at(o, s, i), a.at(o, t, i)) != 0) return false;
  return true;
}

/// The slices of each value, in order; the values in the order asked for.
template <class T>
std::vector<std::vector<std::int64_t>> groups_of(const unique::args<T>& a) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(a.shape.slices));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (!a.consecutive)
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t s, std::int64_t t) { return order_of_slices(a, s, t) < 0; });
  std::vector<std::vector<std::int64_t>> groups;
  for (const std::int64_t s : order) {
    if (groups.empty() || !are_equal(a, groups.back().back(), s)) groups.emplace_back();
    groups.back().push_back(s);
  }
  if (!a.sorted) std::sort(groups.begin(), groups.end());
  return groups;
}

template <class T>
truth values_of(const unique::args<T>& a, const std::vector<std::vector<std::int64_t>>& groups) {
  const auto found = static_cast<std::int64_t>(groups.size());
  truth t{tensor(dtype_of<T>, unique_values_shape(a.shape, found)), {}, true};
  run m(unique::name);
  const auto values = t.rounded.elements<T>();
  const auto v = a.shape.values(m, found);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto p = a.shape.value_at(m, {static_cast<std::int64_t>(k), {}}, v);
    const idx<run> slice{groups[static_cast<std::size_t>(p.found.v)].front(), {}};
    values[k] = a.x[static_cast<std::size_t>(a.shape.element(m, p.o, slice, p.i).v)];
  }
  return t;
}

truth indices_of(dtype type, const extents& shape, const std::vector<std::int64_t>& numbers) {
  truth t{tensor(type, shape), {}, true};
  if (type == dtype::int32) {
    std::copy(numbers.begin(), numbers.end(), t.rounded.elements<std::int32_t>().begin());
  } else {
    std::copy(numbers.begin(), numbers.end(), t.rounded.elements<std::int64_t>().begin());
  }
  return t;
}

}  // namespace

template <class T>
std::vector<truth> unique::truth_of(const args<T>& a) {
  const auto groups = groups_of(a);
  const auto found = static_cast<std::int64_t>(groups.size());
  std::vector<std::int64_t> first, counts, inverse(static_cast<std::size_t>(a.shape.slices));
  for (const auto& group : groups) {
    for (const std::int64_t s : group) inverse[static_cast<std::size_t>(s)] = static_cast<std::int64_t>(first.size());
    first.push_back(group.front());
    counts.push_back(static_cast<std::int64_t>(group.size()));
  }
  std::vector<truth> truths{values_of(a, groups)};
  if (a.index) truths.push_back(indices_of(a.index_type, {found}, first));
  if (a.inverse) truths.push_back(indices_of(a.index_type, unique_inverse_shape(a.shape), inverse));
  if (a.counts) truths.push_back(indices_of(a.index_type, {found}, counts));
  return truths;
}

template std::vector<truth> unique::truth_of(const args<bool>&);
template std::vector<truth> unique::truth_of(const args<std::uint8_t>&);
template std::vector<truth> unique::truth_of(const args<std::int8_t>&);
template std::vector<truth> unique::truth_of(const args<std::int16_t>&);
template std::vector<truth> unique::truth_of(const args<std::int32_t>&);
template std::vector<truth> unique::truth_of(const args<std::int64_t>&);
template std::vector<truth> unique::truth_of(const args<float16>&);
template std::vector<truth> unique::truth_of(const args<bfloat16>&);
template std::vector<truth> unique::truth_of(const args<float>&);
template std::vector<truth> unique::truth_of(const args<double>&);

}  // namespace halfulp::op
