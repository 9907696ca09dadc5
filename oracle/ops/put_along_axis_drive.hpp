// Inputs and specification of put_along_axis, checked on Geometry.
#pragma once

#include <halfulp/oracle/core/broadcast_drive.hpp>
#include <halfulp/oracle/ops/put_along_axis.hpp>

namespace halfulp::op {

// What a call of put_along_axis leaves open, and what is valid of it.
template <class M>
struct put_along_axis_inputs {
  using fit = put_along_axis::fit;
  int rank, values_rank, given_axis, axis;
  fit how;
  int_of<M> xd[max_rank], id[max_rank], vd[max_rank], ud[max_rank];

  static put_along_axis_inputs of(M& m) {
    put_along_axis_inputs in;
    in.rank = m.pick("rank of x", 0, max_rank);
    in.given_axis = axis_input(m, in.rank);
    in.axis = in.given_axis < 0 ? in.given_axis + in.rank : in.given_axis;
    in.how = m.pick("broadcast", 0, 1) == 1 ? fit::broadcast : fit::corner;
    // every axis with values of the rank of x, every rank of values with the axis -1
    in.values_rank = in.given_axis == -1 ? m.pick("rank of values", 0, max_rank) : in.rank;
    for (int k = 0; k < in.rank; ++k) in.xd[k] = m.input("x.shape", k);
    for (int k = 0; k < in.rank; ++k) in.id[k] = m.input("indices.shape", k);
    for (int k = 0; k < in.rank; ++k) in.ud[k] = k == in.axis || in.how == fit::corner ? in.id[k] : in.xd[k];
    for (int k = 0; k < in.values_rank; ++k) in.vd[k] = in.values_input(m, k);
    spec_shape(m, in.xd, in.rank);
    spec_shape(m, in.id, in.rank);
    spec_shape(m, in.vd, in.values_rank);
    spec_shape(m, in.ud, in.rank);
    in.spec(m);
    return in;
  }

 private:
  int_of<M> values_input(M& m, int k) const {
    const int j = k + rank - values_rank;
    return j >= 0 ? m.input("values.shape", k, m.exact(ud[j])) : m.input("values.shape", k);
  }
  void spec(M& m) const {
    m.spec(m.truth(-rank <= given_axis && given_axis < rank));
    for (int k = 0; k < rank; ++k) {
      if (k == axis) continue;
      if (how == fit::broadcast) {
        m.spec(m.any(m.exact(id[k]) == m.exact(xd[k]), m.exact(id[k]) == 1));
      } else {
        m.spec(m.exact(id[k]) <= m.exact(xd[k]));
      }
    }
    if (how == fit::corner && values_rank == 0) return;
    m.spec(m.truth(how == fit::broadcast ? values_rank <= rank : values_rank == rank));
    for (int k = 0; k < values_rank && k + rank - values_rank >= 0; ++k) {
      const ghost_of<M> v = m.exact(vd[k]), u = m.exact(ud[k + rank - values_rank]);
      m.spec(how == fit::broadcast ? m.any(v == u, v == 1) : m.all(v >= u));
    }
  }
};

template <template <class> class Geometry, class M>
void put_along_axis::drive_as(M& m) {
  const auto in = put_along_axis_inputs<M>::of(m);
  const int r = in.rank;
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.xd, r), shape<M>::of(m, "indices.shape", in.id, r),
                                 shape<M>::of(m, "values.shape", in.vd, in.values_rank), in.given_axis, in.how);
  for (int k = 0; k < r; ++k) m.claim("shape of the updates", [&] { return g.updates.dim[k] == in.ud[k]; });
  auto index = m.integers("index", product_of(m, in.id, r),
                          [&m, d = in.xd[in.axis]](int_of<M> v) { return m.all(v >= 0, v < d); });
  const auto y = m.values("y", product_of(m, in.xd, r));
  const auto values = m.values("values", product_of(m, in.vd, in.values_rank));
  g.check_index(m, index);
  m.each("update", g.updates.numel, [&](idx<M> j) {
    const auto from = g.of_update(m, j);
    m.load(values, from.value);
    const int_of<M> to = m.load(index, from.index);
    const idx<M> t = g.target(m, j, to);
    m.load(y, t);
    claim_moved_along(m, "goes to its position, but for the index along the axis", m.exact(t.v), in.xd, m.exact(j.v),
                      in.ud, r, in.axis, m.exact(to));
    if (in.how == fit::broadcast) {
      claim_broadcast(m, "reads indices at the position of the update", m.exact(from.index.v), in.id, r, m.exact(j.v),
                      in.ud, r);
      claim_broadcast(m, "reads values at the position of the update", m.exact(from.value.v), in.vd, in.values_rank,
                      m.exact(j.v), in.ud, r);
    } else {
      claim_moved_along(m, "reads indices at the position of the update", m.exact(from.index.v), in.id, m.exact(j.v),
                        in.ud, r, -1, ghost_of<M>(0));
      if (in.values_rank > 0)
        claim_moved_along(m, "reads values at the position of the update", m.exact(from.value.v), in.vd, m.exact(j.v),
                          in.ud, r, -1, ghost_of<M>(0));
    }
  });
  m.accepted();
}

}  // namespace halfulp::op
