// Inputs and specification of cholesky_solve, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/cholesky_solve.hpp>

namespace halfulp::op {

// The shapes of a call of cholesky_solve, and of its result. Which triangle is read depends on nothing but `upper`
// and n, and is proved for every rank of y beside one rank of x.
template <class M>
struct cholesky_solve_inputs {
  int_of<M> x[max_rank] = {}, y[max_rank] = {}, out[max_rank] = {};
  int x_rank, y_rank, out_rank = 0;
  bool upper;

  static cholesky_solve_inputs of(M& m) {
    cholesky_solve_inputs in;
    in.x_rank = m.pick("rank of x", 0, max_rank);
    in.y_rank = m.pick("rank of y", 0, max_rank);
    in.upper = in.reads_factor() && m.pick("upper", 0, 1) == 1;
    for (int k = 0; k < in.x_rank; ++k) in.x[k] = m.input("x.shape", k);
    for (int k = 0; k < in.y_rank; ++k) in.y[k] = m.input("y.shape", k);
    in.spec(m);
    return in;
  }
  bool reads_factor() const { return x_rank == 2; }

 private:
  void spec(M& m) {
    spec_shape(m, x, x_rank);
    spec_shape(m, y, y_rank);
    m.spec(m.truth(x_rank >= 2 && y_rank >= 2));
    if (x_rank < 2 || y_rank < 2) return;
    m.spec(m.exact(y[y_rank - 2]) == m.exact(y[y_rank - 1]));
    m.spec(m.exact(x[x_rank - 2]) == m.exact(y[y_rank - 1]));
    const int batch = spec_broadcast(m, x, x_rank - 2, y, y_rank - 2, out);
    out[batch] = y[y_rank - 1];
    out[batch + 1] = x[x_rank - 1];
    out_rank = batch + 2;
    spec_shape(m, out, out_rank);
  }
};

// Entry (row, column) of L is read in the triangle that is given, of this matrix.
template <class M>
void claim_cholesky_entry(M& m, const cholesky_solve_inputs<M>& in, ghost_of<M> at, idx<M> matrix, idx<M> row,
                          idx<M> column) {
  const ghost_of<M> size = m.exact(in.y[in.y_rank - 1]);
  const ghost_of<M> c = m.low(at, size), r = m.low(m.high(at, size), size);
  m.claim("reads the given triangle", [&] { return in.upper ? r <= c : r >= c; });
  m.claim("reads the entry of L", [&] {
    const ghost_of<M> i = m.exact(row.v), j = m.exact(column.v);
    return in.upper ? m.all(r == j, c == i) : m.all(r == i, c == j);
  });
  m.claim("reads its own factor", [&] { return m.high(m.high(at, size), size) == m.exact(matrix.v); });
}

template <class M, class Geometry, class Buffer>
void drive_cholesky_factor(M& m, const cholesky_solve_inputs<M>& in, const Geometry& g, const Buffer& y,
                           idx<M> matrix) {
  m.each("row", g.n, [&](idx<M> row) {
    m.each("column", row.v + 1, [&](idx<M> column) {
      const cholesky_solve::entry<M> e = g.factor_entry(m, matrix, row, {column.v, m.exact(g.n)});
      m.load(y, e.at);
      m.claim("conjugates what is mirrored", [&] { return m.truth(e.conjugate == in.upper); });
      claim_cholesky_entry(m, in, m.exact(e.at.v), matrix, row, column);
    });
  });
}

template <template <class> class Geometry, class M>
void cholesky_solve::drive_as(M& m) {
  const auto in = cholesky_solve_inputs<M>::of(m);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.x, in.x_rank),
                                 shape<M>::of(m, "y.shape", in.y, in.y_rank), in.upper);
  m.claim("rank of the result", [&] { return m.truth(g.out.rank == in.out_rank); });
  for (int j = 0; j < in.out_rank; ++j) m.claim("shape of the result", [&] { return g.out.dim[j] == in.out[j]; });
  const auto x = m.values("x", product_of(m, g.x.dim, in.x_rank));
  const auto y = m.values("y", product_of(m, g.y.dim, in.y_rank));
  auto out = m.output("out", product_of(m, g.out.dim, in.out_rank));
  m.map(out, g.out.numel, [&](idx<M> i) {
    const position<M> p = g.position_of(m, i);
    m.claim("a component goes to its element", [&] { return g.element(m, p).v == i.v; });
    const auto from = g.source(m, p.matrix);
    const idx<M> right = g.element(m, {from.x, p.row, p.column});
    m.load(x, right);
    claim_broadcast(m, "reads x at the position of the result", m.exact(right.v), in.x, in.x_rank, m.exact(i.v), in.out,
                    in.out_rank);
    claim_broadcast(m, "reads the factor of its matrix", m.exact(from.y.v), in.y, in.y_rank - 2, m.exact(p.matrix.v),
                    in.out, in.out_rank - 2);
    if (in.reads_factor()) drive_cholesky_factor(m, in, g, y, from.y);
  });
  m.accepted();
}

}  // namespace halfulp::op
