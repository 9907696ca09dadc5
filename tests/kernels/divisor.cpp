#include <halfulp/oracle/core/reciprocal.hpp>

#include <algorithm>

#include "random.hpp"

namespace halfulp::tests {
namespace {

constexpr std::uint32_t most = 0x7fffffff;

/// How many of x, the multiple of d at or below it, and the number before that, are divided wrongly.
std::int64_t wrong_near(std::uint32_t x, std::uint32_t d) {
  const divisor by(d);
  std::int64_t wrong = 0;
  for (const std::uint32_t n : {x, x / d * d, std::max(x / d * d, 1u) - 1})
    wrong += by.quotient(n) != n / d || by.remainder(n) != n % d;
  return wrong;
}

}  // namespace

TEST_CASE("divisor: quotients and remainders of numbers below 2^31 are exact") {
  HALFULP_RANDOM(r, 1);
  std::int64_t wrong = 0;
  for (std::uint32_t d = 1; d < 3000; ++d) {
    wrong += wrong_near(most, d);
    for (std::int64_t k = 0; k < repeats(20); ++k)
      wrong += wrong_near(static_cast<std::uint32_t>(r.between(0, most)), d);
  }
  for (int bit = 0; bit < 31; ++bit)
    for (const std::uint32_t d : {1u << bit, (1u << bit) + 1, (1u << bit) - 1})
      if (d > 0) wrong += wrong_near(most, d) + wrong_near(static_cast<std::uint32_t>(r.between(0, most)), d);
  wrong += wrong_near(most, most) + wrong_near(most - 1, most) + wrong_near(0, most);
  CHECK(wrong == 0);
}

}  // namespace halfulp::tests
