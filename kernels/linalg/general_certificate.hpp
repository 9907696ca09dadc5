#pragma once

#include <complex>
#include <optional>
#include <vector>

#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::linalg {

/// What LAPACK makes of an n x n matrix B in binary64: approximations, without error bounds.
template <class E>
struct approx_eigenvectors {
  int n = 0;
  std::vector<std::complex<double>> values;  // of a real matrix, pairs one after the other, +im first
  std::vector<E> x;  // columns; of a pair of a real matrix, the real and the imaginary part of the vector of +im
  std::vector<E> y;  // near X^-1
};

/// By ?geev, ?getrf and ?getri; nothing where one of them fails. Defined for double and std::complex<double>.
template <class E>
std::optional<approx_eigenvectors<E>> approx_eigenvectors_of(int n, const std::vector<E>& b);

/// One eigenvalue of B, |l - (re + i im)| <= radius; for a pair of a real matrix its conjugate is another.
struct certified_eigenvalue {
  double_double re, im;
  double radius = 0;
  bool in_pair = false;
};

/// Discs around eigenvalues of B, entries near 1, from any vectors, with proof:
///   X^-1 B X = L + E,  |E - Y R|_ij <= ||F_i|| ||(Y R)_j|| / (1 - ||F||),  R = B X - X L,  F = I - Y X    [rump01, 5]
/// where L is diagonal, or, of a real matrix, has a block [[a, b], [-b, a]] for a pair a +- i b: in real arithmetic
/// throughout, and [[1, 1], [i, -i]] / sqrt(2), which is unitary, takes each block apart in the end.
///
/// Under weights 1 for row k and d <= 1 for all others, Gershgorin's discs are
///   r_k = d sum over j of |e_kj| + s_k,   r_j <= |e_jk| / d + sum over i of |e_ji| + s_j          [gershgorin31]
/// s_j the error of the diagonal. With d = max over j of 2 |e_jk| / |l_j - l_k| the radius of an eigenvalue that is apart
/// from the others is quadratic in the off-diagonal.
template <class E>
class general_certificate {
 public:
  general_certificate(const std::vector<E>& b, const approx_eigenvectors<E>& s);

  /// All n eigenvalues, one of each pair, in discs that do not meet; empty where they are not told apart. R as binary64
  /// gives it: radii of about n u ||B|| times the condition of an eigenvalue.
  std::vector<certified_eigenvalue> in_binary64();
  /// With R in double-double: radii of about the square of that.
  std::vector<certified_eigenvalue> in_double_double();

 private:
  /// Rows and columns of E that belong together: one, or the two of a pair.
  struct unit {
    std::size_t first, width;
  };
  /// At least the magnitudes of what row I of E has in the column of eigenvalue J, and in that of its conjugate.
  struct coupling {
    double same = 0, mirror = 0;
  };

  void bound_inverse();
  void subtract_from_product(std::vector<E>& r) const;
  std::vector<double> subtract_in_double_double(std::vector<E>& r) const;
  std::vector<certified_eigenvalue> discs(const std::vector<E>& r, std::vector<double> lost);
  void bound_losses(const std::vector<E>& r, std::vector<double> lost);
  certified_eigenvalue centre_of(const unit& k) const;
  coupling coupling_of(const unit& i, const unit& j) const;
  /// At least what an entry of E, in the unitary basis, lacks.
  double lacking(const unit& i, const unit& j) const;
  bool isolate(std::vector<certified_eigenvalue>& all) const;
  double scale(std::size_t k) const { return unit_norms_[k]; }

  std::size_t n_;
  const std::vector<E>& b_;
  const approx_eigenvectors<E>& s_;
  std::vector<unit> units_;
  double b_norm_, x_norm_, y_norm_, f_norm_;
  std::vector<double> y_rows_, f_rows_, unit_norms_;  // unit_norms_: of all columns of X that belong to a column's unit
  std::vector<E> e_;
  std::vector<double> from_product_, from_inverse_;  // column by column, times y_rows_ and times f_rows_
};

}  // namespace halfulp::kernels::linalg
