// Inputs and specification of index_put, checked on Geometry.
#pragma once

#include <map>
#include <string>

#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/ops/index_put.hpp>

namespace halfulp::op {

// The digits of element e of a shape: its position in each dimension.
template <class M>
void digits_of(M& m, ghost_of<M> e, const int_of<M>* dims, int rank, ghost_of<M>* digit) {
  for (int k = rank - 1; k >= 0; --k) {
    digit[k] = k > 0 ? m.low(e, m.exact(dims[k])) : e;
    e = m.high(e, m.exact(dims[k]));
  }
}

// What a call of index_put leaves open. Indexed are `count` dimensions of x from `begin` on, adjacent, or with a whole
// one after the first; their indices have `common` dimensions, of two or more all but the first one less.
template <class M>
struct index_put_inputs {
  int rank, count, begin, gap, common, shorter, first, updates_rank, value_rank;
  int_of<M> xd[max_rank], id[max_rank][max_rank], cd[max_rank], ud[2 * max_rank], vd[2 * max_rank];
  bool indexed[max_rank] = {};

  static index_put_inputs of(M& m) {
    index_put_inputs in;
    in.rank = m.pick("rank of x", 0, max_rank);
    const int most = m.pick("indexed dimensions, or 4 for all", in.rank == 0 ? 0 : 1, in.rank < 4 ? in.rank : 4);
    in.count = most == 4 ? in.rank : most;
    const int where = m.pick("at the front, at the back, or not adjacent", 0,
                             in.count == in.rank ? 0
                             : in.count > 1      ? 2
                                                 : 1);
    in.begin = where == 1 ? in.rank - in.count : 0;
    in.gap = where == 2 ? 1 : 0;
    const int room = max_rank - (in.rank - in.count);
    const int most_common = in.count <= 2 ? 3 : 2;
    in.common =
        m.pick("dimensions of the indices, or 3 for as many as fit", 0, room < most_common ? room : most_common);
    if (in.common == 3) in.common = room;
    in.shorter = in.common >= 2 ? 1 : 0;
    for (int k = 0; k < in.count; ++k) in.indexed[in.begin + k + (k > 0 ? in.gap : 0)] = true;
    in.first = in.gap == 0 ? in.begin : 0;
    in.updates_rank = in.rank - in.count + in.common;
    const bool any_value = in.count == 1 && in.begin == 0 && in.common == 1;
    in.value_rank = any_value ? m.pick("rank of value", 0, max_rank) : in.updates_rank - in.shorter;
    in.read(m);
    return in;
  }
  int index_rank(int k) const { return k == begin ? common : common - shorter; }
  int axes() const { return begin + count + gap; }
  indexed_axes<M> by(M& m) const {
    indexed_axes<M> b;
    b.axes = axes();
    for (int k = 0; k < b.axes; ++k) {
      b.indexed[k] = indexed[k];
      if (indexed[k]) b.index[k] = shape_apart(m, "index.shape", id[k], index_rank(k));
    }
    return b;
  }
  // Where the n-th whole dimension of x stands in the updates.
  int place(int n) const { return n < first ? n : n + common; }

