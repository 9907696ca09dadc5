// Division of many numbers by the same one, by a multiplication.
#pragma once

#include <cstdint>

#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp::kernels {

/// x / d and x % d for 0 <= x < 2^31, 1 <= d < 2^31. With 2^(l - 1) < d <= 2^l the multiplier ceil(2^(31 + l) / d) fits in 32
/// bits, and is large enough by less than 2^l / d <= 2^(31 + l) / (2^31 d): quotients are exact.  [granlund94, theorem 4.2]
class divisor {
 public:
  HALFULP_HOST_DEVICE explicit divisor(std::uint32_t d) : divisor_(d) {
    while ((std::uint64_t{1} << (shift_ - 31)) < d) ++shift_;
    multiplier_ = static_cast<std::uint32_t>(((std::uint64_t{1} << shift_) + d - 1) / d);
  }
  HALFULP_HOST_DEVICE std::uint32_t quotient(std::uint32_t x) const {
    return static_cast<std::uint32_t>(std::uint64_t{x} * multiplier_ >> shift_);
  }
  HALFULP_HOST_DEVICE std::uint32_t remainder(std::uint32_t x) const { return x - quotient(x) * divisor_; }
  HALFULP_HOST_DEVICE std::uint32_t value() const { return divisor_; }

 private:
  std::uint32_t divisor_, multiplier_ = 0, shift_ = 31;
};

}  // namespace halfulp::kernels
