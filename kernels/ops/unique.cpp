#include <halfulp/oracle/ops/unique.hpp>

#include <algorithm>
#include <numeric>

#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/kernels/core/radix_sort.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/oracle/ops/unique_consecutive.hpp>

namespace halfulp::kernels {
namespace {

using positions = std::vector<std::int64_t>;

/// The slices in an order in which equal ones are neighbours and keep their order, and where each value begins.
struct grouped {
  positions order;
  positions begin;  // of each value in `order`

  std::int64_t found() const { return static_cast<std::int64_t>(begin.size()); }
  std::int64_t end(std::int64_t value) const {
    return value + 1 < found() ? begin[static_cast<std::size_t>(value + 1)] : static_cast<std::int64_t>(order.size());
  }
  std::int64_t first(std::int64_t value) const {
    return order[static_cast<std::size_t>(begin[static_cast<std::size_t>(value)])];
  }
};

/// Where the values begin: begins(k), for k >= 1, says whether the k-th slice in order differs from the one before it.
/// The number of values follows the rule of the spec.
template <class Begins>
positions beginnings(std::int64_t slices, const Begins& begins) {
  run m(op::unique::name);
  positions begin;
  std::int64_t found = 0;
  for (std::int64_t k = 0; k < slices; ++k) {
    const std::int64_t now = op::unique::geometry<run>::counted(m, found, k == 0 || begins(k));
    if (now != found) begin.push_back(k);
    found = now;
  }
  return begin;
}

/// Slices of one element, sorted by keys. Position is wide enough for their number.
template <class Position, class T>
grouped sorted_elements(std::span<const T> x) {
  std::vector<keyed<key_t<T>, Position>> items(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) items[i] = {key_of(x[i]), static_cast<Position>(i)};
  radix_sort(items);
  grouped g;
  g.order.resize(items.size());
  for (std::size_t k = 0; k < items.size(); ++k) g.order[k] = static_cast<std::int64_t>(items[k].position);
  constexpr bool has_nan = !std::is_integral_v<T>;
  g.begin = beginnings(static_cast<std::int64_t>(items.size()), [&](std::int64_t k) {
    const auto key = items[static_cast<std::size_t>(k)].key;
    return key != items[static_cast<std::size_t>(k - 1)].key || (has_nan && key == nan_key<T>);
  });
  return g;
}

/// -1, 0 or 1 by the first elements of two slices whose keys differ.
template <class T>
int order_of_slices(const op::unique::args<T>& a, std::int64_t s, std::int64_t t) {
  for (std::int64_t o = 0; o < a.shape.outer; ++o)
    for (std::int64_t i = 0; i < a.shape.inner; ++i) {
      const auto x = key_of(a.at(o, s, i)), y = key_of(a.at(o, t, i));
      if (x != y) return x < y ? -1 : 1;
    }
  return 0;
}
template <class T>
bool has_nan(const op::unique::args<T>& a, std::int64_t slice) {
  if constexpr (!std::is_integral_v<T>) {
    for (std::int64_t o = 0; o < a.shape.outer; ++o)
      for (std::int64_t i = 0; i < a.shape.inner; ++i)
        if (is_nan(a.at(o, slice, i))) return true;
  }
  return false;
}

/// Slices of many elements, or slices that stay in their order.
template <class T>
grouped compared_slices(const op::unique::args<T>& a) {
  grouped g;
  g.order.resize(static_cast<std::size_t>(a.shape.slices));
  std::iota(g.order.begin(), g.order.end(), std::int64_t{0});
  if (!a.consecutive)
    std::stable_sort(g.order.begin(), g.order.end(),
                     [&](std::int64_t s, std::int64_t t) { return order_of_slices(a, s, t) < 0; });
  g.begin = beginnings(a.shape.slices, [&](std::int64_t k) {
    const std::int64_t s = g.order[static_cast<std::size_t>(k - 1)], t = g.order[static_cast<std::size_t>(k)];
    return order_of_slices(a, s, t) != 0 || has_nan(a, t);
  });
  return g;
}

template <class T>
grouped group(const op::unique::args<T>& a) {
  if (a.consecutive || a.shape.outer != 1 || a.shape.inner != 1) return compared_slices(a);
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::uint32_t>::max());
  return a.x.size() <= most ? sorted_elements<std::uint32_t>(a.x) : sorted_elements<std::uint64_t>(a.x);
}

/// The values in the order in which they are returned: as they are grouped, or by their first slices.
template <class T>
positions returned_order(const op::unique::args<T>& a, const grouped& g) {
  positions values(static_cast<std::size_t>(g.found()));
  std::iota(values.begin(), values.end(), std::int64_t{0});
  if (a.sorted) return values;
  positions value_at(static_cast<std::size_t>(a.shape.slices), -1);
  for (const std::int64_t v : values) value_at[static_cast<std::size_t>(g.first(v))] = v;
  std::copy_if(value_at.begin(), value_at.end(), values.begin(), [](std::int64_t v) { return v >= 0; });
  return values;
}

template <class T>
tensor values_of(const op::unique::args<T>& a, const grouped& g, const positions& values) {
  const tensor t(dtype_of<T>, op::unique_values_shape(a.shape, g.found()));
  const auto to = t.elements<T>();
  if (a.shape.outer == 1 && a.shape.inner == 1) {  // element k of the values is value k
    for (std::size_t k = 0; k < to.size(); ++k) to[k] = a.x[static_cast<std::size_t>(g.first(values[k]))];
    return t;
  }
  run m(op::unique::name);
  const auto v = a.shape.values(m, g.found());
  for (std::size_t k = 0; k < to.size(); ++k) {
    const auto p = a.shape.value_at(m, {static_cast<std::int64_t>(k), {}}, v);
    const idx<run> slice{g.first(values[static_cast<std::size_t>(p.found.v)]), {}};
    to[k] = a.x[static_cast<std::size_t>(a.shape.element(m, p.o, slice, p.i).v)];
  }
  return t;
}

/// Index, inverse and counts, as far as they are asked for; every element is written.
template <class Index, class T>
void add_indices(const op::unique::args<T>& a, const grouped& g, const positions& values,
                 std::vector<tensor>& outputs) {
  const auto write = [&](const extents& shape, const auto& each) {
    outputs.emplace_back(dtype_of<Index>, shape);
    const auto to = outputs.back().elements<Index>();
    for (std::size_t k = 0; k < values.size(); ++k) each(to, k, values[k]);
  };
  if (a.index)
    write({g.found()}, [&](auto to, std::size_t k, std::int64_t v) { to[k] = static_cast<Index>(g.first(v)); });
  if (a.inverse)
    write(op::unique_inverse_shape(a.shape), [&](auto to, std::size_t k, std::int64_t v) {
      for (std::int64_t s = g.begin[static_cast<std::size_t>(v)]; s < g.end(v); ++s)
        to[static_cast<std::size_t>(g.order[static_cast<std::size_t>(s)])] = static_cast<Index>(k);
    });
  if (a.counts)
    write({g.found()}, [&](auto to, std::size_t k, std::int64_t v) {
      to[k] = static_cast<Index>(g.end(v) - g.begin[static_cast<std::size_t>(v)]);
    });
}

/// O(n log n) comparisons of slices, O(n) for slices of one element.
template <class T>
result distinct(const op::unique::args<T>& a) {
  const grouped g = group(a);
  const positions values = returned_order(a, g);
  result r;
  r.outputs.push_back(values_of(a, g, values));
  if (a.index_type == dtype::int32) {
    add_indices<std::int32_t>(a, g, values, r.outputs);
  } else {
    add_indices<std::int64_t>(a, g, values, r.outputs);
  }
  for (const tensor& t : r.outputs) r.decided += all_exact(t.view());
  return r;
}

}  // namespace

#define HALFULP_UNIQUE(T)                                                                     \
  template <>                                                                                 \
  result compute_found<op::unique, T>(const op::unique::args<T>& a) {                         \
    return distinct(a);                                                                       \
  }                                                                                           \
  template <>                                                                                 \
  result compute_found<op::unique_consecutive, T>(const op::unique_consecutive::args<T>& a) { \
    return distinct(a);                                                                       \
  }
HALFULP_EACH_REAL_TYPE(HALFULP_UNIQUE)
#undef HALFULP_UNIQUE

}  // namespace halfulp::kernels
