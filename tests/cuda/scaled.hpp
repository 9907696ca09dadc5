#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "random_loops.hpp"

namespace halfulp::tests {

/// A size that is `full` by default; below a multiplier of 1 it comes down to `small`, for tools that make every access to
/// memory slow.
inline std::int64_t scaled(std::int64_t full, std::int64_t small) {
  return small + std::llround(static_cast<double>(full - small) * std::min(1.0, multiplier()));
}

/// How often a loop runs that runs `times` times by default, and `least` times whatever the multiplier.
inline std::int64_t repeats(std::int64_t times, std::int64_t least) {
  return std::max(repeats(times), least);
}

}  // namespace halfulp::tests
