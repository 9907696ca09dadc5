#pragma once

#include <halfulp/oracle/linalg/triangular.hpp>
#include <halfulp/oracle/real/boundary.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// Whether x lies so close to e's only rounding boundary c that it can only be c: both are numbers of the grid (a
/// finer one, where c needs it), and e reaches no other.
inline bool holds_one_number(const enclosure& e, const real& c, const rational_grid& grid) {
  long exponent = grid.exponent;
  if (mpfr_zero_p(raw(c)) == 0) {
    mpz_t significand;
    mpz_init(significand);
    const mpfr_exp_t power = mpfr_get_z_2exp(significand, raw(c));
    exponent = std::min(exponent, static_cast<long>(power) + static_cast<long>(mpz_scan1(significand, 0)));
    mpz_clear(significand);
  }
  real reach = make_real(2), end = make_real(mpfr_get_prec(raw(e.lo)) + 64);
  mpfr_set_ui_2exp(raw(reach), 1, exponent - grid.bits, MPFR_RNDN);
  mpfr_sub(raw(end), raw(e.hi), raw(c), MPFR_RNDU);
  if (mpfr_greaterequal_p(raw(end), raw(reach)) != 0) return false;
  mpfr_sub(raw(end), raw(c), raw(e.lo), MPFR_RNDU);
  return mpfr_less_p(raw(end), raw(reach)) != 0;
}

/// Takes what the enclosure e of a number of `grid` says, unless an earlier one said more: where it decides the
/// rounding, or can only be the rounding boundary that it holds. An exact zero is +0.
template <class R>
void take(const enclosure& e, const rational_grid& grid, component_truth& c, R& rounded) {
  const decision<R> d = decide<R>(e);
  if (c.decided && !d.decided()) return;
  c.range = component_range(e);
  c.reached = e.is_point() ? tier::exact : tier::multiprecision;
  c.decided = d.decided();
  if (e.is_point() && e.contains_zero()) c.range = component_range::point(make_real(2));
  if (d.decided()) rounded = decide<R>(c.range.reals()).value();
  if (d.decided()) return;
  const std::optional<real> boundary = boundary_inside<R>(e);
  if (!boundary || !holds_one_number(e, *boundary, grid)) return;
  c.range = component_range::point(*boundary);
  c.reached = tier::exact;
  c.decided = true;
  rounded = round_to_nearest<R>(*boundary);
}

}  // namespace halfulp::linalg
