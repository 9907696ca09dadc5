#pragma once

#include <cstdint>
#include <random>

#include <catch2/catch.hpp>

#include <halfulp/oracle/core/round.hpp>

#include "random_loops.hpp"

namespace halfulp::tests {

/// A source for one test, seeded by the run's seed and the test's own number; both stand in the message of whatever
/// fails after it.
#define HALFULP_RANDOM(name, number)                                                   \
  ::halfulp::tests::random_source name(::halfulp::tests::seed() * 1000003 + (number)); \
  INFO("--rng-seed " << ::halfulp::tests::seed())

/// The same bits on every machine: the engine is fixed by the C++ standard, and no distribution of the library is used.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(high - low + 1));
  }
  /// Any bits at all: NaNs, infinities, subnormals.
  template <class T>
  T any() {
    return from_bits<T>(static_cast<bits_t<T>>(bits()));
  }
  /// Finite, of any exponent.
  template <class T>
  T any_finite() {
    for (;;)
      if (const T x = any<T>(); is_finite(x)) return x;
  }
  /// Uniform in [-1, 1) on a grid of 2^-52.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-52 - 1; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace halfulp::tests
