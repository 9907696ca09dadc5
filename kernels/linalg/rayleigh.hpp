#pragma once

#include <vector>

#include <halfulp/kernels/linalg/tridiagonal.hpp>

namespace halfulp::kernels::linalg {

/// The eigenvalues of a Hermitian n x n matrix from LAPACK's eigenvectors X in binary64: Rayleigh quotients
/// x^H A x / x^H x in double-double, each with a radius that is second order in the error of its vector.
///
/// The proof is oracle/linalg/dominance.hpp's: counts of the eigenvalues below the two ends of each interval, from the
/// pencil X^H A X - s X^H X, whose off-diagonal is computed in binary64 and whose diagonal in double-double, with their
/// rounding errors added.
/// Entries of `a` at most 2 in magnitude, at least one of 1 or more, or all 0.
template <class E>
certified_values rayleigh_certificate(int n, const std::vector<E>& a);

/// The same from any X of n columns that are meant for the eigenvalues in ascending order, entries at most 2 in
/// magnitude: a bad X costs radii, never the truth.
template <class E>
certified_values rayleigh_certificate(int n, const std::vector<E>& a, const std::vector<E>& x);

}  // namespace halfulp::kernels::linalg
