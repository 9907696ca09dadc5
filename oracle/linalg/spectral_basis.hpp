#pragma once

#include <optional>
#include <vector>

#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// Where `count` eigenvalues are that share a weight: in the box re x im.
struct eigenvalue_box {
  enclosure re, im;
  int count = 1;
  int weight = 0;  ///< which one of a list
};

/// X, and Y near X^-1, of a matrix B, without error bounds: the columns of X are near eigenvectors of B, and those for one
/// box of several eigenvalues near an orthonormal basis of the space that belongs to these.
struct spectral_basis {
  integer_matrix x, y;
  std::vector<int> box;  ///< the one that a column was taken for
};

/// From eigenvectors that LAPACK finds in binary64, where each box has one eigenvalue; none where it finds none.
/// Boxes are of 2^shift times the eigenvalues of the balanced matrix.
std::optional<spectral_basis> approx_basis_in_binary64(const balanced_matrix& b,
                                                       const std::vector<eigenvalue_box>& boxes);

/// From eigenvectors of `bits` bits, which Arb's QR iteration finds. Where a box has several eigenvalues they are those of B
/// plus a matrix of about 2^(-bits / 2) of it, so that they differ; then about bits / 2 of the bits are of use.
std::optional<spectral_basis> approx_basis(const integer_matrix& b, long bits,
                                           const std::vector<eigenvalue_box>& boxes);

}  // namespace halfulp::linalg
