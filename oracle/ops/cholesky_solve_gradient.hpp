// What the two gradients of cholesky_solve share: their arguments, and what is proved of them.
#pragma once

#include <halfulp/oracle/ops/cholesky_solve.hpp>

namespace halfulp::op {

template <class M>
struct cholesky_solve_gradient {
  cholesky_solve::geometry<M> forward;  // dout has the shape forward.out

  // Throws unless the forward shapes are valid and dout has the shape of the result.
  HALFULP_HOST_DEVICE static cholesky_solve_gradient of(M& m, const shape<M>& dout, const shape<M>& x,
                                                        const shape<M>& y, bool upper) {
    cholesky_solve_gradient g{cholesky_solve::geometry<M>::of(m, x, y, upper)};
    require_same(m, "dout.shape", dout, g.forward.out, "dout must have the shape of cholesky_solve's result");
    return g;
  }
};

// Every element of dout is read, beside the elements of x and of the factor of its matrix: dx and dy have their
// shapes, and are written where x and y are read.
template <template <class> class Geometry, class M>
void drive_cholesky_gradient(M& m) {
  const auto in = cholesky_solve_inputs<M>::of(m);
  const bool same_rank = m.pick("dout has the rank of the result", 0, 1) == 1;
  const int rank = same_rank ? in.out_rank : (in.out_rank + 1) % (max_rank + 1);
  int_of<M> d[max_rank] = {};
  for (int j = 0; j < rank; ++j)
    d[j] = same_rank ? m.input("dout.shape", j, m.exact(in.out[j])) : m.input("dout.shape", j);
  spec_shape(m, d, rank);
  m.spec(m.truth(same_rank));
  for (int j = 0; same_rank && j < rank; ++j) m.spec(m.exact(d[j]) == m.exact(in.out[j]));
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "dout.shape", d, rank), shape<M>::of(m, "x.shape", in.x, in.x_rank),
                                 shape<M>::of(m, "y.shape", in.y, in.y_rank), in.upper);
  const auto& f = g.forward;
  for (int j = 0; j < in.out_rank; ++j)
    m.claim("dout has the shape of the result", [&] { return f.out.dim[j] == d[j]; });
  const auto dx = m.values("dx", product_of(m, f.x.dim, in.x_rank));
  const auto dy = m.values("dy", product_of(m, f.y.dim, in.y_rank));
  const auto dout = m.values("dout", product_of(m, f.out.dim, in.out_rank));
  m.each("element of dout", f.out.numel, [&](idx<M> i) {
    m.load(dout, i);
    const cholesky_solve::position<M> p = f.position_of(m, i);
    const auto from = f.source(m, p.matrix);
    m.load(dx, f.element(m, {from.x, p.row, p.column}));
    if (in.reads_factor()) drive_cholesky_factor(m, in, f, dy, from.y);
  });
  m.accepted();
}

}  // namespace halfulp::op
