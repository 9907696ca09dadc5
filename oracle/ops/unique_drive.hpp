// Inputs and specification of unique and unique_consecutive, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/unique.hpp>

namespace halfulp::op {

// Any number in low .. high, for low <= high.
template <class M>
int_of<M> within(M& m, int_of<M> given, int_of<M> low, int_of<M> high) {
  return m.min(m.max(given, low), high);
}
// Positions of slices, out of a sort: that it gives a permutation is taken from the standard library or tested.
template <class M>
auto unique_order(M& m, const char* name, ghost_of<M> size) {
  return m.integers(name, size, [&m](int_of<M>) { return m.truth(true); });
}

// The slices are visited in some order; which of them begin a value is found out on the way, so the number of values is
// known by induction only: 0 before the first, and this step from any state that an earlier one can leave.
template <class M, class Geometry>
void claim_unique_groups(M& m, const Geometry& g, int_of<M> found) {
  auto order = unique_order(m, "order", m.exact(g.slices)), state = unique_order(m, "values before", m.exact(g.slices));
  auto begins_at = unique_order(m, "begins a value", m.exact(g.slices));
  const auto inverse = m.values("inverse", m.exact(g.slices)), counts = m.values("counts", m.exact(found));
  m.each("slice in order", g.slices, [&](idx<M> k) {
    const int_of<M> before = within(m, m.load(state, k), m.select(k.v == 0, int_of<M>(0), int_of<M>(1)), k.v);
    const int_of<M> after = g.counted(m, before, m.any(k.v == 0, m.load(begins_at, k) == 1));
    m.claim("the number of values is 1 to that of the slices so far, and never falls",
            [&] { return m.all(after >= 1, after <= k.v + 1, after >= before); });
    const int_of<M> slice = within(m, m.load(order, k), int_of<M>(0), g.slices - 1);
    m.load(inverse, idx<M>{slice, m.exact(g.slices)});
    if (after <= found) m.load(counts, idx<M>{after - 1, m.exact(found)});  // found is the last of them
  });
}

// values[o, f, i] is element (o, i) of the first slice of value f.
template <class M, class Geometry>
void claim_unique_values(M& m, const Geometry& g, int_of<M> found) {
  const auto x = m.values("x", m.exact(g.x.numel));
  auto first = unique_order(m, "index", m.exact(found));
  const auto v = g.values(m, found);
  m.claim("the values have outer * found rows", [&] { return m.exact(v.rows) == m.exact(g.outer) * m.exact(found); });
  auto values = m.output("values", m.exact(v.rows) * m.exact(g.inner));
  m.map(values, v.numel, [&](idx<M> i) {
    const auto p = g.value_at(m, i, v);
    const int_of<M> slice = within(m, m.load(first, p.found), int_of<M>(0), g.slices - 1);
    const idx<M> s = g.element(m, p.o, idx<M>{slice, m.exact(g.slices)}, p.i);
    m.load(x, s);
    m.claim("a value is the first slice equal to it, element by element", [&] {
      const ghost_of<M> from = m.exact(s.v), to = m.exact(i.v), inner = m.exact(g.inner);
      const ghost_of<M> row = m.high(from, inner), at = m.high(to, inner);
      return m.all(m.low(from, inner) == m.low(to, inner), m.low(row, m.exact(g.slices)) == m.exact(slice),
                   m.high(row, m.exact(g.slices)) == m.high(at, m.exact(found)));
    });
  });
}

template <template <class> class Geometry, class M>
void unique::drive_as(M& m) {
  const int rank = m.pick("rank of x", 0, max_rank);
  const bool flat = m.pick("flat", 0, 1) == 1;
  const int given = flat ? 0 : m.pick("axis", -rank - 1, rank);
  const int axis = given < 0 ? given + rank : given;
  int_of<M> d[max_rank];
  for (int k = 0; k < rank; ++k) d[k] = m.input("x.shape", k);
  const bool_of<M> narrow = m.input("dtype is int32") == 1;
  spec_shape(m, d, rank);
  m.spec(m.truth(flat || (-rank <= given && given < rank)));
  for (int k = 0; k < rank && !flat; ++k)
    if (k != axis) m.spec(m.exact(d[k]) >= 1);
  const bool valid_axis = flat || (axis >= 0 && axis < rank);
  if (valid_axis) m.spec(m.any(!narrow, (flat ? product_of(m, d, rank) : m.exact(d[axis])) <= most_index(true)));
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", d, rank), flat, given,
                                 m.select(narrow, int_of<M>(most_index(true)), int_of<M>(max_elements)));
  m.claim("as many slices as along the axis, or as there are elements",
          [&] { return m.exact(g.slices) == (flat ? product_of(m, d, rank) : m.exact(d[axis])); });
  const int_of<M> least = m.select(g.slices == 0, int_of<M>(0), int_of<M>(1));
  const int_of<M> found = within(m, m.input("distinct slices"), least, g.slices);
  claim_unique_groups(m, g, found);
  claim_unique_values(m, g, found);
  m.accepted();
}

}  // namespace halfulp::op
