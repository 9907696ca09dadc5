#pragma once

#include <complex>
#include <span>
#include <vector>

#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// What algorithms in format f could lose on each component of the gradient of eigvals, given enclosures of all components,
/// in ULPs; infinite where eigenvalues are not told apart. docs/bounds.md, "The gradient of eigenvalues of matrices that are
/// not Hermitian". The condition numbers come from LAPACK's vectors in binary64, without error bounds of their own.
std::vector<ulp_bounds> approx_general_gradient_bounds(const format& f, const square_matrix& a,
                                                       std::span<const std::complex<double>> w,
                                                       const std::vector<enclosure>& components);

}  // namespace halfulp::linalg
