#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include <halfulp/oracle/core/format.hpp>

namespace halfulp::kernels {

/// The unsigned integer as wide as T.
template <class T>
using key_t = std::conditional_t<sizeof(T) == 1, std::uint8_t,
                                 std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                                    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

/// The key of every NaN, above that of every number.
template <class T>
inline constexpr key_t<T> nan_key = std::numeric_limits<key_t<T>>::max();

/// A key in the order of numbers, the same for numbers that are equal: both zeros have one.
template <class T>
HALFULP_HOST_DEVICE constexpr key_t<T> key_of(T x) {
  using key = key_t<T>;
  constexpr key sign = static_cast<key>(key{1} << (8 * sizeof(T) - 1));
  if constexpr (std::is_integral_v<T>) {
    return std::is_signed_v<T> ? static_cast<key>(static_cast<key>(x) ^ sign) : static_cast<key>(x);
  } else {
    if (is_nan(x)) return nan_key<T>;
    if (is_zero(x)) return sign;
    const key bits = to_bits(x);
    return is_negative(x) ? static_cast<key>(~bits) : static_cast<key>(bits | sign);
  }
}

}  // namespace halfulp::kernels
