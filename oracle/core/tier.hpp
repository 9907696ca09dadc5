#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace halfulp {

/// The rung of the ladder at which a rounding was decided.
enum class tier : std::uint8_t {
  binary64,        ///< binary64 with a certified error bound
  double_double,   ///< double-double, expansions, error-free transformations
  multiprecision,  ///< MPFR with directed rounding
  exact,           ///< integers, long accumulators, bit operations: no error to bound
};

inline constexpr std::array<std::string_view, 4> tier_names{"binary64", "double-double", "multiprecision", "exact"};

constexpr std::string_view name_of(tier t) {
  return tier_names[static_cast<std::size_t>(t)];
}

/// How many output components each tier decided.
struct tier_counts {
  std::array<std::int64_t, 4> count{};

  std::int64_t& operator[](tier t) { return count[static_cast<std::size_t>(t)]; }
  std::int64_t operator[](tier t) const { return count[static_cast<std::size_t>(t)]; }
  tier_counts& operator+=(const tier_counts& other) {
    for (std::size_t k = 0; k < count.size(); ++k) count[k] += other.count[k];
    return *this;
  }
};

}  // namespace halfulp
