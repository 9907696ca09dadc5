#pragma once

#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/inverse_bound.hpp>

namespace halfulp::linalg {

/// What one solution may lose, as absolute errors.
struct solution_loss {
  double normwise;
  std::vector<double> componentwise;
};

/// What substitution in format f could lose on the components of X, rounded up; docs/bounds.md, "Solutions from a
/// Cholesky factor".
class cholesky_bounds {
 public:
  cholesky_bounds(const triangular_factor& l, const format& f);

  /// From the magnitudes of the elements of one column of X.
  solution_loss loss_of(const std::vector<double>& x) const;
  /// At least |L|^T v.
  std::vector<double> adjoint_multiply(const std::vector<double>& v) const { return inverse_.adjoint_multiply(v); }

  /// Sets the bounds of every component of one column.
  template <class R>
  void add_to(std::vector<rounded_component<R>>& x) const;

 private:
  format format_;
  std::size_t n_, parts_;
  double loss_;
  inverse_bound inverse_;
  double condition_;  // ||L^-H|| ||L^-1|| ||L|| ||L^H||
};

/// At least the magnitude of each element, which has `parts` parts.
std::vector<double> magnitudes(const enclosures& x, std::size_t parts);

/// Sets a component's bounds from absolute errors.
void set_bounds(const format& f, double normwise, double componentwise, component_truth& c);

/// What a sum of solutions may lose: their losses, and its own additions.
class bound_of_sum {
 public:
  bound_of_sum(std::size_t n, const format& f) : format_(f), loss_{0, std::vector<double>(n)}, magnitude_(n) {}
  void add(const cholesky_bounds& bounds, const std::vector<double>& x);
  void set(std::size_t row, component_truth& c) const;

 private:
  format format_;
  solution_loss loss_;
  std::vector<double> magnitude_;
  int terms_ = 0;
};

/// What the gradient of the factor may lose, computed as (W + W^H) L with W = Z X^H; docs/bounds.md.
class bound_of_products {
 public:
  /// `columns` is the number of columns of X, those of all matrices together.
  bound_of_products(const triangular_factor& l, const format& f, std::size_t columns);
  /// The magnitudes of one column of X and of Z.
  void add(const std::vector<double>& x, const std::vector<double>& z);
  void finish();
  void set(std::size_t row, std::size_t column, component_truth& c) const;

 private:
  format format_;
  std::size_t n_;
  double gamma_, normwise_ = 0;
  cholesky_bounds bounds_;
  std::vector<std::vector<double>> rows_;
};

template <class R>
void cholesky_bounds::add_to(std::vector<rounded_component<R>>& x) const {
  enclosures ranges;
  for (const auto& c : x) ranges.push_back(c.truth.range.reals());
  const solution_loss loss = loss_of(magnitudes(ranges, parts_));
  for (std::size_t k = 0; k < x.size(); ++k)
    set_bounds(format_, loss.normwise, loss.componentwise[k / parts_], x[k].truth);
}

}  // namespace halfulp::linalg
