#pragma once

#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/inverse_bound.hpp>

namespace halfulp::linalg {

/// What substitution in format f could lose on the components of X, in ULPs, rounded up; docs/bounds.md, "Solutions from a
/// Cholesky factor".
class cholesky_bounds {
 public:
  cholesky_bounds(const triangular_factor& l, const format& f);

  /// Sets the bounds of every component of one column.
  template <class R>
  void add_to(std::vector<rounded_component<R>>& x) const {
    std::vector<component_truth*> components;
    for (auto& c : x) components.push_back(&c.truth);
    set(components);
  }

 private:
  void set(const std::vector<component_truth*>& x) const;
  double norm_of_solve(bool adjoint) const;

  format format_;
  std::size_t n_, parts_;
  double loss_;
  inverse_bound inverse_;
  double condition_;  // ||L^-H|| ||L^-1|| ||L|| ||L^H||
};

}  // namespace halfulp::linalg
