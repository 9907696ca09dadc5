#pragma once

#include <span>

namespace halfulp::kernels::linalg {

/// below[i] = how many eigenvalues of T lie below points[i], T symmetric and tridiagonal with diagonal d and off-diagonal
/// e, both n long (the last of e is not read), entries and points at most 2^100 in magnitude.
///
/// The count at a point is exact for some T' there with ||T' - T|| <= sturm_error(max |e|): the five roundings of a
/// pivot q_i = (d_i - s) - e_(i-1)^2 / q_(i-1) are as good as changes of e_(i-1) by a relative 5/2 u, and a pivot too
/// small to divide by counts as a small negative one, as if d_i were less by 2^-499.  [demmel97, lemma 5.3]
void sturm_counts(std::span<const double> d, std::span<const double> e, std::span<const double> points,
                  std::span<int> below);

/// 6 u max |e| + 2^-498: an off-diagonal of entries up to x has norm at most 2 x.
double sturm_error(double largest_off_diagonal);

}  // namespace halfulp::kernels::linalg
