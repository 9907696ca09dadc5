#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <halfulp/oracle/linalg/spectral_sum.hpp>

namespace halfulp::linalg {

/// The distinct eigenvalues of an integer matrix N, as the roots of q, the square-free part of its characteristic
/// polynomial: q has integer coefficients and leading coefficient 1. By FLINT, exactly.
class characteristic_roots {
 public:
  /// None where the polynomial would take more than `most_steps` inner steps, about n^4 times the bits of an entry.
  static std::optional<characteristic_roots> of(const integer_matrix& a, std::int64_t most_steps);

  int count() const;

  /// Where f(A)_ij != c, for f(A) = sum of w_k v_k v_k^H: |f(A)_ij - c| >= 2^-bits, and so of its parts; the value is
  /// `bits`. `values` are brackets of all eigenvalues of A; infinite where they do not tell different ones apart.
  ///
  /// With integers n_c = L w_c 2^-f, t = 2 L 2^s disc(q) (f(A)_ij - c) 2^-f is an algebraic integer for an s that makes
  /// 2^s L c 2^-f an integer: entry (i, j) of the projector on root x is h(x) / q'(x), h(x) an algebraic integer, and
  /// disc(q) is, up to its sign, the product of all q'(x). An automorphism permutes the roots of each irreducible factor
  /// of q, which turns f(A) into another matrix with the same weights: each conjugate of t is at most
  /// B = 2 L 2^s |disc(q)| (max|w| + |c|) 2^-f. As the product of the N conjugates is a nonzero integer, |t| >= B^(1 - N);
  /// N is at most the number of ways to give the weights to the roots, factor by factor.  [mignotte82]
  double separation_bits(const std::vector<enclosure>& values, const grouped_weights& w, const real& c) const;

  /// The degree of the square-free part of the product of all: how many eigenvalues a direct sum has.
  static int distinct(const std::vector<characteristic_roots>& blocks);

 private:
  struct polynomials;
  explicit characteristic_roots(std::shared_ptr<const polynomials> p) : p_(std::move(p)) {}
  double conjugates_bits(const std::vector<enclosure>& roots, const std::vector<int>& groups) const;
  std::shared_ptr<const polynomials> p_;
};

}  // namespace halfulp::linalg
