#pragma once

#include <vector>

namespace halfulp::kernels::linalg {

/// A X in two parts, A n x n and X with n rows and any number of columns: X = X1 + X', X1 the nearest multiples of a power of
/// two that leaves X' few bits less than the upper half of those of X. For every entry
///   |high + low - A X1| <= error        low much smaller than high
///   |rest - A X'| <= rest_error
/// so that x^H A x = x1^H A x1 + 2 Re(x'^H A x1) + x'^H A x' is known to about the square of what A X is known to.
/// Entries of A and of X are at most 2 in magnitude, and `x_norm` is at least the 2-norm of each column of X.
///
/// A is cut into slices, too, of so few bits that A1 X1 and A2 X1 are exact in any order of summation; A3 X1, 2^(2 bits)
/// times smaller, is summed in binary64.  [ozaki12]
template <class E>
struct sliced_product {
  sliced_product(int n, const std::vector<E>& a, const std::vector<E>& x, double x_norm);

  std::vector<E> x_rest;  // X'
  std::vector<E> high, low, rest;
  double x_rest_norm;  // at least the 2-norm of each column of X'
  double error, rest_error;
};

}  // namespace halfulp::kernels::linalg
