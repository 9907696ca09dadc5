#pragma once

#include <span>
#include <vector>

#include <halfulp/oracle/linalg/triangular.hpp>

namespace halfulp::linalg {

/// Vectors bounded through the magnitudes |L| and |L^-1| of a triangular factor, in binary64 rounded up. A result
/// that is not finite bounds nothing.
///
/// With R an approximate inverse, R L = I + E and |E| <= gamma_n |R| |L| [higham02, 8.2, 14.2]. For w = |R| v let t
/// be the largest quotient of (gamma_n |R| |L| w)_i and w_i: then |L^-1| v <= w / (1 - t). Where t is too large,
/// and where it is smaller, substitution with <L> (the diagonal's magnitudes, minus those of the others) bounds it:
/// |L^-1| <= <L>^-1 [higham02, 8.3].
class inverse_bound {
 public:
  explicit inverse_bound(const triangular_factor& l);

  std::vector<double> multiply(const std::vector<double>& v) const;          ///< at least |L| v
  std::vector<double> adjoint_multiply(const std::vector<double>& v) const;  ///< at least |L^H| v
  std::vector<double> solve(const std::vector<double>& v) const;             ///< at least |L^-1| v
  std::vector<double> adjoint_solve(const std::vector<double>& v) const;     ///< at least |L^-H| v

 private:
  using matrix = std::vector<double>;  // lower triangles, row after row
  std::vector<double> product(const matrix& a, const std::vector<double>& v) const;
  std::vector<double> adjoint_product(const matrix& a, const std::vector<double>& v) const;
  std::vector<double> raised(std::vector<double> w, const std::vector<double>& lost) const;
  void invert(const triangular_factor& l);

  std::size_t n_;
  double gamma_;                // of the sums that make R
  std::vector<int> row_scale_;  // row i of L is 2^row_scale_[i] times row i of `magnitude_`
  matrix magnitude_, inverse_;  // |L|, rows scaled, and |R|
};

}  // namespace halfulp::linalg
