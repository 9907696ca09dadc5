#pragma once

#include <span>
#include <vector>

#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::linalg {

/// An n x n matrix of sums hi + lo, column after column, in which real products A X are added up.
///
/// Rows of A and columns of X, n x n, are cut into two leading slices of s bits, 2 s + log2 n <= 53, and a rest. BLAS
/// multiplies slices without any rounding, in whatever order it adds; products with a rest are 2^(-2 s) times smaller
/// and may lose their last bits:
///   |got - (A X)_ij| <= error_factor(n) rows_i columns_j    [ozaki12]
/// for each product added, where rows_i and columns_j are the powers of two above the largest entries.
class twofold_product {
 public:
  explicit twofold_product(int n);

  /// += sign A X; entries near 1.
  void add(const std::vector<double>& a, const std::vector<double>& x, double sign);

  const std::vector<double_double>& value() const { return value_; }

  static double error_factor(int n);

 private:
  int n_;
  std::vector<double_double> value_;
};

/// The powers of two above the largest magnitudes of the rows, and of the columns, of an n x n matrix; at least 2^-200.
std::vector<double> row_scales(int n, const std::vector<double>& a);
std::vector<double> column_scales(int n, const std::vector<double>& a);

}  // namespace halfulp::linalg
