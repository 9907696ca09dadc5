#pragma once

#include <vector>

namespace halfulp::kernels::linalg {

/// A X as an unevaluated sum of two matrices, the second much smaller, with |high + low - A X| <= error for every
/// entry; A is n x n, and X has n rows and any number of columns. Entries of A and of X are at most 2 in magnitude, and `x_norm` is at least the 2-norm of each column of X.
///
/// Both are cut into slices of so few bits that products of the leading slices are exact in any order of summation; the
/// rest, 2^(2 bits) times smaller, is summed in binary64.  [ozaki12]
template <class E>
struct sliced_product {
  sliced_product(int n, const std::vector<E>& a, const std::vector<E>& x, double x_norm);

  std::vector<E> high, low;
  double error;
};

}  // namespace halfulp::kernels::linalg
