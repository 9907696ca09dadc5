#pragma once

#include <optional>
#include <vector>

#include <halfulp/oracle/linalg/dominance.hpp>
#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// The pencil G - s S of a Hermitian A seen through approximate eigenvectors X: G = X^H A X and S = X^H X, formed in
/// integers and so without any error. X may be any matrix; columns in any order.
class pencil {
 public:
  /// Sorts the columns of X by their Rayleigh quotients.
  pencil(const integer_matrix& a, integer_matrix x);

  int n() const { return x_.n; }
  /// The columns by ascending quotient, and G and S (upper triangles) in the same order.
  const integer_matrix& vectors() const { return x_; }
  const integer_matrix& g() const { return g_; }
  const integer_matrix& s() const { return s_; }
  /// The Rayleigh quotient g_kk / s_kk, to `bits()` bits.
  const real& quotient(int k) const { return quotients_[static_cast<std::size_t>(k)]; }
  mpfr_prec_t bits() const { return bits_; }

  /// An interval that certainly holds the k-th smallest eigenvalue of A (k from 0), by counts at its two ends.
  /// None where nothing could be proved at this precision.
  std::optional<enclosure> enclose(int k) const;

 private:
  /// Whether the count of eigenvalues below s is proved; it is then `count`.
  bool count_below(const real& s, int& count) const;
  /// |g_ii - s s_ii| rounded down, and how many g_ii - s s_ii are negative.
  std::vector<long double> diagonal_at(const real& s, int& negative) const;
  void sort_columns();
  void bound_off_diagonal();

  integer_matrix x_, g_, s_;
  mpfr_prec_t bits_;
  std::vector<real> diagonal_g_, diagonal_s_, quotients_;
  dominance<long double> bounds_;
};

}  // namespace halfulp::linalg
