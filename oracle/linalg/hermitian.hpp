#pragma once

#include <cstddef>
#include <vector>

namespace halfulp::linalg {

/// A square matrix of finite binary64 numbers, every entry exactly that of the input, column after column. `imaginary` is
/// empty for a real matrix.
struct square_matrix {
  int n = 0;
  std::vector<double> real;
  std::vector<double> imaginary;

  bool is_complex() const { return !imaginary.empty(); }
  std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(column) * static_cast<std::size_t>(n) + static_cast<std::size_t>(row);
  }
};

/// One that is Hermitian, both triangles stored.
using hermitian_matrix = square_matrix;

/// floor(log2) of the largest magnitude of a part of an entry; 0 for a zero matrix.
int exponent_of_largest(const hermitian_matrix& a);

/// 2^-shift A, rounded to binary64 where it underflows.
hermitian_matrix scaled(const hermitian_matrix& a, int shift);

/// A = scalar I + rest, exactly: the scalar is the first diagonal entry where that leaves a rest more than 2^7 times
/// smaller than A, and 0 elsewhere. The rest has A's eigenvectors, and its eigenvalues are told apart more easily.
struct scalar_and_rest {
  double scalar;
  hermitian_matrix rest;
};
scalar_and_rest without_scalar(const hermitian_matrix& a);

}  // namespace halfulp::linalg
