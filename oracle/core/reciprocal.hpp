// Division of many numbers by the same one, by a multiplication.
#pragma once

#include <bit>
#include <cstdint>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp {

/// What stands for 1 / d, where numbers are less than 2^31; found on the host.
class reciprocal {
 public:
  reciprocal() = default;
  /// 1 <= d < 2^31.
  constexpr explicit reciprocal(std::uint32_t d) : shift_(static_cast<std::uint32_t>(std::bit_width(d - 1))) {
    factor_ = static_cast<std::uint32_t>((((std::uint64_t{1} << shift_) - d) << 32) / d + 1);
  }

  /// floor(a / d) for 0 <= a < 2^31. With l = ceil(log2 d) and M = floor(2^(32 + l) / d) + 1, which is 2^32 + factor,
  /// M d = 2^(32 + l) + e for 0 < e <= 2^l, so that a M / 2^(32 + l) exceeds a / d by less than 1 / d, and by at least 0: both
  /// have the same floor.  [granlund94, theorem 4.2]
  HALFULP_HOST_DEVICE constexpr std::uint32_t quotient(std::uint32_t a) const {
    const auto high = static_cast<std::uint32_t>(static_cast<std::uint64_t>(a) * factor_ >> 32);
    return (high + a) >> shift_;
  }

 private:
  std::uint32_t factor_ = 0, shift_ = 0;
};

/// A number with its reciprocal.
class divisor {
 public:
  /// 1 <= d < 2^31.
  constexpr explicit divisor(std::uint32_t d) : divisor_(d), by_(d) {}
  HALFULP_HOST_DEVICE constexpr std::uint32_t quotient(std::uint32_t x) const { return by_.quotient(x); }
  HALFULP_HOST_DEVICE constexpr std::uint32_t remainder(std::uint32_t x) const { return x - quotient(x) * divisor_; }
  HALFULP_HOST_DEVICE constexpr std::uint32_t value() const { return divisor_; }

 private:
  std::uint32_t divisor_;
  reciprocal by_;
};

}  // namespace halfulp
