#pragma once

#include <optional>
#include <vector>

#include <halfulp/oracle/linalg/pencil.hpp>
#include <halfulp/oracle/linalg/upper_bound.hpp>
#include <halfulp/oracle/linalg/weights.hpp>

namespace halfulp::linalg {

/// What the weights of a matrix's eigenvalues are, in ascending order: eigenvalue k has weight means[group[k]]. Equal
/// eigenvalues are of one group, and so are those with equal means.
struct grouped_weights {
  std::vector<int> group;
  std::vector<mean> means;
  long exponent = 0;
};

/// sum over k of w_k v_k v_k^H: `middle` (its upper triangle), with each part of an entry within `radius`.
struct spectral_sum {
  integer_matrix middle;
  real radius;
};

/// At least the Frobenius norm of X^H X - I.
upper_bound orthogonality(const pencil& p);

/// Encloses f(A) = sum of w_k v_k v_k^H from approximate eigenvectors X.
///
/// With M = diag(w), Y = X M X^H, F = X^H X - I, C = X^H A X - X^H X T for the diagonal T of the quotients, and d at most
/// the distance of two eigenvalues of different groups, ||F|| <= 1/2:
///   ||f(A) - Y|| <= max|w| ||F|| + 2 (1 + 2 ||F||) (||C M|| / d + max|w| ||C||^2 / d^2), in Frobenius norms.  [davis70]
/// Proof: with R = A X - X T, X^H R = C, the commutator Y A - A Y is X M R^H - R M X^H, and f(A) commutes with A; so in
/// A's eigenbasis the entry of f(A) - Y between eigenvalues l and m of different groups is that of the commutator over
/// l - m. Within group g it is -w_g V^H (X X^H - I) V - sum over x_j of other groups of (w_j - w_g) (V^H x_j) (V^H x_j)^H,
/// V the eigenvectors of g, and (l - t_j) v^H x_j = v^H r_j. At last ||X||^2 <= 1 + ||F|| and ||X^-1||^2 <= 1 / (1 - ||F||).
///
/// `values` are brackets of the eigenvalues; those of different groups must be disjoint. None where X is too far from
/// unitary, or a quotient lies outside its bracket.
std::optional<spectral_sum> enclose_sum(const pencil& p, const std::vector<enclosure>& values,
                                        const grouped_weights& w);

}  // namespace halfulp::linalg