 private:
  void read(M& m) {
    m.spec(m.truth(count > 0));
    m.spec(m.truth(value_rank <= updates_rank));
    for (int k = 0; k < rank; ++k) xd[k] = m.input("x.shape", k);
    spec_shape(m, xd, rank);
    for (int k = 0; k < rank; ++k)
      if (indexed[k]) read_index(m, k);
    spec_shape(m, cd, common);
    for (int d = 0; d < common; ++d) ud[first + d] = cd[d];
    int whole = 0;
    for (int k = 0; k < rank; ++k)
      if (!indexed[k]) ud[place(whole++)] = xd[k];
    spec_shape(m, ud, updates_rank);
    read_value(m);
  }
  void read_index(M& m, int k) {
    const std::string name = "index of dimension " + std::to_string(k) + ".shape";
    const int r = index_rank(k);
    for (int d = 0; d < r; ++d) {
      int_of<M>& c = cd[d + common - r];
      if (k == begin) {  // the first one has all dimensions
        id[k][d] = c = m.input(name, d);
        continue;
      }
      id[k][d] = m.input(name, d, m.exact(c));
      m.spec(m.any(m.exact(id[k][d]) == m.exact(c), m.exact(id[k][d]) == 1, m.exact(c) == 1));
      c = extent(m, m.select(c == 1, id[k][d], c));  // as the rule of broadcasting writes it
    }
    spec_shape(m, id[k], r);
    spec_shape(m, cd, common);  // the shape that the indices so far are broadcast to
  }
  void read_value(M& m) {
    for (int d = 0; d < value_rank; ++d) {
      const int j = d + updates_rank - value_rank;
      vd[d] = j < 0 ? m.input("value.shape", d) : m.input("value.shape", d, m.exact(ud[j]));
      if (j >= 0) m.spec(m.any(m.exact(vd[d]) == m.exact(ud[j]), m.exact(vd[d]) == 1));
    }
    spec_shape(m, vd, value_rank);
  }
};

template <template <class> class Geometry, class M>
void index_put::drive_as(M& m) {
  const auto in = index_put_inputs<M>::of(m);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.xd, in.rank), in.by(m),
                                 shape_apart(m, "value.shape", in.vd, in.value_rank));
  m.claim("rank of the updates", [&] { return m.truth(g.at.updates.rank == in.updates_rank); });
  for (int k = 0; k < in.updates_rank; ++k)
    m.claim("shape of the updates", [&] { return g.at.updates.dim[k] == in.ud[k]; });
  using buffer = decltype(m.integers("", ghost_of<M>(0), [&m](int_of<M>) { return m.truth(true); }));
  std::map<int, buffer> index;
  for (int k = 0; k < in.rank; ++k) {
    if (!in.indexed[k]) continue;
    const std::string name = "index of dimension " + std::to_string(k);
    auto b = m.integers(name.c_str(), product_of(m, in.id[k], in.index_rank(k)),
                        [&m, d = in.xd[k]](int_of<M> v) { return m.all(v >= int_of<M>(0) - d, v < d); });
    g.at.check_index(m, b, k);
    index.emplace(k, b);
  }
  const auto y = m.values("y", product_of(m, in.xd, in.rank));
  const auto value = m.values("value", product_of(m, in.vd, in.value_rank));
  m.each("update", g.at.updates.numel, [&](idx<M> j) {
    ghost_of<M> at[2 * max_rank], to[max_rank], from[2 * max_rank];
    digits_of(m, m.exact(j.v), in.ud, in.updates_rank, at);
    int_of<M> given[max_rank] = {};
    for (int k = 0; k < in.rank; ++k) {
      if (!in.indexed[k]) continue;
      const idx<M> e = g.at.entry(m, j, k);
      given[k] = m.load(index.at(k), e);
      const int r = in.index_rank(k);
      digits_of(m, m.exact(e.v), in.id[k], r, from);
      for (int d = 0; d < r; ++d)
        m.claim("reads an index at the position of the update",
                [&] { return from[d] == m.ghost_select(in.id[k][d] == 1, 0, at[in.first + d + in.common - r]); });
    }
    const idx<M> v = g.source(m, j), t = g.at.target(m, j, given);
    m.load(value, v);
    m.load(y, t);
    digits_of(m, m.exact(v.v), in.vd, in.value_rank, from);
    for (int d = 0; d < in.value_rank; ++d)
      m.claim("reads value at the position of the update",
              [&] { return from[d] == m.ghost_select(in.vd[d] == 1, 0, at[d + in.updates_rank - in.value_rank]); });
    digits_of(m, m.exact(t.v), in.xd, in.rank, to);
    int whole = 0;
    for (int k = 0; k < in.rank; ++k) {
      if (in.indexed[k]) {
        m.claim("goes to the index, counted from the end if negative",
                [&] { return to[k] == m.exact(given[k]) + m.ghost_select(given[k] < 0, m.exact(in.xd[k]), 0); });
      } else {
        const ghost_of<M> want = at[in.place(whole++)];
        m.claim("goes to the position of the update where no index says otherwise", [&] { return to[k] == want; });
      }
    }
  });
  m.accepted();
}

}  // namespace halfulp::op
