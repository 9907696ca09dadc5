// A batch of square matrices x and one vector w for each: what the ops on eigenvalues share.
#pragma once

#include <halfulp/oracle/core/shape.hpp>

namespace halfulp {

// Largest n: LAPACK takes the size of its workspace, 1 + 6 n + 2 n^2, as an int32.
inline constexpr std::int64_t max_lapack_n = 32766;

// Positions of an element of such a batch.
template <class M>
struct square_place {
  idx<M> matrix, row, column;
};

template <class M>
struct square_batch {
  shape<M> a, w;  // (..., n, n), (..., n)
  int_of<M> n;
  int_of<M> matrices;  // in the batch: 0 if there is none, or if n = 0

  // Throws unless a is a batch of square matrices with n at most max_lapack_n.
  HALFULP_HOST_DEVICE static square_batch of(M& m, const shape<M>& a) {
    m.require(m.truth(a.rank >= 2), "x must have at least 2 dimensions", named("rank of x", int_of<M>(a.rank)));
    const int_of<M> rows = a.dim[a.rank - 2], n = a.dim[a.rank - 1];
    m.require(rows == n, "the matrices must be square", named("x.shape", a.rank - 2, rows),
              named("x.shape", a.rank - 1, n));
    m.require(n <= max_lapack_n, "the matrices must be at most 32766 x 32766, for LAPACK's workspace",
              named("x.shape", a.rank - 1, n));
    prefixes_grow(m, a);
    square_batch g{a, shape<M>::of(m, "w.shape", a.dim, a.rank - 1), n, 0};
    if (a.numel == 0) return g;
    g.matrices = 1;
    for (int k = 0; k < a.rank - 2; ++k) g.matrices = g.matrices * a.dim[k];
    return g;
  }

  // The element of a at (row, column) of a matrix of the batch.
  HALFULP_HOST_DEVICE idx<M> element(M& m, idx<M> matrix, idx<M> row, idx<M> column) const {
    return join(m, join(m, matrix, row, n), column, n);
  }
  HALFULP_HOST_DEVICE idx<M> element_of(M& m, const square_place<M>& p) const {
    return element(m, p.matrix, p.row, p.column);
  }
  // The positions of element i of a.
  HALFULP_HOST_DEVICE square_place<M> place_of(M& m, idx<M> i) const {
    const hi_lo<M> s = split(m, i, m.exact(matrices) * m.exact(n), n);
    const hi_lo<M> t = split(m, s.hi, m.exact(matrices), n);
    return {t.hi, t.lo, s.lo};
  }
  // The element of w for eigenvalue k of a matrix of the batch.
  HALFULP_HOST_DEVICE idx<M> result(M& m, idx<M> matrix, idx<M> k) const { return join(m, matrix, k, n); }

 private:
  // In proofs: no product of leading dimensions exceeds that of all.
  HALFULP_HOST_DEVICE static void prefixes_grow(M& m, const shape<M>& a) {
    if (a.numel == 0) return;
    for (int k = 1; k < a.rank; ++k) lemma_product_grows<M>(m, a.prefix(m, k), m.exact(a.dim[k]));
  }
};

}  // namespace halfulp
