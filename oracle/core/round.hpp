#pragma once

#include <bit>
#include <cstdint>

#include <halfulp/oracle/core/format.hpp>
#include <halfulp/oracle/core/leading_zeros.hpp>
#include <halfulp/oracle/core/ulp.hpp>

namespace halfulp {

/// A real number (-1)^negative * (significand + s) * 2^exponent, 0 <= s < 1, with s > 0 iff sticky.
/// significand != 0; a sticky number has at least 2^63 <= significand, so that s lies below every rounding bit.
struct binary_real {
  bool negative;
  std::uint64_t significand;
  long exponent;
  bool sticky;
};

namespace rounding {

/// The integer nearest to (significand + s) / 2^shift, ties to even; significand >= 2^63, shift >= 1.
HALFULP_HOST_DEVICE constexpr std::uint64_t nearest_quotient(std::uint64_t significand, bool sticky, long shift) {
  if (shift > 64) return 0;  // below half a unit
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t quotient = shift == 64 ? 0 : significand >> shift;
  const std::uint64_t rest = shift == 64 ? significand : significand & (2 * half - 1);
  const bool up = rest > half || (rest == half && (sticky || (quotient & 1) != 0));
  return quotient + (up ? 1 : 0);
}

}  // namespace rounding

/// RN_F(r), round to nearest, ties to even, sign kept where it rounds to zero.
template <class T>
HALFULP_HOST_DEVICE constexpr T round_to_nearest(binary_real r) {
  constexpr format f = format_of<T>;
  const int lead = leading_zeros(r.significand);
  const std::uint64_t significand = r.significand << lead;
  const long lowest = r.exponent - lead;
  const long unit = ulp_exponent(f, lowest + 63);
  if (lowest + 63 > f.e_max) return infinity_of<T>(r.negative);
  const std::uint64_t q = rounding::nearest_quotient(significand, r.sticky, unit - lowest);
  const std::uint64_t hidden = std::uint64_t{1} << (f.precision - 1);
  if (q < hidden) return signed_bits<T>(r.negative, static_cast<bits_t<T>>(q));
  // q = 2^p carries into the exponent field by itself, to infinity past the largest finite number
  const std::uint64_t biased = static_cast<std::uint64_t>(unit + f.precision - 1 - f.e_min + 1);
  return signed_bits<T>(r.negative, static_cast<bits_t<T>>((biased << (f.precision - 1)) + (q - hidden)));
}

/// The exact value of a finite x != 0 as an integer times a power of two.
template <class T>
HALFULP_HOST_DEVICE constexpr binary_real decompose(T x) {
  constexpr format f = format_of<T>;
  const auto magnitude = static_cast<bits_t<T>>(to_bits(x) & encoding<T>::magnitude);
  const auto biased = static_cast<long>(magnitude >> (f.precision - 1));
  const auto fraction = static_cast<std::uint64_t>(magnitude & encoding<T>::fraction);
  const std::uint64_t hidden = biased == 0 ? 0 : std::uint64_t{1} << (f.precision - 1);
  return {is_negative(x), fraction | hidden, (biased == 0 ? 1 : biased) - 1 + f.e_min - f.precision + 1, false};
}

/// The format To of a From value: exact where To holds it, else rounded once; NaN becomes the canonical NaN.
template <class To, class From>
HALFULP_HOST_DEVICE constexpr To convert(From x) {
  if (is_nan(x)) return canonical_nan<To>();
  if (is_infinite(x)) return infinity_of<To>(is_negative(x));
  if (is_zero(x)) return zero_of<To>(is_negative(x));
  return round_to_nearest<To>(decompose(x));
}

/// The exact binary64 value of x in any format; NaN stays a NaN.
HALFULP_HOST_DEVICE constexpr double widen(double x) {
  return x;
}
HALFULP_HOST_DEVICE constexpr double widen(float x) {
  return x;
}
HALFULP_HOST_DEVICE constexpr double widen(bfloat16 x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16);
}
HALFULP_HOST_DEVICE constexpr double widen(float16 x) {
  return convert<double>(x);
}

/// RN_F(x), rounded once from binary64 (never through a format in between).
template <class T>
HALFULP_HOST_DEVICE constexpr T narrow(double x) {
  return convert<T>(x);
}

}  // namespace halfulp
