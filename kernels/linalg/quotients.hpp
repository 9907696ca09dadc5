#pragma once

#include <vector>

#include <halfulp/kernels/linalg/sliced_product.hpp>
#include <halfulp/oracle/core/expansion.hpp>

namespace halfulp::kernels::linalg {

/// At least the 2-norm of each column of x, a matrix of n rows.
template <class E>
double largest_column(int n, const std::vector<E>& x);

/// g_k = x_k^H A x_k and s_k = x_k^H x_k of the columns x_k of X in double-double, their errors at most g_error() and
/// s_error(); A is Hermitian, n x n, and X has n rows and any number of columns; entries at most 2 in magnitude.
template <class E>
class rayleigh_quotients {
 public:
  rayleigh_quotients(int n, const std::vector<E>& a, std::vector<E> x);

  int n() const { return n_; }
  int columns() const { return static_cast<int>(g_.size()); }
  const std::vector<E>& vectors() const { return x_; }
  const sliced_product<E>& product() const { return ax_; }
  /// At least the 2-norm of each column of X.
  double column_norm() const { return column_norm_; }
  double_double g(int k) const { return g_[static_cast<std::size_t>(k)]; }
  double_double s(int k) const { return s_[static_cast<std::size_t>(k)]; }
  double g_error() const { return g_error_; }
  double s_error() const { return s_error_; }

  /// g_k / s_k, without error bounds.
  double_double approx_quotient(int k) const;

  /// Where A has one eigenvalue l between `below` and `above`, alone or several times, and no other there:
  /// |approx_quotient(k) - l| <= temple_radius(k, below, above), infinite where nothing follows.
  ///   q - r^2 / (above - q) <= l <= q + r^2 / (q - below), q = g_k / s_k, r = ||A x_k - q x_k|| / ||x_k||
  /// since (A - l) (A - above) and (A - below) (A - l) are positive semidefinite.  [temple28, kato49]
  double temple_radius(int k, double below, double above) const;

 private:
  void sum_columns();
  /// At least |q - g_k / s_k|, and at least ||A x_k - q x_k|| / ||x_k||.
  double quotient_error(int k, double_double q) const;
  double residual_bound(int k, double_double q) const;

  int n_;
  std::vector<E> x_;
  double column_norm_;
  sliced_product<E> ax_;
  std::vector<double_double> g_, s_;
  double g_error_, s_error_;
};

}  // namespace halfulp::kernels::linalg
