#pragma once

#include <optional>
#include <vector>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// Enclosures of the eigenvalues of a Hermitian A from approximate eigenvectors X and eigenvalues in binary64, by the
/// residuals alone. Nothing is assumed about their quality.
///
/// Normwise, for every k: with R = A X - X L, L the diagonal of the approximate eigenvalues, and F = X^H X - I, let
/// X = U H be the polar decomposition. U^H A U = H L H^-1 + U^H R H^-1 has A's eigenvalues, and what its Hermitian part
/// differs from L is, since H L - L H is skew-Hermitian, at most
///   |l_k - L_k| <= ||R|| / sqrt(1 - ||F||) + 2 ||F||^2 ||L|| / (1 - ||F||)                     [parlett98, 11.5]
///
/// For one eigenvalue that this separates from its neighbours, l_(k-1) <= a < t < b <= l_(k+1), t the Rayleigh quotient
/// of x with residual r = A x - t x, the bound is quadratic in the residual:
///   t - ||r||^2 / (||x||^2 (b - t)) <= l_k <= t + ||r||^2 / (||x||^2 (t - a))           [kato49] [temple28]
/// t is computed in double-double.
class residual_certificate {
 public:
  /// Entries of A at most 2 in magnitude, and each part within `lost` of that of the matrix that is meant; s converged,
  /// of A's size. Both must outlive the certificate.
  residual_certificate(const hermitian_matrix& a, const approx_eigensystem& s, double lost);

  /// The normwise radius; infinite where X is too far from unitary.
  double radius() const { return radius_; }
  /// An interval that certainly holds the k-th smallest eigenvalue (k from 0): the approximation and the radius.
  std::optional<enclosure> normwise(int k) const;
  /// The same by the second bound; none where the neighbours are too close.
  std::optional<enclosure> separate(int k) const;

 private:
  const hermitian_matrix& a_;
  const approx_eigensystem& s_;
  double lost_;  // at least the 2-norm of what A lacks
  double norm_;  // at least the Frobenius norm of A
  double radius_;
};

}  // namespace halfulp::linalg
