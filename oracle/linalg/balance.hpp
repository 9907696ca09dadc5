#pragma once

#include <vector>

#include <halfulp/oracle/linalg/hermitian.hpp>

namespace halfulp::linalg {

/// The strongly connected components of the graph with an edge i -> j for each entry a_ij that is not 0: a permutation
/// makes A block triangular with its submatrices on them on the diagonal, whose eigenvalues are A's.
std::vector<std::vector<int>> strong_components(const square_matrix& a);

/// Exponents d for which rows and columns of D^-1 A D, D = diag(2^d_k), have about the same norms: Osborne's iteration
/// [osborne60], each step of which is exact. A is irreducible.
std::vector<int> balancing_exponents(const square_matrix& a);

/// 2^-shift D^-1 A D, its largest part near 1.
struct balanced_matrix {
  square_matrix matrix;  ///< rounded to binary64 where that is not `exact`
  int shift = 0;
  std::vector<int> exponents;
  bool exact = true;
};
balanced_matrix balanced(const square_matrix& a);
/// The same of any square A, each strongly connected component balanced for itself.
balanced_matrix balanced_in_blocks(const square_matrix& a);

/// Whether A is its own conjugate transpose, or minus it where `sign` is -1.
bool is_hermitian(const square_matrix& a, int sign);

}  // namespace halfulp::linalg
