#include <halfulp/oracle/real/sums.hpp>

#include <algorithm>

namespace halfulp {

enclosure enclosure_of(double_double value, double radius) {
  real middle = make_real(160);
  mpfr_set_d(raw(middle), value.hi, MPFR_RNDN);
  mpfr_add_d(raw(middle), raw(middle), value.lo, MPFR_RNDN);  // exact: |lo| <= ulp(hi) / 2, or both are tiny
  if (radius == 0) return enclosure::point(shortened(middle));
  return enclosure::around(middle, to_real(radius), 160);
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
