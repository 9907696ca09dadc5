// Inputs and specification of as_strided, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/as_strided.hpp>

namespace halfulp::op {

// A view of n elements as a drive sees it.
template <class M>
struct strided_inputs {
  int rank;
  int_of<M> size[max_rank], stride[max_rank], offset, n;

  // Valid if and only if the view has no element, or the least and the greatest that it reaches lie among the n.
  static strided_inputs of(M& m) {
    strided_inputs in;
    in.rank = m.pick("rank of y", 0, max_rank);
    for (int k = 0; k < in.rank; ++k) {
      in.size[k] = m.input("shape", k);
      in.stride[k] = m.input("stride", k);
    }
    in.offset = m.input("offset");
    in.n = m.input("elements of x");
    m.assume(m.all(in.n >= 0, in.n <= max_elements));  // a fact about memory, not an argument to check
    spec_shape(m, in.size, in.rank);
    m.spec(m.exact(in.offset) >= 0);
    in.spec_reach(m);
    return in;
  }

  // The element of x for element i of the view.
  ghost_of<M> element(M& m, idx<M> i) const {
    ghost_of<M> rest = m.exact(i.v), at = m.exact(offset);
    for (int k = rank - 1; k >= 0; --k) {
      const ghost_of<M> n_k = m.exact(size[k]);
      at = at + m.times(k > 0 ? m.low(rest, n_k) : rest, m.exact(stride[k]));
      rest = m.high(rest, n_k);
    }
    return at;
  }

 private:
  void spec_reach(M& m) const {
    ghost_of<M> least = m.exact(offset), greatest = m.exact(offset);
    bool_of<M> empty = m.truth(false);
    for (int k = 0; k < rank; ++k) {
      empty = m.any(empty, size[k] == 0);
      const ghost_of<M> steps = m.exact(size[k]) - 1, s = m.exact(stride[k]);
      least = least + m.ghost_select(stride[k] < 0, steps * s, 0);
      greatest = greatest + m.ghost_select(stride[k] > 0, steps * s, 0);
    }
    m.spec(m.any(empty, m.all(least >= 0, greatest < m.exact(n))));
  }
};

template <template <class> class Geometry, class M>
void as_strided::drive_as(M& m) {
  const auto in = strided_inputs<M>::of(m);
  const auto g = Geometry<M>::of(m, in.n, shape<M>::of(m, "shape", in.size, in.rank), in.stride, in.offset);
  m.claim("rank of y", [&] { return m.truth(g.y.rank == in.rank); });
  for (int k = 0; k < in.rank; ++k) m.claim("shape of y", [&] { return g.y.dim[k] == in.size[k]; });
  const auto x = m.values("x", m.exact(in.n));
  auto y = m.output("y", product_of(m, in.size, in.rank));
  m.map(y, g.y.numel, [&](idx<M> i) {
    const idx<M> s = g.source(m, i);
    m.load(x, s);
    m.claim("reads offset + sum i_k stride_k", [&] { return m.exact(s.v) == in.element(m, i); });
  });
  m.accepted();
}

}  // namespace halfulp::op
