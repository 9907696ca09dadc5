#pragma once

#include <vector>

#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// The bounds of both parts of one eigenvalue.
struct complex_bounds {
  ulp_bounds re, im;
};

/// What algorithms in format f could lose on each eigenvalue of A, given enclosures of all of them, in ULPs; infinite for
/// an eigenvalue that is not told apart from another one, unless A is normal. docs/bounds.md, "Eigenvalues of matrices that
/// are not Hermitian". The condition numbers come from LAPACK's vectors in binary64, without error bounds of their own.
template <class R>
std::vector<complex_bounds> approx_general_bounds(const square_matrix& a,
                                                  const std::vector<complex_eigenvalue<R>>& values);

/// Whether A A^H = A^H A, exactly.
bool is_normal(const square_matrix& a);

}  // namespace halfulp::linalg
