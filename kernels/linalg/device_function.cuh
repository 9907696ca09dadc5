// f(B) for matrices in device memory that have distinct eigenvalues, f by its values there, in double-double with a radius.
//
// With X near the eigenvectors of B, Y near X^-1, L diagonal, R = B X - X L, S = Y X - I and T = Y R:
//
//   X^-1 B X = L + E,  E = (I + S)^-1 T,  f(B) = X f(L + E) (I + S)^-1 Y
//
// and where the diagonals l of L + E are apart by more than what E couples, with P_ij = E_ij / (l_j - l_i) beside the diagonal and 0
// on it, exp(-P) (L + E) exp(P) is diagonal but for N, ||N|| <= 1.2 ||P|| ||E||, by the series of commutators, where ||P|| <= .05. An
// eigenvector of that, 1 in its own place, is (N w)_i / (l_j' - l_i) in the others. So, D being the values of f,
//
//   f(B) = X (D + M + K) Y,  M_ij = T_ij (d_i - d_j) / (l_i - l_j) - d_i S_ij
//
// with K of second order: bound_of_function has it, docs/cuda/linear_algebra.md says why. All norms are Frobenius'.
#pragma once

#include <halfulp/kernels/linalg/dense_libraries.cuh>
#include <halfulp/kernels/linalg/device_general.cuh>
#include <halfulp/kernels/linalg/scaled_decision.hpp>
#include <halfulp/kernels/linalg/tiled_product.cuh>

namespace halfulp::kernels::cuda {

/// `count` matrices of n x n numbers of E, double or complex_number, column after column; those whose state is at_work.
template <class E>
struct function_batch {
  const E *b, *values;  ///< B near 1, and the n numbers of L of each
  E *x, *y;             ///< X and Y
  const E* weights;     ///< the d_k, the largest part of a matrix's in [1, 2)
  const double* discs;  ///< at least |l - values_k| for the eigenvalue l that d_k is for; or nullptr: d_k is for the
                        ///< one nearest to values_k
  E *r, *s, *t, *w;     ///< n x n each: R, S, T, and what becomes of them
  double *x_rows, *y_columns;  ///< at least the norms of rows of X and of columns of Y
  double* z_rows;              ///< at least the norms of rows of the low part of X (D + M)
  double* bound;               ///< of each matrix: find_function
  int* state;
  int n;
  std::int64_t count;

  HALFULP_HOST_DEVICE std::int64_t size() const { return std::int64_t{n} * n; }
};

/// What R, S, T and X M lack: R and S `sums` of the magnitudes of their terms and the rounding of their values, T `products` of
/// them and `rounding` of itself, X M `last` of them.
struct function_errors {
  double sums, products, rounding, last;
};

/// Z = X (D + M), high part in r and low part in s, and the bounds that rounded_function needs. Matrices whose eigenvalues are
/// too near to each other, or whose vectors are not good enough, are left. `by`: bound to the queue. Where it `refines`, for
/// formats of 53 bits, X (I + P) and (I - S - P) Y replace X and Y before: P is of the size of a rounding then, however near
/// eigenvalues are, since the T of a rounding error of X is in proportion to their distances.
template <class E>
void find_function(const dense_libraries& by, const function_batch<E>& f, bool refines, const cuda_queue& queue);

/// f(B) = Z Y as product_kernel hands it over: take(m, i, j, part, value, radius) for each of its parts.
template <class E, class Take>
struct enclosed_function {
  function_batch<E> f;
  Take take;

  __device__ bool wanted(std::int64_t m) const { return f.state[m] == at_work; }
  /// j, i: the product is that of the transposes.
  __device__ void operator()(std::int64_t m, int j, int i, const compensated_sum<E>& s) const {
    const double g = gamma(6 * (std::int64_t{f.n} + 8), unit_roundoff), x = f.x_rows[m * f.n + i],
                 y = f.y_columns[m * f.n + j], low = f.z_rows[m * f.n + i];
    // Z lacks 6 u^2 of |x| |d|, and u of its low part; the sum tiled_bound of what is high and 2 g of what is low; |d| < 3
    const double lost = x * (f.bound[m] + 3 * (6 * unit_roundoff * unit_roundoff + tiled_bound<E>(f.n))) +
                        low * (unit_roundoff + 2 * g);
    const double radius = linalg::rounded_up(y * lost, 16) + 0x1p-700;
    for (int p = 0; p < parts_of_number<E>; ++p) take(m, i, j, p, two_sum(s.part[p].high, s.part[p].low), radius);
  }
};

/// `upper`: only i <= j.
template <class E, class Take>
void round_function(const function_batch<E>& f, bool upper, const Take& take, const cuda_queue& queue) {
  // (Z Y)^T = Y^T Z^T
  multiply_compensated(queue, f.n, f.count, strided_matrices<E>{f.y, nullptr, f.n, 1},
                       strided_matrices<E>{f.r, f.s, f.n, 1}, upper, enclosed_function<E, Take>{f, take});
}

}  // namespace halfulp::kernels::cuda
