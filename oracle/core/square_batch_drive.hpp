// Inputs and claims that the ops on eigenvalues share.
#pragma once

#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/square_batch.hpp>

namespace halfulp {

// A batch of square matrices of any rank, and when it is valid.
template <class M>
struct square_batch_inputs {
  int rank;
  int_of<M> x[max_rank];

  static square_batch_inputs of(M& m) {
    square_batch_inputs in{m.pick("rank of x", 0, max_rank), {}};
    for (int k = 0; k < in.rank; ++k) in.x[k] = m.input("x.shape", k);
    spec_shape(m, in.x, in.rank);
    m.spec(m.truth(in.rank >= 2));
    if (in.rank >= 2) {
      m.spec(m.exact(in.x[in.rank - 2]) == m.exact(in.x[in.rank - 1]));
      m.spec(m.exact(in.x[in.rank - 1]) <= max_lapack_n);
    }
    return in;
  }
};

// What LAPACK and BLAS are given, but for workspace.
template <class M, class Geometry, class Call>
void claim_square_lapack(M& m, const Geometry& g, const Call& call) {
  m.claim("LAPACK is called if and only if there is a matrix with an element",
          [&] { return m.iff(call.call, g.a.numel > 0); });
  m.claim("LAPACK is given n >= 1", [&] { return m.implies(call.call, call.n >= 1); });
  m.claim("LAPACK is given lda >= max(1, n)", [&] { return m.all(call.lda >= 1, call.lda >= call.n); });
  m.claim("BLAS is given every part of every entry",
          [&] { return m.exact(call.parts) == 2 * m.exact(g.n) * m.exact(g.n); });
}

// Element e of x is (row, column) of that matrix.
template <class M, class Geometry>
void claim_square_entry(M& m, const Geometry& g, idx<M> e, idx<M> matrix, idx<M> row, idx<M> column) {
  m.claim("reads the entry of its own matrix", [&] {
    const ghost_of<M> from = m.exact(e.v), size = m.exact(g.n);
    const ghost_of<M> line = m.high(from, size);
    return m.all(m.low(from, size) == m.exact(column.v), m.low(line, size) == m.exact(row.v),
                 m.high(line, size) == m.exact(matrix.v));
  });
}

}  // namespace halfulp
