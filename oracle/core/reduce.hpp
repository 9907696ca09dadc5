#pragma once

#include <cstdint>
#include <type_traits>

#include <halfulp/oracle/core/format.hpp>
#include <halfulp/oracle/core/scatter.hpp>

namespace halfulp {

/// a and b combined, neither of them a mean: integers modulo 2^w; the sum of bools is or, their product and.
template <class T>
requires std::is_integral_v<T> HALFULP_HOST_DEVICE constexpr T combine_integers(reduction how, T a, T b) {
  switch (how) {
    case reduction::assign:
      return b;
    case reduction::amin:
      return b < a ? b : a;
    case reduction::amax:
      return a < b ? b : a;
    default:
      break;
  }
  const bool product = how == reduction::mul;
  if constexpr (std::is_same_v<T, bool>) {
    return product ? a && b : a || b;
  } else {
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    return static_cast<T>(product ? x * y : x + y);
  }
}

/// The mean of n >= 1 integers of this exact sum, truncated toward zero.
template <class T>
requires std::is_integral_v<T> HALFULP_HOST_DEVICE constexpr T mean_of_integers(__int128 sum, std::int64_t n) {
  return static_cast<T>(sum / n);
}

/// Whether a lies before b in the order of numbers, -0 before +0; neither is NaN.
template <class T>
HALFULP_HOST_DEVICE constexpr bool lies_below(T a, T b) {
  if (is_negative(a) != is_negative(b)) return is_negative(a);
  return is_negative(a) ? to_bits(a) > to_bits(b) : to_bits(a) < to_bits(b);
}

/// The least (amin) or greatest (amax) of a and b, -0 below +0; the canonical NaN where one is NaN, so that the result
/// of many does not depend on their order.
template <class T>
HALFULP_HOST_DEVICE constexpr T extreme(reduction how, T a, T b) {
  if (is_nan(a) || is_nan(b)) return canonical_nan<T>();
  return lies_below(b, a) == (how == reduction::amin) ? b : a;
}

}  // namespace halfulp
