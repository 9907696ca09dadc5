#pragma once

#include <memory>
#include <vector>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/core/tensor.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>
#include <halfulp/oracle/core/tier.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp {

/// What an implementation working in the output's own format could lose on this very input, in ULPs of the exact
/// result; infinite where the theory gives nothing. constants: docs/bounds.md.
struct ulp_bounds {
  double normwise = 0;       ///< any backward-stable algorithm
  double componentwise = 0;  ///< the best known class of algorithms for the input's structure
  /// Of a sum, sum |a b| / |exact|, rounded up: by how much relative errors of its terms grow. 0 where it is not stated.
  double condition = 0;
};

/// The enclosure of a component. Most are found as a binary64 pair with a radius, and become two reals where they are
/// asked for: making those costs more than the sum did.
class component_range {
 public:
  component_range() = default;  ///< the point 0
  explicit component_range(const enclosure& e) : reals_(std::make_shared<const enclosure>(e)) {}
  component_range(const real& lo, const real& hi) : component_range(enclosure{lo, hi}) {}
  static component_range point(const real& x) { return component_range(enclosure::point(x)); }
  /// [value - radius, value + radius]; both finite.
  component_range(double_double value, double radius) : value_(value), radius_(radius) {}

  enclosure reals() const;
  bool is_zero_point() const;

 private:
  double_double value_;
  double radius_ = 0;
  std::shared_ptr<const enclosure> reals_;
};

/// What is true of one real component of an output.
struct component_truth {
  component_range range;
  tier reached = tier::exact;  ///< the rung whose enclosure this is
  bool decided = false;        ///< whether RN of the exact result is known; never taken for granted
  ulp_bounds bounds;
};

/// What is true of one output tensor.
struct truth {
  tensor rounded;  ///< RN of every element; a component that is not decided holds the canonical NaN
  /// One for each real component, row-major, real part before imaginary part. Empty for outputs that are moved bits:
  /// `rounded` is then all there is to say.
  std::vector<component_truth> components;
  /// Whether a NaN's sign and payload are part of the result (bit operations and moved data), or any NaN will do.
  bool nan_bits_matter = false;
  /// Whether the elements along the last dimension are a multiset: their order is a convention, and no error of others.
  bool unordered = false;
};

}  // namespace halfulp
