#pragma once

#include <cstddef>
#include <vector>

#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// A lower triangular matrix L of finite binary64 numbers, its diagonal nonzero, row after row; what stands above the
/// diagonal is not read. `imaginary` is empty for a real matrix.
struct triangular_factor {
  std::size_t n = 0;
  std::vector<double> real;
  std::vector<double> imaginary;

  bool is_complex() const { return !imaginary.empty(); }
  std::size_t at(std::size_t row, std::size_t column) const { return row * n + column; }
};

/// A column of finite binary64 numbers; `imaginary` is empty for a real one.
struct column_vector {
  std::vector<double> real;
  std::vector<double> imaginary;
};

/// The real and imaginary parts of a vector, one after the other, or its real elements: each certainly holds its
/// number.
using enclosures = std::vector<enclosure>;

/// y = L^-1 b and x = L^-H y.
struct triangular_solutions {
  enclosures y, x;
};

/// A set of numbers: every one is an integer times 2^exponent / D, for one integer D with 0 < D < 2^bits. Two of them
/// that differ are at least 2^(exponent - bits) apart.
struct rational_grid {
  long exponent = 0;
  long bits = 0;
};

/// Where sums of numbers of two sets lie, and products.
inline rational_grid operator+(const rational_grid& a, const rational_grid& b) {
  return {a.exponent < b.exponent ? a.exponent : b.exponent, a.bits + b.bits};
}
inline rational_grid operator*(const rational_grid& a, const rational_grid& b) {
  return {a.exponent + b.exponent, a.bits + b.bits};
}

/// L y = b and L^H x = y by substitution in interval arithmetic.
///
/// The width of the results is at most that of their roundings times what |l| makes of them, so that it falls like
/// 2^-bits: whatever the condition of L is, some precision is enough.
class interval_substitution {
 public:
  explicit interval_substitution(const triangular_factor& l);

  /// On MPFR numbers of `bits` bits, every operation rounded outward.
  triangular_solutions solve(const column_vector& b, mpfr_prec_t bits) const;

  /// Where x[i] and y[i] lie: with row i of L scaled by a power of two to integers l', D is a product of |l'_ii|^2,
  /// by Cramer's rule. Parts of complex numbers lie there, too.
  std::vector<rational_grid> grids_of_x(const column_vector& b) const;
  std::vector<rational_grid> grids_of_y(const column_vector& b) const;

  std::size_t parts() const { return imaginary_.empty() ? 1 : 2; }
  std::size_t size() const { return n_; }

 private:
  long exponent_of_column(const column_vector& b) const;

  std::size_t n_;
  std::vector<real> real_, imaginary_;  // of L, row after row
  std::vector<long> row_exponent_;      // 2^row_exponent_[i] divides row i of L
  long determinant_bits_ = 0;           // the product of |l'_ii|^2 is below 2^determinant_bits_
};

}  // namespace halfulp::linalg
