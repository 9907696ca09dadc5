#pragma once

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/linalg/triangular.hpp>

namespace halfulp::kernels::linalg {

/// What |L| and |L^-1| make of vectors of nonnegative numbers, rounded up; `magnitude` is |L|, or a real L.
///
/// R, an approximate inverse, comes from L^H R^H = I by solve_adjoint: R L = I + E with |E| <= e |R| |L|, e its
/// substitution_bound. For w = |R| v and t = max_i (e |R| |L| w)_i / w_i < 1
///   |L^-1| v = |(I + E)^-1 R| v <= w / (1 - t)   [higham02, 14.2]
/// and likewise for |L^-H| v = |R^H (I + E)^-H| v. Numbers are near 1, so that what underflows is made up for by
/// adding `least`.
class inverse_magnitudes {
 public:
  /// What is added to every bound for the sake of underflow.
  static constexpr double least = 0x1p-900;

  /// Both must outlive this.
  void reset(const triangular_matrix& l, const triangular_matrix& magnitude);

  /// w >= |L| v, w >= |L^H| v
  void multiply(const aligned_array& v, aligned_array& w) const;
  void adjoint_multiply(const aligned_array& v, aligned_array& w) const;
  /// v >= |L^-H| |L^-1| v, in place; infinite or NaN where nothing is known.
  void solve(aligned_array& v);

 private:
  void invert();
  double raise(double x) const { return x * raise_ + least; }
  /// The largest bound * lost_i / kept_i.
  double largest_quotient(const aligned_array& lost, const aligned_array& kept) const;

  triangular_matrix l_{}, magnitude_{};
  double bound_ = 0, raise_ = 1;
  bool inverted_ = false;
  aligned_array panels_, work_, w_, z_;
};

}  // namespace halfulp::kernels::linalg
