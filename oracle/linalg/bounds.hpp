#pragma once

#include <vector>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// What algorithms in format f could lose on each eigenvalue of A, given enclosures of all of them, ascending, in ULPs,
/// rounded up; docs/bounds.md, "Eigenvalues of Hermitian matrices".
std::vector<ulp_bounds> bounds_of(const format& f, const hermitian_matrix& a, const std::vector<enclosure>& values);

/// p(n) u, with p(n) = 4 n
double unit_of_loss(const format& f, int n);

/// A bound in ULPs of the smallest number in e, rounded up.
double in_ulps(const format& f, double bound, const enclosure& e);

/// An upper bound on what a relative perturbation of the entries of D^-1 A D^-1, D^2 the magnitudes of the diagonal of A,
/// is multiplied by in every eigenvalue of A; infinite where none is known.
double scaled_condition(const hermitian_matrix& a);

}  // namespace halfulp::linalg
