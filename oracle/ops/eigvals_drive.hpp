// Inputs and specification of eigvals, checked on Geometry.
#pragma once

#include <halfulp/oracle/core/square_batch_drive.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>

namespace halfulp::op {

template <template <class> class Geometry, class M>
void eigvals::drive_as(M& m) {
  const auto in = square_batch_inputs<M>::of(m);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.x, in.rank));
  m.claim("w has one dimension less than x", [&] { return m.truth(g.w.rank == in.rank - 1); });
  for (int k = 0; k < in.rank - 1; ++k) m.claim("shape of w", [&] { return g.w.dim[k] == in.x[k]; });
  claim_square_lapack(m, g, g.lapack(m));
  const auto a = m.values("x", product_of(m, in.x, in.rank));
  auto w = m.output("w", product_of(m, in.x, in.rank - 1));
  m.map(w, g.w.numel, [&](idx<M> i) {
    const hi_lo<M> at = split(m, i, m.exact(g.matrices), g.n);  // the matrix, the eigenvalue
    m.claim("eigenvalue k of a matrix goes to its element of w", [&] { return g.result(m, at.hi, at.lo).v == i.v; });
    m.each("row", g.n, [&](idx<M> row) {
      m.each("column", g.n, [&](idx<M> column) {
        const idx<M> e = g.element(m, at.hi, row, column);
        m.load(a, e);
        claim_square_entry(m, g, e, at.hi, row, column);
      });
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
