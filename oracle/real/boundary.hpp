#pragma once

#include <optional>

#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp {

/// The real half way from the finite number x to the next larger magnitude: a rounding boundary of R.
template <class R>
real midpoint_above(R x) {
  const format f = format_of<R>;
  const real r = to_real(x);
  real half = ulp(f, r);
  mpfr_div_2ui(raw(half), raw(half), 1, MPFR_RNDN);
  mpfr_setsign(raw(half), raw(half), is_negative(x), MPFR_RNDN);
  real m = make_real(f.precision + 1);
  mpfr_add(raw(m), raw(r), raw(half), MPFR_RNDN);
  return m;
}

/// The one rounding boundary of R inside e: 0, whose sign must be known, or a midpoint. None where e holds several,
/// or no boundary.
template <class R>
std::optional<real> boundary_inside(const enclosure& e) {
  if (e.contains_zero()) return make_real(2);
  const R lo = round_to_nearest<R>(e.lo);
  const R hi = round_to_nearest<R>(e.hi);
  if (lo == hi) return std::nullopt;
  const R inner = is_negative(lo) ? hi : lo;  // the smaller magnitude
  const R outer = is_negative(lo) ? lo : hi;
  if (to_bits(outer) != to_bits(inner) + 1) return std::nullopt;
  return midpoint_above(inner);
}

/// Whether e is at most 2^-10 ulp wide, the ulp of its smaller end: narrow enough to measure errors with.
inline bool is_narrow(const format& f, const enclosure& e) {
  if (e.is_point()) return true;
  real width = make_real(64);
  mpfr_sub(raw(width), raw(e.hi), raw(e.lo), MPFR_RNDU);
  const real& inner = mpfr_cmpabs(raw(e.lo), raw(e.hi)) < 0 ? e.lo : e.hi;
  real most = ulp(f, inner);
  mpfr_div_2ui(raw(most), raw(most), 10, MPFR_RNDN);
  return mpfr_lessequal_p(raw(width), raw(most)) != 0;
}

}  // namespace halfulp
