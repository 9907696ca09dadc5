// Inputs and specification of eigvals, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/eigvals.hpp>

namespace halfulp::op {

template <class M, class Geometry> void claim_eigvals_lapack(M& m, const Geometry& g) {
  const auto call = g.lapack(m);
  m.claim("LAPACK is called if and only if there is a matrix with an element",
          [&] { return m.iff(call.call, g.a.numel > 0); });
  m.claim("LAPACK is given n >= 1", [&] { return m.implies(call.call, call.n >= 1); });
  m.claim("LAPACK is given lda >= max(1, n)",
          [&] { return m.all(call.lda >= 1, call.lda >= call.n); });
  m.claim("BLAS is given every part of every entry",
          [&] { return m.exact(call.parts) == 2 * m.exact(g.n) * m.exact(g.n); });
}

// The inputs that eigvals and its gradient share, and when they are valid.
template <class M> struct eigvals_inputs {
  int rank;
  int_of<M> x[max_rank];

  static eigvals_inputs of(M& m) {
    eigvals_inputs in{m.pick("rank of x", 0, max_rank), {}};
    for (int k = 0; k < in.rank; ++k) in.x[k] = m.input("x.shape", k);
    spec_shape(m, in.x, in.rank);
    m.spec(m.truth(in.rank >= 2));
    if (in.rank >= 2) {
      m.spec(m.exact(in.x[in.rank - 2]) == m.exact(in.x[in.rank - 1]));
      m.spec(m.exact(in.x[in.rank - 1]) <= eigvals::max_n);
    }
    return in;
  }
};

template <template <class> class Geometry, class M> void eigvals::drive_as(M& m) {
  const auto in = eigvals_inputs<M>::of(m);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.x, in.rank));
  m.claim("w has one dimension less than x", [&] { return m.truth(g.w.rank == in.rank - 1); });
  for (int k = 0; k < in.rank - 1; ++k) m.claim("shape of w", [&] { return g.w.dim[k] == in.x[k]; });
  claim_eigvals_lapack(m, g);
  const auto a = m.values("x", product_of(m, in.x, in.rank));
  auto w = m.output("w", product_of(m, in.x, in.rank - 1));
  m.map(w, g.w.numel, [&](idx<M> i) {
    const hi_lo<M> at = split(m, i, m.exact(g.matrices), g.n);  // the matrix, the eigenvalue
    m.claim("eigenvalue k of a matrix goes to its element of w",
            [&] { return g.result(m, at.hi, at.lo).v == i.v; });
    m.each("row", g.n, [&](idx<M> row) {
      m.each("column", g.n, [&](idx<M> column) {
        const idx<M> e = g.element(m, at.hi, row, column);
        m.load(a, e);
        m.claim("reads the entry of its own matrix", [&] {
          const ghost_of<M> from = m.exact(e.v), size = m.exact(g.n);
          const ghost_of<M> line = m.high(from, size);
          return m.all(m.low(from, size) == m.exact(column.v), m.low(line, size) == m.exact(row.v),
                       m.high(line, size) == m.exact(at.hi.v));
        });
      });
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
