#include <halfulp/oracle/real/sums.hpp>

#include <algorithm>
#include <cmath>

#include <halfulp/oracle/real/underflow.hpp>

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

enclosure component_range::reals() const {
  return reals_ ? *reals_ : enclosure_of(value_, radius_);
}

bool component_range::is_zero_point() const {
  if (!reals_) return radius_ == 0 && value_.hi == 0 && value_.lo == 0;
  return reals_->is_point() && mpfr_zero_p(raw(reals_->lo)) != 0;
}

ulp_bounds bounds_of(const format& f, const sum_magnitudes& m, double_double value, double radius) {
  // at most |exact|, and on the same side of a power of two if exact
  const double magnitude = std::abs(value.hi);
  const double least = radius == 0 && value.lo == 0 ? magnitude : (magnitude - up(radius)) * (1 - 0x1p-50);
  const int exponent = least > 0 ? std::max(std::ilogb(least), f.e_min) : f.e_min;
  const double g = gamma(m.terms, std::ldexp(1.0, -f.precision));
  const double underflow = underflow_of(f, static_cast<double>(m.terms));
  const auto in_ulps = [&](double sum) {
    return up(std::ldexp(up(up(g * sum) + underflow), f.precision - 1 - exponent));
  };
  return {in_ulps(m.norms), in_ulps(m.products), least > 0 ? up(m.products / least) : INFINITY};
}

ulp_bounds bounds_of(const format& f, const magnitude_sum& m, const enclosure& range) {
  if (!mpfr_number_p(raw(range.lo)) || !mpfr_number_p(raw(range.hi))) return {INFINITY, INFINITY};
  const bool low_is_smaller = mpfr_cmpabs(raw(range.lo), raw(range.hi)) < 0;
  const real unit = ulp(f, low_is_smaller ? range.lo : range.hi);
  const double g = gamma(m.terms(), std::ldexp(1.0, -f.precision));
  const double underflow = underflow_of(f, static_cast<double>(m.terms()));
  const auto in_ulps = [&](double magnitude) {
    real bound = to_real(up(up(g * magnitude) + underflow));
    mpfr_div(raw(bound), raw(bound), raw(unit), MPFR_RNDU);
    return mpfr_get_d(raw(bound), MPFR_RNDU);
  };
  real condition = to_real(m.products()), least = make_real(mpfr_get_prec(raw(range.lo)));
  mpfr_abs(raw(least), raw(low_is_smaller ? range.lo : range.hi), MPFR_RNDD);
  mpfr_div(raw(condition), raw(condition), raw(least), MPFR_RNDU);  // infinite where the sum is 0
  const double growth = m.products() == 0 ? 0 : mpfr_get_d(raw(condition), MPFR_RNDU);
  return {in_ulps(m.norms()), in_ulps(m.products()), growth};
}

enclosure divided(const enclosure& range, std::int64_t n) {
  enclosure q{make_real(160), make_real(160)};
  mpfr_div_ui(raw(q.lo), raw(range.lo), static_cast<unsigned long>(n), MPFR_RNDD);
  mpfr_div_ui(raw(q.hi), raw(range.hi), static_cast<unsigned long>(n), MPFR_RNDU);
  return q;
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
