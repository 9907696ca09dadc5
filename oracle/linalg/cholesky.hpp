#pragma once

#include <algorithm>
#include <vector>

#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/settle.hpp>

namespace halfulp::linalg {

/// One component and its rounding; the canonical NaN where it is not decided.
template <class R>
struct rounded_component {
  component_truth truth;
  R rounded = canonical_nan<R>();
};

/// Nothing is known of it.
template <class R>
rounded_component<R> unknown_component() {
  enclosure any{make_real(2), make_real(2)};
  mpfr_set_inf(raw(any.lo), -1);
  mpfr_set_inf(raw(any.hi), 1);
  return {{component_range(any), tier::multiprecision, false, {}}};
}
/// It is what no number is.
template <class R>
rounded_component<R> undefined_component() {
  return {{component_range::point(to_real(canonical_nan<R>())), tier::exact, true, {}}, canonical_nan<R>()};
}

/// Most bits of an interval; beyond them a component is reported undecided.
inline constexpr mpfr_prec_t most_interval_bits = mpfr_prec_t{1} << 24;

/// The ladder: `enclose(bits)`, enclosures of the same numbers in interval arithmetic, at 128, 256, ... bits
/// (multiprecision), until every one is settled. Number k is rational, of the grid grid(k), so that an enclosure of
/// one rounding boundary, narrow enough, proves equality with it (exact).
template <class R, class Grid, class Enclose>
std::vector<rounded_component<R>> climb_intervals(std::size_t count, Grid grid, Enclose enclose, question what,
                                                  mpfr_prec_t most_bits = most_interval_bits) {
  constexpr mpfr_prec_t first_bits = 128;
  std::vector<rounded_component<R>> x(count, unknown_component<R>());
  const auto settled = [&](const rounded_component<R>& c) {
    return c.truth.decided && (what == question::rounding || is_narrow(format_of<R>, c.truth.range.reals()));
  };
  for (mpfr_prec_t bits = first_bits; bits <= most_bits; bits *= 2) {
    const enclosures e = enclose(bits);
    for (std::size_t k = 0; k < count; ++k)
      if (!settled(x[k])) take(e[k], grid(k), x[k].truth, x[k].rounded);
    if (std::all_of(x.begin(), x.end(), settled)) break;
  }
  return x;
}

/// Every component of X with L L^H X = b, rounded once to R: real and imaginary parts one after the other. Every
/// finite b gets its answer. Defined for the four real storage types.
template <class R>
std::vector<rounded_component<R>> solve_cholesky(const interval_substitution& l, const column_vector& b, question what,
                                                 mpfr_prec_t most_bits = most_interval_bits) {
  const auto grids = l.grids_of_x(b);
  return climb_intervals<R>(
      l.size() * l.parts(), [&](std::size_t k) { return grids[k / l.parts()]; },
      [&](mpfr_prec_t bits) { return l.solve(b, bits).x; }, what, most_bits);
}

}  // namespace halfulp::linalg
