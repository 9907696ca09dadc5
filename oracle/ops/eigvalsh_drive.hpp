// Inputs and specification of eigvalsh, checked on Geometry.
#pragma once

#include <halfulp/oracle/core/square_batch_drive.hpp>
#include <halfulp/oracle/ops/eigvalsh.hpp>

namespace halfulp::op {

// Entry (row, column) of a matrix is read at itself or, conjugated, at its mirror image.
template <class M>
void claim_eigvalsh_entry(M& m, const eigvalsh::entry<M>& e, idx<M> matrix, idx<M> row, idx<M> column, int_of<M> n,
                          bool upper) {
  const ghost_of<M> at = m.exact(e.at.v), size = m.exact(n);
  const ghost_of<M> r = m.low(m.high(at, size), size), c = m.low(at, size);
  m.claim("reads the given triangle", [&] { return upper ? r <= c : r >= c; });
  m.claim("reads the entry or its mirror image", [&] {
    const ghost_of<M> i = m.exact(row.v), j = m.exact(column.v);
    return m.any(m.all(!e.conjugate, r == i, c == j), m.all(e.conjugate, r == j, c == i, i != j));
  });
  m.claim("reads its own matrix", [&] { return m.high(m.high(at, size), size) == m.exact(matrix.v); });
}

template <class M, class Geometry>
void claim_eigvalsh_lapack(M& m, const Geometry& g) {
  const auto call = g.lapack(m);
  claim_square_lapack(m, g, call);
  m.claim("LAPACK is given enough workspace", [&] {
    const ghost_of<M> n = m.exact(g.n);
    return m.all(m.exact(call.syevd_work) >= 1 + 6 * n + 2 * n * n, m.exact(call.heevd_work) >= 2 * n + n * n,
                 m.exact(call.heevd_real_work) >= 1 + 5 * n + 2 * n * n, m.exact(call.int_work) >= 3 + 5 * n);
  });
}

// The inputs that eigvalsh and its gradient share, and when they are valid.
template <class M>
struct eigvalsh_inputs : square_batch_inputs<M> {
  bool upper;

  static eigvalsh_inputs of(M& m) {
    const auto batch = square_batch_inputs<M>::of(m);
    return {batch, m.pick("upper", 0, 1) == 1};
  }
  eigvalsh::triangle uplo() const { return upper ? eigvalsh::triangle::upper : eigvalsh::triangle::lower; }
};

template <template <class> class Geometry, class M>
void eigvalsh::drive_as(M& m) {
  const auto in = eigvalsh_inputs<M>::of(m);
  const int rank = in.rank;
  const auto& d = in.x;
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "x.shape", d, rank), in.uplo());
  m.claim("w has one dimension less than a", [&] { return m.truth(g.w.rank == rank - 1); });
  for (int k = 0; k < rank - 1; ++k) m.claim("shape of w", [&] { return g.w.dim[k] == d[k]; });
  claim_eigvalsh_lapack(m, g);
  const auto a = m.values("a", product_of(m, d, rank));
  auto w = m.output("w", product_of(m, d, rank - 1));
  m.map(w, g.w.numel, [&](idx<M> i) {
    const hi_lo<M> at = split(m, i, m.exact(g.matrices), g.n);  // the matrix, the eigenvalue
    m.claim("eigenvalue k of a matrix goes to its element of w", [&] { return g.result(m, at.hi, at.lo).v == i.v; });
    m.each("row", g.n, [&](idx<M> row) {
      m.each("column", g.n, [&](idx<M> column) {
        const entry<M> e = g.source(m, at.hi, row, column);
        m.load(a, e.at);
        claim_eigvalsh_entry(m, e, at.hi, row, column, g.n, in.upper);
      });
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
