#include "random_loops.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace halfulp::tests {

std::uint64_t seed() {
  return Catch::rngSeed();
}

double multiplier() {
  const char* text = std::getenv("HALFULP_TEST_MULTIPLIER");
  if (text == nullptr || *text == '\0') return 1.0;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (*end != '\0' || !std::isfinite(value) || value <= 0) {
    throw std::invalid_argument(std::string("HALFULP_TEST_MULTIPLIER is '") + text + "'; it may be a number above 0");
  }
  return value;
}

std::int64_t repeats(std::int64_t times) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(times) * multiplier()));
}

}  // namespace halfulp::tests
