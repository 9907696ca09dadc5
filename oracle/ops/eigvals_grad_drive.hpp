// Inputs and specification of eigvals_grad, checked on Geometry.
#pragma once

#include <halfulp/oracle/core/square_batch_drive.hpp>
#include <halfulp/oracle/ops/eigvals_grad.hpp>

namespace halfulp::op {

template <template <class> class Geometry, class M>
void eigvals_grad::drive_as(M& m) {
  const auto in = square_batch_inputs<M>::of(m);
  int_of<M> dwd[max_rank] = {};
  const int dw_rank = m.pick("rank of dw", 0, max_rank);
  for (int k = 0; k < dw_rank; ++k) dwd[k] = m.input("dw.shape", k, m.exact(in.x[k]));
  spec_shape(m, dwd, dw_rank);
  m.spec(m.truth(dw_rank == in.rank - 1));
  if (dw_rank == in.rank - 1)
    for (int k = 0; k < dw_rank; ++k) m.spec(m.exact(dwd[k]) == m.exact(in.x[k]));
  const auto g =
      Geometry<M>::of(m, shape<M>::of(m, "dw.shape", dwd, dw_rank), shape<M>::of(m, "x.shape", in.x, in.rank));
  claim_square_lapack(m, g.forward, g.forward.lapack(m));
  const auto x = m.values("x", product_of(m, in.x, in.rank));
  const auto dw = m.values("dw", product_of(m, dwd, dw_rank));
  auto dx = m.output("dx", product_of(m, in.x, in.rank));
  m.map(dx, g.forward.a.numel, [&](idx<M> i) {
    const place<M> p = g.place_of(m, i);
    m.claim("an element of dx has one place", [&] { return g.element_of(m, p).v == i.v; });
    m.each("eigenvalue", g.forward.n, [&](idx<M> k) { m.load(dw, g.forward.result(m, p.matrix, k)); });
    m.each("row", g.forward.n, [&](idx<M> row) {
      m.each("column", g.forward.n, [&](idx<M> column) {
        const idx<M> e = g.forward.element(m, p.matrix, row, column);
        m.load(x, e);
        claim_square_entry(m, g.forward, e, p.matrix, row, column);
      });
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
