#pragma once

#include <cmath>
#include <optional>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp {

/// RN_F(hi + lo), exactly; a zero has the sign of hi. hi is finite and is RN(hi + lo) in binary64.
template <class T>
HALFULP_HOST_DEVICE T round_to_nearest(double_double x) {
  if (is_zero(x.hi)) return zero_of<T>(is_negative(x.hi));
  if constexpr (std::is_same_v<T, double>) {
    return x.hi;
  } else {
    binary_real r = decompose(x.hi);
    const int lead = leading_zeros(r.significand);
    r.significand <<= lead;
    r.exponent -= lead;
    r.sticky = x.lo != 0;  // a rounding boundary of T is a binary64 number, so beside hi only the sign of lo matters
    if (r.sticky && is_negative(x.lo) != r.negative) --r.significand;
    return round_to_nearest<T>(r);
  }
}

/// The 64 leading bits of a finite hi + lo != 0, and whether anything lies below them; |lo| <= 2^-53 |hi|.
HALFULP_HOST_DEVICE inline binary_real leading_bits(double_double x) {
  constexpr int room = 74;  // 53 bits of hi and 74 below: lo's may begin above those, and go on below
  binary_real r = decompose(x.hi);
  const int lead = leading_zeros(r.significand) - 11;
  auto bits = static_cast<unsigned __int128>(r.significand << lead) << room;
  r.exponent -= lead + room;
  if (!is_zero(x.lo)) {
    const binary_real low = decompose(x.lo);
    const long shift = low.exponent - r.exponent;
    const auto wide = static_cast<unsigned __int128>(low.significand);
    const auto part = shift >= 0 ? wide << shift : shift > -64 ? wide >> -shift : 0;
    const bool cut = shift < 0 && (shift <= -64 || (wide & ((std::uint64_t{1} << -shift) - 1)) != 0);
    bits = low.negative == r.negative ? bits + part : bits - part - (cut ? 1 : 0);
    r.sticky = cut;
  }
  const int top = (bits >> 64) != 0 ? leading_zeros(static_cast<std::uint64_t>(bits >> 64)) : 64;
  bits <<= top;
  r.significand = static_cast<std::uint64_t>(bits >> 64);
  r.sticky = r.sticky || static_cast<std::uint64_t>(bits) != 0;
  r.exponent += 64 - top;
  return r;
}

/// Whether RN_F of every real in [s - radius, s + radius] has the same bits, and which; radius >= 0, or inf or NaN
/// where nothing is known. With radius 0 the sum is exact and a zero has the sign of s.hi; else a zero is undecided.
/// `rounded` is set only if decided.
template <class T>
HALFULP_HOST_DEVICE bool decide(double_double s, double radius, T& rounded) {
  if (radius == 0) {
    rounded = round_to_nearest<T>(s);
    return is_finite(s.hi);
  }
  // |add(s, r) - (s + r)| <= 2 u^2 |s + r|, and |s + r| <= 2 max(|s|, r)
  const double outer = up(up(radius) + 0x1p-103 * (std::abs(s.hi) + radius));
  const double_double low = add(s, -outer);
  const double_double high = add(s, outer);
  if (!(low.hi > 0 || high.hi < 0) || !is_finite(low.hi) || !is_finite(high.hi)) return false;
  rounded = round_to_nearest<T>(low);
  return rounded == round_to_nearest<T>(high);
}

}  // namespace halfulp
