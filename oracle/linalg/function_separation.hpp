#pragma once

#include <optional>

#include <halfulp/oracle/linalg/distinct_roots.hpp>
#include <halfulp/oracle/linalg/spectral_function.hpp>

namespace halfulp::linalg {

/// How far parts of f(B)_ij, f as in `enclose_function`, are from a dyadic number that they are not.
///
/// Units of B's exponent make its distinct eigenvalues x_s algebraic integers, of multiplicities a_s. Expanding
/// the interpolating polynomial of f at each root shows that P_s times D_s = product over t of (x_s - x_t)^(a_s + a_t - 1) has
/// algebraic integers as entries; D is the product of all D_s, or, where all roots are Gaussian integers, the least
/// common multiple of their norms. With L times the weights integers times 2^e, 2^e or a divisor of it dividing c,
/// t = 2 L D 2^-e (part of f(B)_ij - c) is an algebraic integer. Automorphisms that fix i permute the roots of one
/// multiplicity that are no Gaussian integers, which gives N conjugates at most (N^2 where B is not real), each at most
/// C = 2 L D 2^-e (the sum of |m| |P_s|_ij + |c|); their product is 0 or at least 1: |t| >= C^(1 - N).  [mignotte82]
class function_separation {
 public:
  /// None where boxes do not tell the roots apart.
  static std::optional<function_separation> of(const integer_matrix& b, const weighted_spectrum& spectrum,
                                               const distinct_roots& roots);

  /// -log2 of the distance. `log2_size` is at least log2 of the sum of |m| |P_s|_ij.
  double bits(const real& c, double log2_size) const;

 private:
  double log2_multiple_ = 0;    ///< of 2 L D
  double log2_conjugates_ = 0;  ///< of N
  long exponent_ = 0;           ///< e of the weights
};

}  // namespace halfulp::linalg
