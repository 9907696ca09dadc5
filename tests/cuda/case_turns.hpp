// Cases of a list that take long under a sanitizer.
#pragma once

#include <halfulp/oracle/core/dtype.hpp>

#include "random_loops.hpp"

namespace halfulp::tests {

/// Whether case `k` of a list has its turn: every case, but for a HALFULP_TEST_MULTIPLIER below 1 that part of them, at least every
/// tenth, others for other types.
inline bool has_turn(std::size_t k, dtype type) {
  return static_cast<std::int64_t>((k + static_cast<std::size_t>(type)) % 10) < repeats(10);
}

}  // namespace halfulp::tests
