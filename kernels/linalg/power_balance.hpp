#pragma once

#include <vector>

namespace halfulp::kernels::linalg {

/// Replaces B, n x n with entries near 1, by D^-1 B D, D a diagonal matrix of powers of two for which rows and columns
/// have about the same norms (?gebal). False, and B as it was, where that is not exact. For double and
/// std::complex<double>.
template <class E>
bool balance_by_powers_of_two(int n, std::vector<E>& b);

}  // namespace halfulp::kernels::linalg
