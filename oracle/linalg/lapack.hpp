#pragma once

#include <complex>
#include <vector>

#include <halfulp/oracle/linalg/hermitian.hpp>

namespace halfulp::linalg {

/// What LAPACK makes of a Hermitian matrix in binary64: approximations, without error bounds.
struct approx_eigensystem {
  std::vector<double> values;     // ascending
  std::vector<double> real;       // vectors as columns, column after column
  std::vector<double> imaginary;  // empty for a real matrix
  bool converged = false;         // false: nothing in here is of use
};

/// Divide and conquer (?syevd, ?heevd), and QR iterations (?syev, ?heev) where that does not converge.
/// Entries should be near 1 in magnitude (`scaled`): LAPACK's own scaling is not relied on.
approx_eigensystem approx_eigensystem_of(const hermitian_matrix& a);

/// The same of a matrix that need not be Hermitian, X near its eigenvectors and Y near X^-1.
struct approx_general_eigensystem {
  int n = 0;
  std::vector<std::complex<double>> values;   // of a real matrix, pairs one after the other, +im first
  std::vector<std::complex<double>> vectors;  // columns of X, each of norm 1
  std::vector<std::complex<double>> inverse;  // Y, column after column
  bool converged = false;
};

/// By ?geev and ?getri. Entries should be near 1 in magnitude.
approx_general_eigensystem approx_general_eigensystem_of(const square_matrix& a);

}  // namespace halfulp::linalg
