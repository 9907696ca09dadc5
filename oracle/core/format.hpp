#pragma once

#include <bit>
#include <complex>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp {

/// A binary interchange format as data: precision p (hidden bit included), exponent range, storage width.
/// A finite value is m * 2^(e - p + 1), |m| < 2^p, e_min <= e <= e_max.
struct format {
  std::string_view name;
  int precision;
  int e_min;
  int e_max;
  int bits;

  friend constexpr bool operator==(const format&, const format&) = default;
};

inline constexpr format binary16_format{"float16", 11, -14, 15, 16};
inline constexpr format bfloat16_format{"bfloat16", 8, -126, 127, 16};
inline constexpr format binary32_format{"float32", 24, -126, 127, 32};
inline constexpr format binary64_format{"float64", 53, -1022, 1023, 64};

/// Storage of a binary16 number; equality is equality of bits.
struct float16 {
  std::uint16_t bits;
  friend constexpr bool operator==(float16, float16) = default;
};

/// Storage of a bfloat16 number; equality is equality of bits.
struct bfloat16 {
  std::uint16_t bits;
  friend constexpr bool operator==(bfloat16, bfloat16) = default;
};

template <class T>
struct format_traits;
template <>
struct format_traits<float16> {
  using bits_type = std::uint16_t;
  static constexpr format value = binary16_format;
};
template <>
struct format_traits<bfloat16> {
  using bits_type = std::uint16_t;
  static constexpr format value = bfloat16_format;
};
template <>
struct format_traits<float> {
  using bits_type = std::uint32_t;
  static constexpr format value = binary32_format;
};
template <>
struct format_traits<double> {
  using bits_type = std::uint64_t;
  static constexpr format value = binary64_format;
};

/// The real type of a component: T itself, or the part type of a complex T.
template <class T>
struct component {
  using type = T;
};
template <class T>
struct component<std::complex<T>> {
  using type = T;
};
template <class T>
using component_t = typename component<T>::type;

template <class T>
inline constexpr bool is_complex = !std::is_same_v<T, component_t<T>>;

/// The format of T; for a complex T that of its components.
template <class T>
inline constexpr format format_of = format_traits<component_t<T>>::value;

template <class T>
using bits_t = typename format_traits<T>::bits_type;

template <class T>
HALFULP_HOST_DEVICE constexpr bits_t<T> to_bits(T x) {
  return std::bit_cast<bits_t<T>>(x);
}
template <class T>
HALFULP_HOST_DEVICE constexpr T from_bits(bits_t<T> bits) {
  return std::bit_cast<T>(bits);
}

/// The fields of a format's encoding, as masks over bits_t<T>.
template <class T>
struct encoding {
  static constexpr format f = format_of<T>;
  static constexpr bits_t<T> sign = static_cast<bits_t<T>>(bits_t<T>{1} << (f.bits - 1));
  static constexpr bits_t<T> fraction = static_cast<bits_t<T>>((bits_t<T>{1} << (f.precision - 1)) - 1);
  static constexpr bits_t<T> magnitude = static_cast<bits_t<T>>(~sign);
  static constexpr bits_t<T> infinity = static_cast<bits_t<T>>(magnitude & ~fraction);
  static constexpr bits_t<T> quiet_nan = static_cast<bits_t<T>>(infinity | (bits_t<T>{1} << (f.precision - 2)));
};

template <class T>
HALFULP_HOST_DEVICE constexpr bool is_nan(T x) {
  return (to_bits(x) & encoding<T>::magnitude) > encoding<T>::infinity;
}
template <class T>
HALFULP_HOST_DEVICE constexpr bool is_infinite(T x) {
  return (to_bits(x) & encoding<T>::magnitude) == encoding<T>::infinity;
}
template <class T>
HALFULP_HOST_DEVICE constexpr bool is_finite(T x) {
  return (to_bits(x) & encoding<T>::magnitude) < encoding<T>::infinity;
}
template <class T>
HALFULP_HOST_DEVICE constexpr bool is_zero(T x) {
  return (to_bits(x) & encoding<T>::magnitude) == 0;
}
template <class T>
HALFULP_HOST_DEVICE constexpr bool is_negative(T x) {  // the sign bit, of zeros and NaNs too
  return (to_bits(x) & encoding<T>::sign) != 0;
}

template <class T>
HALFULP_HOST_DEVICE constexpr T signed_bits(bool negative, bits_t<T> magnitude) {
  return from_bits<T>(static_cast<bits_t<T>>(magnitude | (negative ? encoding<T>::sign : bits_t<T>{0})));
}
template <class T>
HALFULP_HOST_DEVICE constexpr T zero_of(bool negative = false) {
  return signed_bits<T>(negative, 0);
}
template <class T>
HALFULP_HOST_DEVICE constexpr T infinity_of(bool negative = false) {
  return signed_bits<T>(negative, encoding<T>::infinity);
}
/// The one NaN that computations return: quiet, sign 0, payload 0.
template <class T>
HALFULP_HOST_DEVICE constexpr T canonical_nan() {
  return from_bits<T>(encoding<T>::quiet_nan);
}

}  // namespace halfulp
