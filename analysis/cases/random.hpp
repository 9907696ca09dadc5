#pragma once

#include <cstdint>
#include <random>

namespace halfulp::analysis {

/// Random numbers with the same bits on every machine: the 64-bit Mersenne Twister, whose output the C++ standard
/// fixes, and arithmetic that is exact. The standard's distributions are not fixed, so none is used.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : twister_(seed) {}

  std::uint64_t bits() { return twister_(); }
  /// k * 2^-53, 0 <= k < 2^53.
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  /// In [low, high], but for the rounding of low + (high - low) * unit().
  double between(double low, double high) { return low + (high - low) * unit(); }
  /// 0 .. n - 1; 0 for n = 0, read as 2^64: then any. Redraws what would make some numbers more likely.
  std::uint64_t below(std::uint64_t n) {
    if (n == 0) return bits();
    const std::uint64_t surplus = (0 - n) % n;  // 2^64 mod n
    std::uint64_t r = bits();
    while (r < surplus) r = bits();
    return r % n;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(span));
  }

 private:
  std::mt19937_64 twister_;
};

}  // namespace halfulp::analysis
