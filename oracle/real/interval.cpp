#include <halfulp/oracle/real/interval.hpp>

#include <utility>

namespace halfulp {

enclosure interval_arithmetic::of(double x) const {
  enclosure e = zero();
  mpfr_set_d(raw(e.lo), x, MPFR_RNDD);
  mpfr_set_d(raw(e.hi), x, MPFR_RNDU);
  return e;
}

void interval_arithmetic::add_ends(enclosure& s, bool minus) {
  if (minus) {
    mpfr_sub(raw(s.lo), raw(s.lo), raw(high_), MPFR_RNDD);
    mpfr_sub(raw(s.hi), raw(s.hi), raw(low_), MPFR_RNDU);
  } else {
    mpfr_add(raw(s.lo), raw(s.lo), raw(low_), MPFR_RNDD);
    mpfr_add(raw(s.hi), raw(s.hi), raw(high_), MPFR_RNDU);
  }
}

void interval_arithmetic::add(enclosure& s, const enclosure& v) {
  mpfr_add(raw(s.lo), raw(s.lo), raw(v.lo), MPFR_RNDD);
  mpfr_add(raw(s.hi), raw(s.hi), raw(v.hi), MPFR_RNDU);
}

void interval_arithmetic::add_product(enclosure& s, const real& a, const enclosure& v, bool minus) {
  const int sign = mpfr_sgn(raw(a));
  if (sign == 0) return;
  mpfr_mul(raw(low_), raw(a), raw(sign > 0 ? v.lo : v.hi), MPFR_RNDD);
  mpfr_mul(raw(high_), raw(a), raw(sign > 0 ? v.hi : v.lo), MPFR_RNDU);
  add_ends(s, minus);
}

void interval_arithmetic::add_product(enclosure& s, const enclosure& a, const enclosure& v, bool minus) {
  real low = make_real(bits_), high = make_real(bits_);
  mpfr_mul(raw(low_), raw(a.lo), raw(v.lo), MPFR_RNDD);
  mpfr_mul(raw(high_), raw(a.lo), raw(v.lo), MPFR_RNDU);
  for (const auto& [x, y] : {std::pair{&a.lo, &v.hi}, {&a.hi, &v.lo}, {&a.hi, &v.hi}}) {
    mpfr_mul(raw(low), raw(*x), raw(*y), MPFR_RNDD);
    mpfr_mul(raw(high), raw(*x), raw(*y), MPFR_RNDU);
    mpfr_min(raw(low_), raw(low_), raw(low), MPFR_RNDD);
    mpfr_max(raw(high_), raw(high_), raw(high), MPFR_RNDU);
  }
  add_ends(s, minus);
}

void interval_arithmetic::divide(enclosure& v, const real& a) const {
  if (mpfr_sgn(raw(a)) < 0) mpfr_swap(raw(v.lo), raw(v.hi));
  mpfr_div(raw(v.lo), raw(v.lo), raw(a), MPFR_RNDD);
  mpfr_div(raw(v.hi), raw(v.hi), raw(a), MPFR_RNDU);
}

void interval_arithmetic::divide_by_positive(enclosure& v, const enclosure& a) const {
  mpfr_div(raw(v.lo), raw(v.lo), raw(mpfr_sgn(raw(v.lo)) < 0 ? a.lo : a.hi), MPFR_RNDD);
  mpfr_div(raw(v.hi), raw(v.hi), raw(mpfr_sgn(raw(v.hi)) < 0 ? a.hi : a.lo), MPFR_RNDU);
}

}  // namespace halfulp
