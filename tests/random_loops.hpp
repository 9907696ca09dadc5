#pragma once

#include <cstdint>

namespace halfulp::tests {

/// The seed of this run, for every generator of a test: --rng-seed, 0 unless given.
std::uint64_t seed();

/// HALFULP_TEST_MULTIPLIER, 1 unless set. Throws std::invalid_argument where it is no number above 0.
double multiplier();

/// How often a random loop runs that runs `times` times by default; at least once.
std::int64_t repeats(std::int64_t times);

}  // namespace halfulp::tests
