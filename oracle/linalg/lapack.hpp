#pragma once

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

}  // namespace halfulp::linalg
