#pragma once

#include <vector>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// What algorithms in format f could lose on each eigenvalue of A, given enclosures of all of them, ascending, in ULPs,
/// rounded up; docs/bounds.md, "Eigenvalues of Hermitian matrices".
std::vector<ulp_bounds> bounds_of(const format& f, const hermitian_matrix& a, const std::vector<enclosure>& values);

}  // namespace halfulp::linalg
