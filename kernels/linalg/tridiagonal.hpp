#pragma once

#include <vector>

#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::linalg {

/// |values[k] - the k-th smallest eigenvalue| <= radius[k], certainly; infinite where nothing was proved.
struct certified_values {
  std::vector<double_double> values;
  std::vector<double> radius;
};

/// An approximate reduction of a Hermitian A to tridiagonal form: A is about Q T Q^H.
template <class E>
struct reduction {
  int n;
  std::vector<E> q;
  std::vector<double> d, e;  // the diagonal of T, and its off-diagonal, which ends with a 0
};

/// At least the distance of the k-th smallest eigenvalues of A and of T, for every k; infinite where Q is too far from
/// unitary. Stated and proved at tridiagonal_certificate.
template <class E>
double reduction_radius(const std::vector<E>& a, const reduction<E>& r);

/// The eigenvalues of a Hermitian n x n matrix in binary64, all with one normwise radius, from its tridiagonal form.
///
/// With Q and T as LAPACK computes them, R = A Q - Q T and F = Q^H Q - I: let Q = U H be the polar decomposition. Then
/// U^H A U = H T H^-1 + U^H R H^-1 is Hermitian and has A's eigenvalues, and its Hermitian part differs from T by
/// at most
///   ||R|| / sqrt(1 - ||F||) + 2 ||F||^2 ||T|| / (1 - ||F||)
/// which by Weyl's theorem bounds the distance of the k-th eigenvalues of A and T: first order in the residual, second
/// order in the loss of orthogonality. R and F are computed, and the rounding errors of that are bounded a priori.
/// The eigenvalues of T are proved by Sturm counts, which are exact for some T whose off-diagonal entries differ by a
/// relative 3 u.  [demmel97, lemma 5.3]
/// Entries of `a` at most 2 in magnitude, at least one of 1 or more, or all 0.
template <class E>
certified_values tridiagonal_certificate(int n, const std::vector<E>& a);

}  // namespace halfulp::kernels::linalg
