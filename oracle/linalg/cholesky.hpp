#pragma once

#include <span>
#include <vector>

#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/triangular.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// One component and its rounding; the canonical NaN where it is not decided.
template <class R>
struct rounded_component {
  component_truth truth;
  R rounded = canonical_nan<R>();
};

/// Most bits of an interval; beyond them a component is reported undecided.
inline constexpr mpfr_prec_t most_interval_bits = mpfr_prec_t{1} << 24;

/// Every component of X with L L^H X = b, rounded once to R: real and imaginary parts one after the other.
///
/// The ladder: interval substitution at 128, 256, ... bits (multiprecision). A component is a rational number whose
/// denominator has a known length, so that an enclosure of one rounding boundary, narrow enough, proves equality with
/// it (exact). Every finite b gets its answer. Defined for the four real storage types.
template <class R>
std::vector<rounded_component<R>> solve_cholesky(const interval_substitution& l, const column_vector& b, question what,
                                                 mpfr_prec_t most_bits = most_interval_bits);

}  // namespace halfulp::linalg
