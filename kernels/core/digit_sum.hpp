// Exact sums as digits in memory that any number of threads add integers to, in any order.
#pragma once

#include <cstdint>

#include <halfulp/oracle/core/exact_sum.hpp>

namespace halfulp::kernels {

/// Fixed point: `count` digits of base 2^32 from 2^lowest on. The last is there for what is borrowed.
struct digit_layout {
  long lowest;
  int count;
};
/// For sums of numbers of format T.
template <class T>
inline constexpr digit_layout digits_of_terms{
    format_of<T>.e_min - format_of<T>.precision + 1,
    (format_of<T>.e_max - format_of<T>.e_min + format_of<T>.precision + 31) / 32 + 1};
/// For sums of products of two binary64 numbers.
inline constexpr digit_layout digits_of_products{2 * digits_of_terms<double>.lowest,
                                                 (2 * (1024 - digits_of_terms<double>.lowest) + 31) / 32 + 1};

/// So many terms may be added before digits are carried: then |digit| < 2^63.
inline constexpr std::int64_t most_uncarried = std::int64_t{1} << 30;

/// What is not a finite number other than 0 among the terms of a sum.
enum special_term : std::uint32_t {
  nan_term = 1,
  plus_infinity = 2,
  minus_infinity = 4,
  plus_zero = 8,
  minus_zero = 16
};

HALFULP_HOST_DEVICE constexpr std::uint32_t special_of(bool nan, bool infinite, bool zero, bool negative) {
  if (nan) return nan_term;
  if (infinite) return negative ? minus_infinity : plus_infinity;
  if (!zero) return 0;
  return negative ? minus_zero : plus_zero;
}

/// Hands (-1)^negative significand 2^(32 k + shift), not 0, to add_to(k, part). The lowest digit of a term gets what is
/// positive, the next one pays for it: so digits are all 0 only where no such term was added, although terms may cancel.
template <class Significand, class AddTo>
HALFULP_HOST_DEVICE void add_to_digits(bool negative, Significand significand, long offset, AddTo add_to) {
  constexpr std::int64_t base = std::int64_t{1} << 32;
  const int shift = static_cast<int>(offset % 32);
  int k = static_cast<int>(offset / 32);
  auto part = static_cast<std::uint32_t>(significand << shift);
  Significand rest = significand >> (32 - shift);
  bool begun = false;
  std::int64_t owed = 0;
  for (;; ++k, part = static_cast<std::uint32_t>(rest), rest >>= 32) {
    if (!negative || begun) {
      const std::int64_t value = negative ? -static_cast<std::int64_t>(part) - owed : static_cast<std::int64_t>(part);
      if (value != 0) add_to(k, value);
      owed = 0;
    } else if (part != 0) {
      add_to(k, base - static_cast<std::int64_t>(part));
      begun = true;
      owed = 1;
    }
    if (rest == 0) break;
  }
  if (owed != 0) add_to(k + 1, std::int64_t{-1});
}

/// The digits of one sum.
template <int Count>
struct digit_sum {
  std::int64_t digit[Count] = {};
  std::uint32_t special = 0;

  HALFULP_HOST_DEVICE bool any() const {
    bool found = special != 0;
    for (int k = 0; k < Count; ++k) found = found || digit[k] != 0;
    return found;
  }
  template <class Significand>
  HALFULP_HOST_DEVICE void add(bool negative, Significand significand, long offset) {
    add_to_digits(negative, significand, offset, [this](int k, std::int64_t part) { digit[k] += part; });
  }
  /// Brings every digit but the last into [0, 2^32), and remembers that there were terms if they cancel.
  HALFULP_HOST_DEVICE void carry() {
    bool some = false, left = false;
    for (int k = 0; k + 1 < Count; ++k) {
      some = some || digit[k] != 0;
      const std::int64_t up = digit[k] >> 32;  // floor
      digit[k] -= up * (std::int64_t{1} << 32);
      digit[k + 1] += up;
      left = left || digit[k] != 0;
    }
    if (some && !left && digit[Count - 1] == 0) special |= plus_zero;
  }

  /// RN_Out of the sum over n >= 1. The digits are used up.
  template <class Out>
  HALFULP_HOST_DEVICE Out finish(long lowest, std::int64_t n) {
    const bool up = (special & plus_infinity) != 0, down = (special & minus_infinity) != 0;
    if ((special & nan_term) != 0 || (up && down)) return canonical_nan<Out>();
    if (up || down) return infinity_of<Out>(down);
    carry();
    const bool negative = digit[Count - 1] < 0;
    if (negative) {
      for (std::int64_t& d : digit) d = -d;
      carry();
    }
    const binary_real r = quotient(negative, lowest, n);
    if (r.significand == 0) return zero_of<Out>((special & (plus_zero | minus_zero)) == minus_zero);
    return round_to_nearest<Out>(r);
  }

 private:
  /// 64 leading bits of the magnitude over n by long division, and whether anything lies below them.
  HALFULP_HOST_DEVICE binary_real quotient(bool negative, long lowest, std::int64_t n) const {
    constexpr int after = 4;
    const auto divisor = static_cast<std::uint64_t>(n);
    binary_real r{negative, 0, 0, false};
    int found = 0;
    unsigned __int128 rest = 0;
    for (int k = Count - 1; k >= -after && (k >= 0 || rest != 0); --k) {
      rest = rest << 32 | (k < 0 ? 0 : static_cast<std::uint64_t>(digit[k]));
      const auto q = n == 1 ? static_cast<std::uint64_t>(rest) : static_cast<std::uint64_t>(rest / divisor);
      rest = n == 1 ? 0 : rest % divisor;
      const int width = found == 0 ? 64 - leading_zeros(q) : 32, room = 64 - found, kept = width < room ? width : room;
      if (kept > 0) {
        r.significand = kept == 64 ? q : r.significand << kept | q >> (width - kept);
        r.exponent = lowest + 32L * k + (width - kept);
      }
      r.sticky = r.sticky || (kept < width && (q & ((std::uint64_t{1} << (width - kept)) - 1)) != 0);
      found += kept;
    }
    r.sticky = r.sticky || rest != 0;
    return r;
  }
};

}  // namespace halfulp::kernels
