#include <halfulp/oracle/real/ulp_error.hpp>

#include <limits>

namespace halfulp {
namespace {

/// Precision at which differences are taken; each is rounded in the direction that keeps the bound.
constexpr mpfr_prec_t working_bits = 128;

real power_of_two(long exponent) {
  real r = make_real(2);
  mpfr_set_ui_2exp(raw(r), 1, exponent, MPFR_RNDN);
  return r;
}

/// x, or +-2^(e_max + 1) where its rounding is infinite.
real saturated(const format& f, const real& x) {
  real limit = power_of_two(f.e_max + 1);  // from 2^(e_max+1) - ulp/2 on, RN is infinite
  real threshold = make_real(f.precision + 1);
  mpfr_sub(raw(threshold), raw(limit), raw(power_of_two(f.e_max - f.precision)), MPFR_RNDN);
  if (mpfr_cmpabs(raw(x), raw(threshold)) < 0) return x;
  mpfr_setsign(raw(limit), raw(limit), mpfr_signbit(raw(x)), MPFR_RNDN);
  return limit;
}

long ulp_exponent_at(const format& f, const real& r) {
  return mpfr_zero_p(raw(r)) ? ulp_exponent_of_zero(f) : ulp_exponent(f, exponent_of(r));
}

double scaled(const real& distance, long ulp_exponent, mpfr_rnd_t direction) {
  real q = make_real(working_bits);
  mpfr_mul_2si(raw(q), raw(distance), -ulp_exponent, direction);
  return mpfr_get_d(raw(q), direction);
}

/// |a - b|
real distance(const real& a, const real& b, mpfr_rnd_t direction) {
  real d = make_real(working_bits);
  const bool ordered = mpfr_greaterequal_p(raw(a), raw(b)) != 0;
  mpfr_sub(raw(d), ordered ? raw(a) : raw(b), ordered ? raw(b) : raw(a), direction);
  return d;
}

/// |x|, exactly
real magnitude(const real& x) {
  real m = make_real(mpfr_get_prec(raw(x)));
  mpfr_abs(raw(m), raw(x), MPFR_RNDN);
  return m;
}

real larger(const real& a, const real& b) {
  return mpfr_greater_p(raw(a), raw(b)) ? a : b;
}
real smaller(const real& a, const real& b) {
  return mpfr_greater_p(raw(a), raw(b)) ? b : a;
}

/// The least and the greatest distance from y to a point of [lo, hi].
struct distance_range {
  real least;
  real greatest;
};
distance_range distances(const real& y, const real& lo, const real& hi) {
  const bool inside = mpfr_lessequal_p(raw(lo), raw(y)) && mpfr_lessequal_p(raw(y), raw(hi));
  return {inside ? make_real(working_bits) : smaller(distance(y, lo, MPFR_RNDD), distance(y, hi, MPFR_RNDD)),
          larger(distance(y, lo, MPFR_RNDU), distance(y, hi, MPFR_RNDU))};
}

/// The smallest and the largest magnitude in [lo, hi].
struct magnitude_range {
  real least;
  real greatest;
};
magnitude_range magnitudes(const real& lo, const real& hi) {
  const real a = magnitude(lo);
  const real b = magnitude(hi);
  const bool holds_zero = mpfr_sgn(raw(lo)) * mpfr_sgn(raw(hi)) < 0;
  return {holds_zero ? make_real(2) : smaller(a, b), larger(a, b)};
}

bool is_nan(const enclosure& e) {
  return mpfr_nan_p(raw(e.lo)) != 0;
}

}  // namespace

ulp_error error_in_ulps(const format& f, const real& y, const enclosure& truth) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const bool nan = mpfr_nan_p(raw(y)) != 0;
  if (nan && is_nan(truth)) return {};
  if (nan || is_nan(truth)) return {infinite, infinite};
  const real lo = saturated(f, truth.lo);
  const real hi = saturated(f, truth.hi);
  const auto [least, greatest] = distances(saturated(f, y), lo, hi);
  const auto [smallest, largest] = magnitudes(lo, hi);
  return {scaled(least, ulp_exponent_at(f, largest), MPFR_RNDD),
          scaled(greatest, ulp_exponent_at(f, smallest), MPFR_RNDU)};
}

ulp_error normwise_error_in_ulps(const format& f, const real& y_re, const real& y_im, const enclosure& re,
                                 const enclosure& im) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const bool nan = mpfr_nan_p(raw(y_re)) != 0 || mpfr_nan_p(raw(y_im)) != 0;
  const bool nan_truth = is_nan(re) || is_nan(im);
  if (nan && nan_truth) return {};
  if (nan || nan_truth) return {infinite, infinite};
  const auto hypotenuse = [](const real& a, const real& b, mpfr_rnd_t direction) {
    real h = make_real(working_bits);
    mpfr_hypot(raw(h), raw(a), raw(b), direction);
    return h;
  };
  const real re_lo = saturated(f, re.lo), re_hi = saturated(f, re.hi);
  const real im_lo = saturated(f, im.lo), im_hi = saturated(f, im.hi);
  const auto d_re = distances(saturated(f, y_re), re_lo, re_hi);
  const auto d_im = distances(saturated(f, y_im), im_lo, im_hi);
  const auto m_re = magnitudes(re_lo, re_hi);
  const auto m_im = magnitudes(im_lo, im_hi);
  return {scaled(hypotenuse(d_re.least, d_im.least, MPFR_RNDD),
                 ulp_exponent_at(f, hypotenuse(m_re.greatest, m_im.greatest, MPFR_RNDU)), MPFR_RNDD),
          scaled(hypotenuse(d_re.greatest, d_im.greatest, MPFR_RNDU),
                 ulp_exponent_at(f, hypotenuse(m_re.least, m_im.least, MPFR_RNDD)), MPFR_RNDU)};
}

}  // namespace halfulp
