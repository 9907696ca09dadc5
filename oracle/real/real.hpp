#pragma once

#include <string>

#include <boost/multiprecision/mpfr.hpp>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp {

/// An MPFR number. Each carries its own precision, set where it is made; where a bound depends on the direction of a
/// rounding, MPFR itself is called through `raw`.
using real = boost::multiprecision::number<boost::multiprecision::mpfr_float_backend<0>, boost::multiprecision::et_off>;

inline mpfr_ptr raw(real& x) {
  return x.backend().data();
}
inline mpfr_srcptr raw(const real& x) {
  return x.backend().data();
}

/// 0 at `bits` bits of precision.
real make_real(mpfr_prec_t bits);

/// x at the precision that holds it exactly, NaN and infinities included.
template <class T>
real to_real(T x) {
  real r = make_real(format_of<T>.precision);
  mpfr_set_d(raw(r), widen(x), MPFR_RNDN);
  return r;
}

/// The 64 leading bits of a finite r != 0, and whether there are more.
binary_real leading_bits(const real& r);

/// RN_F(r): NaN to the canonical NaN, zeros and infinities with their sign.
template <class T>
T round_to_nearest(const real& r) {
  const bool negative = mpfr_signbit(raw(r)) != 0;
  if (mpfr_nan_p(raw(r))) return canonical_nan<T>();
  if (mpfr_inf_p(raw(r))) return infinity_of<T>(negative);
  if (mpfr_zero_p(raw(r))) return zero_of<T>(negative);
  return round_to_nearest<T>(leading_bits(r));
}

/// floor(log2 |r|) of a finite r != 0.
long exponent_of(const real& r);

/// ulp_F(r), exactly.
real ulp(const format& f, const real& r);

/// "0x1.8p+1", "-inf", "nan", "-0x0p+0": all digits, so that reading it back gives r.
std::string to_hex(const real& r);

}  // namespace halfulp
