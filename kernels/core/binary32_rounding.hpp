// One rounding of binary64 numbers to binary32 in integers and binary32 numbers: on a GPU conversions would take the units that
// other warps multiply with. Plain C++, tested on the host.
#pragma once

#include <cstdint>

#include <halfulp/oracle/core/format.hpp>

namespace halfulp::kernels {

/// What the bits of a binary64 number tell of its rounding to binary32, which drops the lower 29.
class nearly_rounded {
 public:
  HALFULP_HOST_DEVICE explicit nearly_rounded(double s) : bits_(to_bits(s)) {}

  /// Whether |s| is in [2^-126, 2^127): only then the others tell what they say.
  HALFULP_HOST_DEVICE bool is_normal() const { return (high() & exponents) - (bias + 1) * lowest < 253 * lowest; }
  /// To nearest; of the neighbours of a midpoint the one away from 0.
  HALFULP_HOST_DEVICE float rounded() const {
    const auto kept =
        static_cast<std::uint32_t>((bits_ + half) >> 29);  // but for the sign and two bits of the exponent
    return from_bits<float>((kept - (bias << 23)) | (high() & 0x80000000u));
  }
  /// Reals nearer to s than 2^-52 of this are rounded as s, and so where s itself lies up to 2^-52 of it away from the number
  /// that is meant, and so do both ends. Midpoints are as far from s as its lower bits are from 2^28, or half as far in the
  /// binade below. Infinite where it is 2^128 and more: a finite binary32 number is less than that.
  HALFULP_HOST_DEVICE float room() const {
    const auto dropped = static_cast<std::int32_t>(bits_ & (2 * half - 1));
    constexpr auto middle = static_cast<std::int32_t>(half);
    const std::int32_t from_middle = dropped < middle ? middle - dropped : dropped - middle;
    const std::int32_t away = (from_middle < middle / 2 ? from_middle : middle / 2) - 4;
    return static_cast<float>(away & ~15) * from_bits<float>(((high() & exponents) - bias * lowest) << 3);
  }

 private:
  static constexpr std::uint32_t exponents = 0x7ff00000u, lowest = 1u << 20, bias = 1023 - 127;
  static constexpr std::uint64_t half = std::uint64_t{1} << 28;
  HALFULP_HOST_DEVICE std::uint32_t high() const { return static_cast<std::uint32_t>(bits_ >> 32); }

  std::uint64_t bits_;
};

}  // namespace halfulp::kernels
