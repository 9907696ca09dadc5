#include <halfulp/oracle/real/sums.hpp>

#include <algorithm>

namespace halfulp {

enclosure enclosure_of(double_double value, double radius) {
  constexpr mpfr_prec_t every_bit = 2200;  // binary64 numbers span 2^-1074 .. 2^1024
  const mpfr_prec_t bits = radius == 0 ? every_bit : 160;
  enclosure e{make_real(bits), make_real(bits)};
  mpfr_set_d(raw(e.lo), value.hi, MPFR_RNDN);
  mpfr_add_d(raw(e.lo), raw(e.lo), value.lo, MPFR_RNDD);
  if (radius == 0) return enclosure::point(shortened(e.lo));
  mpfr_set_d(raw(e.hi), value.hi, MPFR_RNDN);
  mpfr_add_d(raw(e.hi), raw(e.hi), value.lo, MPFR_RNDU);
  mpfr_sub_d(raw(e.lo), raw(e.lo), radius, MPFR_RNDD);
  mpfr_add_d(raw(e.hi), raw(e.hi), radius, MPFR_RNDU);
  return e;
}

real shortened(const real& r) {
  real s = make_real(std::max<mpfr_prec_t>(mpfr_min_prec(raw(r)), MPFR_PREC_MIN));
  mpfr_set(raw(s), raw(r), MPFR_RNDN);
  return s;
}

void interval_sum::add_point(const real& p) {
  mpfr_add(raw(range_.lo), raw(range_.lo), raw(p), MPFR_RNDD);
  mpfr_add(raw(range_.hi), raw(range_.hi), raw(p), MPFR_RNDU);
}

}  // namespace halfulp
