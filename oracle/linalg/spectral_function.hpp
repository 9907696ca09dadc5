#pragma once

#include <optional>
#include <vector>

#include <halfulp/oracle/linalg/spectral_basis.hpp>
#include <halfulp/oracle/linalg/upper_bound.hpp>

namespace halfulp::linalg {

/// (re + i im) / count, exactly, times a power of two that is kept beside it.
struct complex_mean {
  integer re, im;
  int count = 1;

  friend bool operator==(const complex_mean& x, const complex_mean& y) {
    return x.re * y.count == y.re * x.count && x.im * y.count == y.im * x.count;
  }
};

/// The boxes of all eigenvalues, disjoint where their weights differ, and the different weights, times 2^exponent.
struct weighted_spectrum {
  std::vector<eigenvalue_box> boxes;
  std::vector<complex_mean> weights;
  long exponent = 0;
};

/// `middle`, with each part of entry (i, j) within rows[i] columns[j] factor.
struct spectral_function {
  integer_matrix middle;
  std::vector<upper_bound> rows, columns;
  upper_bound factor;
  /// Whether the spaces of all boxes are told apart, not of all weights only: then the sum of |(P_s)_ij| over the boxes s is
  /// at most 6 rows[i] columns[j].
  bool separates_boxes = false;

  real radius(int i, int j) const {
    return (rows[static_cast<std::size_t>(i)] * columns[static_cast<std::size_t>(j)] * factor).value();
  }
};

/// Encloses f(B) = sum over the weights m of m P_m, P_m the spectral projector of the eigenvalues with weight m: along the
/// spaces of all others, not orthogonal to them. B may be defective.
///
/// With F = I - Y X, the similar matrix H = (Y X)^-1 Y B X = C + Z, C diagonal, ||Z|| = eta, ||Z'|| the norm of Z between
/// columns of different weights, g the least distance of centres c with different weights, all norms Frobenius's:
/// where g >= 6 eta, every eigenvalue is within 2 eta of a centre, as many for each weight as there are columns, and with
/// delta = g - 2 eta the columns of I + K, ||K|| <= 2 ||Z'|| / delta =: k, span the spaces of H   [stewart73, 4.1], so that
///   ||f(B)_ij - (X M Y)_ij|| <= ||row i of X|| ||column j of Y|| (2 max|m| k / (1 - k) + max|m| ||F||) / (1 - ||F||)
/// since f(B) = X f(H) (I - F)^-1 Y and f(H) = (I + K) M (I + K)^-1. Columns of X and rows of Y are first multiplied by powers
/// of two that make the triangles of B on the spaces of several eigenvalues small beside g.
/// None where a norm is too large, or a disc of radius 2 eta around a centre meets boxes of other weights than one.
std::optional<spectral_function> enclose_function(const integer_matrix& b, const spectral_basis& basis,
                                                  const weighted_spectrum& spectrum);

}  // namespace halfulp::linalg
