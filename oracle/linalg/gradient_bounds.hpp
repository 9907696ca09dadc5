#pragma once

#include <span>
#include <vector>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// What algorithms in format f could lose on each component of sum of w_k v_k v_k^H, given enclosures of them, row-major
/// and real before imaginary parts, in ULPs, rounded up; docs/bounds.md, "The gradient of eigenvalues".
std::vector<ulp_bounds> gradient_bounds(const format& f, const hermitian_matrix& a, std::span<const double> w,
                                        const std::vector<enclosure>& components);

}  // namespace halfulp::linalg
