#include <cmath>

#include <limits>

#include <catch2/catch.hpp>

#include <halfulp/kernels/core/repair.hpp>

#include "random.hpp"

namespace halfulp::tests {

TEST_CASE("plain_sum: a sum called exact is exact") {
  HALFULP_RANDOM(r, 451);
  std::int64_t called_exact = 0, others = 0;
  for (std::int64_t n = 0; n < repeats(2000); ++n) {
    kernels::plain_sum sum;
    exact_sum<float> exact;
    const int bits = static_cast<int>(r.between(1, 24)), spread = static_cast<int>(r.between(0, 20));
    const auto factor = [&] {
      return static_cast<float>(
          std::ldexp(std::floor(std::ldexp(r.uniform(), bits)), -bits + static_cast<int>(r.between(0, spread))));
    };
    for (std::int64_t k = r.between(1, 40); k > 0; --k) {
      const float a = factor(), b = factor();
      sum.add_product(a, b);
      exact.add_product(a, b);
    }
    if (!sum.is_exact()) {
      ++others;
      continue;
    }
    exact.add_product(-static_cast<float>(sum.value()), 1.f);  // binary64 numbers are sums of three binary32 ones
    const double rest = sum.value() - static_cast<double>(static_cast<float>(sum.value()));
    exact.add_product(-static_cast<float>(rest), 1.f);
    exact.add_product(-static_cast<float>(rest - static_cast<double>(static_cast<float>(rest))), 1.f);
    CHECK(exact.round<float>() == 0);
    ++called_exact;
  }
  CHECK(called_exact > repeats(2000) / 4);
  CHECK(others > 0);
}

TEST_CASE("plain_sum: neither zeros nor special values are called exact") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto sum_of = [](float a, float b) {
    kernels::plain_sum sum;
    sum.add(a);
    sum.add(b);
    return sum;
  };
  CHECK(sum_of(1.f, 2.f).is_exact());
  CHECK_FALSE(sum_of(1.f, 0x1p-60f).is_exact());
  CHECK_FALSE(sum_of(1.f, -1.f).is_exact());
  CHECK_FALSE(sum_of(-0.f, -0.f).is_exact());
  CHECK_FALSE(sum_of(infinity, 1.f).is_exact());
  CHECK_FALSE(sum_of(1.f, infinity).is_exact());
  CHECK_FALSE(sum_of(1.f, NAN).is_exact());
}

}  // namespace halfulp::tests
