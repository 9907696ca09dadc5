#pragma once

#include <optional>
#include <vector>

#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/integer_matrix.hpp>
#include <halfulp/oracle/linalg/isolation.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// A disc in the complex plane that holds `count` eigenvalues and meets no other disc of its list.
struct eigenvalue_disc {
  real re, im;
  real radius;
  int count = 1;
  real mean_re, mean_im;  ///< of the approximations inside: a guess at an eigenvalue that they all stand for
  /// Of a real matrix: whether the disc is its own mirror image, so that the number of nonreal eigenvalues inside is
  /// even and a single one is real.
  bool symmetric = false;
};

/// Discs around all eigenvalues of the balanced matrix (2^-shift D^-1 A D), from vectors that LAPACK finds in binary64;
/// empty where nothing is proved. Nothing is assumed about the vectors.
///
/// With vectors X, values L, Y near X^-1, R = B X - X L and F = I - Y X, ||F|| < 1:
///   X^-1 B X = L + E,  |E - Y R|_ij <= ||F_i|| ||(Y R)_j|| / (1 - ||F||)                     [rump01, 5]
/// R is formed in double-double, so that the diagonal L + E is known to about n ||y_i|| ||r_j|| u more digits than
/// binary64 has; `isolation` does the rest.
std::vector<eigenvalue_disc> discs_in_binary64(const balanced_matrix& b);

/// The same for a matrix of integers with approximate eigenvectors of `bits` bits, which Arb's QR iteration finds: all
/// products of the pencil Y (B - l I) X in integers, without any error. Empty where nothing is proved.
std::vector<eigenvalue_disc> discs_in_integers(const integer_matrix& b, long bits);

}  // namespace halfulp::linalg
