#pragma once

#include <cstddef>
#include <vector>

#include <boost/multiprecision/gmp.hpp>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/real/real.hpp>

namespace halfulp::linalg {

/// An integer of any size.
using integer = boost::multiprecision::number<boost::multiprecision::gmp_int, boost::multiprecision::et_off>;

using halfulp::raw;
using halfulp::to_real;
inline mpz_ptr raw(integer& x) {
  return x.backend().data();
}
inline mpz_srcptr raw(const integer& x) {
  return x.backend().data();
}

/// A square matrix of Gaussian integers times 2^exponent, column after column; `imaginary` is empty for a real one.
/// What is computed with it is exact unless its name says otherwise.
struct integer_matrix {
  int n = 0;
  long exponent = 0;
  std::vector<integer> real;
  std::vector<integer> imaginary;

  integer_matrix() = default;
  integer_matrix(int size, long power, bool is_complex);

  bool is_complex() const { return !imaginary.empty(); }
  std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(column) * static_cast<std::size_t>(n) + static_cast<std::size_t>(row);
  }
};

/// A, with the largest exponent that leaves every entry an integer.
integer_matrix exact_integers(const square_matrix& a);
/// 2^-shift D^-1 A D likewise, D = diag(2^d_k).
integer_matrix exact_integers(const square_matrix& a, const std::vector<int>& d, int shift);

/// The identity as integers times 2^-bits.
integer_matrix identity(int n, long bits, bool is_complex);

/// X^H, with the exponent of X.
integer_matrix adjoint(const integer_matrix& x);

/// X^H Y; only its upper triangle where `upper` is set. Both are real, or both complex.
integer_matrix adjoint_product(const integer_matrix& x, const integer_matrix& y, bool upper);

/// X with every part rounded to a multiple of 2^-bits, |got - X| <= 2^-(bits + 1) for each; X.exponent <= -bits.
integer_matrix rounded_to_bits(const integer_matrix& x, long bits);

/// A with imaginary parts, 0 where it has none.
integer_matrix as_complex(integer_matrix a);

/// B plus a matrix of about 2^-bits of it, always the same: eigenvectors that LAPACK or Arb find equal become different.
integer_matrix disturbed(const integer_matrix& b, long bits);

/// 2^exponent times the integer, exactly.
real to_real(const integer& x, long exponent);

/// The integer nearest to 2^bits x for a finite x.
integer fixed_point(double x, long bits);
integer fixed_point(const real& x, long bits);

}  // namespace halfulp::linalg
