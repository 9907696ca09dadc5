#pragma once

#include <complex>
#include <span>
#include <vector>

#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/linalg/spectral_function.hpp>

namespace halfulp::linalg {

/// Eigenvalues that have one rounding: where they are, and the sum of their weights.
struct equal_eigenvalues {
  eigenvalue_box box;
  integer sum_re, sum_im;
  int conjugate = -1;  ///< which of the list holds the conjugates; -1 where none does, so that A is not real
};

/// The weights conj(w_k) of eigenvalues, shared by those whose roundings are equal (-0 is +0).
class general_weights {
 public:
  template <class P>
  general_weights(const std::vector<complex_eigenvalue<P>>& values, std::span<const std::complex<double>> w);

  /// Each its own.
  weighted_spectrum all() const;
  /// (m + conj(m')) / 2 for a weight m and m' that of the conjugate eigenvalues, of a real matrix: then f(A) is real.
  weighted_spectrum symmetric() const;
  /// (m - conj(m')) / 2i
  weighted_spectrum antisymmetric() const;

 private:
  template <class F>
  weighted_spectrum with(F mean_of) const;
  const equal_eigenvalues& conjugate(const equal_eigenvalues& e) const {
    return equals_[static_cast<std::size_t>(e.conjugate)];
  }

  std::vector<equal_eigenvalues> equals_;
  long exponent_ = 0;
};

}  // namespace halfulp::linalg
