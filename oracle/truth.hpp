#pragma once

#include <vector>

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
};

/// What is true of one real component of an output.
struct component_truth {
  enclosure range;
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
};

}  // namespace halfulp
