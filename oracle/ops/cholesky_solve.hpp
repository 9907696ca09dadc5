// out = X with A X = x; A = L L^H (or U^H U) for the factor y = L (or U) as it is given
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/broadcast.hpp>
#include <halfulp/oracle/core/broadcast_drive.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>

namespace halfulp {
struct truth;
}

namespace halfulp::op {

struct cholesky_solve {
  static constexpr const char* name = "cholesky_solve";
  static constexpr const char* schema = "cholesky_solve(Tensor x|B, Tensor y|L, bool upper=False) -> Tensor";
  static constexpr std::array apis{"paddle.linalg.cholesky_solve", "paddle.Tensor.cholesky_solve",
                                   "torch.cholesky_solve"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "cholesky_solve_x_grad"}, gradient{"y", "cholesky_solve_y_grad"}};
  using element_types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;

  // An entry of L: the element of y to read, and whether to conjugate it.
  template <class M>
  struct entry {
    idx<M> at;
    bool conjugate;
  };
  // An element of a batch of matrices.
  template <class M>
  struct position {
    idx<M> matrix, row, column;
  };

  template <class M>
  struct geometry {
    shape<M> x, y, out;  // (..., n, k), (..., n, n), the broadcast batch and (n, k)
    int_of<M> n, k;
    int_of<M> matrices;  // of out: 0 if it has no element
    bool upper;

    // Throws unless y is a batch of square matrices, x one of matrices with as many rows, and the batches can be
    // broadcast.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& y, bool upper) {
      m.require(m.truth(x.rank >= 2), "x must have at least 2 dimensions", named("rank of x", int_of<M>(x.rank)));
      m.require(m.truth(y.rank >= 2), "y must have at least 2 dimensions", named("rank of y", int_of<M>(y.rank)));
      const int_of<M> n = y.dim[y.rank - 1], k = x.dim[x.rank - 1];
      m.require(y.dim[y.rank - 2] == n, "the factors must be square", named("y.shape", y.rank - 2, y.dim[y.rank - 2]),
                named("y.shape", y.rank - 1, n));
      m.require(x.dim[x.rank - 2] == n, "x must have as many rows as y",
                named("x.shape", x.rank - 2, x.dim[x.rank - 2]), named("y.shape", y.rank - 1, n));
      int_of<M> d[max_rank] = {};
      const int batch = broadcast<M>::leading_of(m, x, x.rank - 2, y, y.rank - 2, d);
      d[batch] = n;
      d[batch + 1] = k;
      geometry g{x, y, shape<M>::of(m, "the result's shape", d, batch + 2), n, k, 0, upper};
      g.count_matrices(m);
      return g;
    }

    // The matrix of out, and the row and column in it, of element i.
    HALFULP_HOST_DEVICE position<M> position_of(M& m, idx<M> i) const {
      const hi_lo<M> column = split(m, i, m.exact(matrices) * m.exact(n), k);
      const hi_lo<M> row = split(m, column.hi, m.exact(matrices), n);
      return {row.hi, row.lo, column.lo};
    }
    // The matrices of x and of y that give a matrix of out.
    struct pair {
      idx<M> x, y;
    };
    HALFULP_HOST_DEVICE pair source(M& m, idx<M> matrix) const {
      const shape<M> batch = batch_of(out);
      idx<M> at[max_rank] = {};
      batch.unravel(m, matrix, at);
      return {broadcast<M>::source(m, batch_of(x), at, batch.rank),
              broadcast<M>::source(m, batch_of(y), at, batch.rank)};
    }

    // The element for L(row, column), row >= column, of a matrix of y: of the triangle that `upper` names.
    HALFULP_HOST_DEVICE entry<M> factor_entry(M& m, idx<M> matrix, idx<M> row, idx<M> column) const {
      const idx<M> r = upper ? column : row, c = upper ? row : column;
      return {join(m, join(m, matrix, r, n), c, n), upper};
    }
    // The element of x or of out at this place of one of its matrices.
    HALFULP_HOST_DEVICE idx<M> element(M& m, const position<M>& p) const {
      return join(m, join(m, p.matrix, p.row, n), p.column, k);
    }

   private:
    HALFULP_HOST_DEVICE static shape<M> batch_of(shape<M> s) {
      s.rank -= 2;
      return s;
    }
    HALFULP_HOST_DEVICE void count_matrices(M& m) {
      if (out.numel == 0) return;
      for (int j = 1; j < out.rank; ++j)  // in proofs: no product of leading dimensions exceeds that of all
        lemma_product_grows<M>(m, out.prefix(m, j), m.exact(out.dim[j]));
      matrices = 1;
      for (int j = 0; j < out.rank - 2; ++j) matrices = matrices * out.dim[j];
    }
  };

  /// Right sides x of shape (..., n, k) and factors y of shape (..., n, n), both of T; the batches are broadcast. Of
  /// each factor one triangle is read, imaginary parts of a complex diagonal included.
  template <class T>
  struct args {
    std::span<const T> x, y;
    geometry<run> shape;
  };

  /// Throws invalid_argument: factors that are not square, another number of rows, batches that cannot be broadcast,
  /// dtypes that differ.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto g = geometry<run>::of(m, shape_of(m, "x.shape", c.tensor("x")), shape_of(m, "y.shape", c.tensor("y")),
                                     c.boolean("upper"));
    return {elements<T>(c, "x"), elements<T>(c, "y"), g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.out)}};
  }

  /// Defined in oracle/ops/cholesky_solve.cpp for the element types. A component that stays undecided within the
  /// budget of `linalg::solve_cholesky` is reported so, and is the canonical NaN in `rounded`.
  template <class T>
  static std::vector<truth> truth_of(const args<T>& a);

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/cholesky_solve_drive.hpp>
