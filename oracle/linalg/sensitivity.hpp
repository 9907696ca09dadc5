#pragma once

#include <complex>

#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp::linalg {

/// How far eigenvalues and vectors may move under a perturbation of relative size eps of the norm, to first order, from
/// LAPACK's vectors x_k and rows y_k of their inverse, which have no error bounds of their own.
class sensitivity {
 public:
  /// Of A itself, or of the balanced matrix, in units of 2^shift.
  sensitivity(const balanced_matrix& b, const approx_general_eigensystem& s, bool of_balanced);

  /// Of eigenvalue k. Where n eps ||y_k|| ||X|| ||A|| reaches half the gap, other eigenvalues have a say, and nothing is
  /// known: infinite.
  double loss(int k, double eps) const;

  long double norm() const { return norm_; }  ///< ||A||_F
  long double column(int k) const;            ///< ||x_k||
  long double row(int k) const;               ///< ||y_k||
  long double distance(int k, int l) const { return std::abs(value(k) - value(l)); }
  std::complex<long double> value(int k) const { return s_.values[static_cast<std::size_t>(k)]; }
  long double vector(int i, int k) const;   ///< |x_ik|
  long double inverse(int k, int j) const;  ///< |y_kj|

 private:
  int power(int k) const { return of_balanced_ ? 0 : b_.exponents[static_cast<std::size_t>(k)]; }
  long double gap(int k) const;

  const balanced_matrix& b_;
  const approx_general_eigensystem& s_;
  bool of_balanced_;
  long double norm_ = 0, columns_ = 0;
};

/// The approximation nearest to 2^-shift times an eigenvalue in re x im.
int nearest(const approx_general_eigensystem& s, const enclosure& re, const enclosure& im, int shift);

}  // namespace halfulp::linalg
