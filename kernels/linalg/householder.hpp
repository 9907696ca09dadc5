#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <halfulp/kernels/core/aligned.hpp>

namespace halfulp::kernels::linalg {

/// A real symmetric A reduced to tridiagonal form in binary64 by Householder reflections, with an a priori bound:
///
///   |l_k(A) - l_k(T)| <= radius for every k, l_k the k-th smallest eigenvalue
///   radius = u sum over steps of (2 g(m) + 2) ||B||_F + (8 h(m) + 59) ||B||  (docs/bounds.md, "Reduction to tridiagonal form")
///
/// where the step at size m meets a matrix B that is similar to the leading m x m part of T, and g(m) and h(m) are the
/// most roundings that one term of a product B v or of an inner product of length m goes through
/// (symmetric_product_depth, reflection_dot_depth in kernels/linalg/reflect.hpp).
/// Nothing is assumed of A but that its entries are at most 2 in magnitude.
class householder_form {
 public:
  /// Reads the upper triangle of `a`, n x n, column after column.
  householder_form(int n, std::span<const double> a);

  int n() const { return n_; }
  /// The diagonal of T, and its off-diagonal, which ends with a 0.
  const std::vector<double>& d() const { return d_; }
  const std::vector<double>& e() const { return e_; }
  double radius() const { return radius_; }

  /// z, an eigenvector of T, becomes one of A: about Q z, without error bounds.
  void approx_transform_back(std::span<double> z) const;

 private:
  int n_;
  std::int64_t stride_;
  std::vector<double> d_, e_, tau_;  // tau[m]: the step at size m was I - tau v v^T, or left out where tau is 0
  aligned_array reflectors_;         // v of the step at size m in column m
  double radius_ = 0;
};

/// Of the leading m x m part of T, at index m - 1: its largest row sum, the neighbour's column included, which is at least its
/// 2-norm; and its Frobenius norm. Both rounded up.
struct leading_norms {
  std::vector<double> rows, frobenius;
};
leading_norms leading_norms_of(const std::vector<double>& d, const std::vector<double>& e);

/// The radius above, for reflections at the sizes m where `reflected[m]`, m < n.
/// Exposed for the tests, which compare it with true errors and with its formula.
double reduction_radius(const std::vector<double>& d, const std::vector<double>& e, const std::vector<bool>& reflected);

}  // namespace halfulp::kernels::linalg
