#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace halfulp::kernels::linalg {

/// The calls of BLAS and LAPACK that the kernels make: square matrices of n x n, column after column, n >= 1, of
/// E = double or std::complex<double>. Approximations; what they are worth is found out afterwards.
template <class E>
struct blas {
  /// c = a b + beta c, b and c of n x columns
  static void multiply(int n, int columns, const E* a, const E* b, double beta, E* c);
  /// c = a^H b
  static void adjoint_multiply(int n, const E* a, const E* b, E* c);
  /// The upper triangle of a^H a.
  static void gram(int n, const E* a, E* c);
  /// The eigenvectors of a (its lower triangle) replace it, by ascending eigenvalue, by divide and conquer.
  static bool eigenvectors(int n, E* a, double* values);
};

/// The eigenvalues of a tridiagonal matrix, ascending; both arguments are used up.
bool tridiagonal_eigenvalues(int n, double* diagonal, double* off_diagonal);

/// sum of x_k^2 in any order
double sum_of_squares(std::span<const double> x);

/// The parts of complex numbers, or the numbers themselves.
inline std::span<const double> parts(const std::vector<double>& x) {
  return x;
}
inline std::span<const double> parts(const std::vector<std::complex<double>>& x) {
  return {reinterpret_cast<const double*>(x.data()), 2 * x.size()};
}

}  // namespace halfulp::kernels::linalg
