// The loops of the Householder reduction that are written for SIMD: each has a version for every instruction set that
// Highway compiles, and calls the best that the processor has. Which one runs changes radii, and no result.
#pragma once

#include <cstdint>

namespace halfulp::kernels::linalg {

/// What the reduction works on. Columns and vectors are `stride` apart and aligned to whole vectors, `stride` at least
/// n + reflection_slack.
struct reflection_arrays {
  std::int64_t n, stride;
  double* a;           ///< n + 3 columns: the upper triangle, zeros up to the next multiple of 8 rows and in the last 3
  double* reflectors;  ///< v of the step at size m goes to column m, with zeros up to the next multiple of 8 rows
  double* d;           ///< n: the diagonal of T
  double* e;           ///< n: the off-diagonal, e[m - 1] from the step at size m
  double* tau;         ///< n: tau[m] = 2 / v^T v; 0 where the step was left out
};
inline constexpr std::int64_t reflection_slack = 8;

/// An off-diagonal column whose squares sum to less is taken for 0 and its step left out: that moves no eigenvalue by
/// more than 2^-199.
inline constexpr double least_square = 0x1p-400;

/// Householder's reduction, from the last column to the first.
void reflect_to_tridiagonal(const reflection_arrays&);

/// x -= tau v (v^T x), m numbers each; v is aligned and ends in whole vectors of zeros.
void apply_reflection(const double* v, double tau, double* x, std::int64_t m);

/// The most roundings that a term goes through: of A x with A of size m, and of an inner product of length m.
std::int64_t symmetric_product_depth(std::int64_t m);
std::int64_t reflection_dot_depth(std::int64_t m);

}  // namespace halfulp::kernels::linalg
