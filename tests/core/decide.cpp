#include <halfulp/oracle/core/decide.hpp>

#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

/// A double-double near a rounding boundary of T, as near as its low part can tell.
template <class T>
double_double near_midpoint(random_source& r) {
  constexpr format f = format_of<T>;
  const auto head = static_cast<double>((std::uint64_t{1} << (f.precision - 1)) | (r.bits() & encoding<T>::fraction));
  const auto exponent = static_cast<int>(r.between(f.e_min / 2, f.e_max / 2)) - f.precision + 1;
  const double sign = (r.bits() & 1) != 0 ? -1 : 1;
  if constexpr (std::is_same_v<T, double>) {
    return fast_two_sum(sign * std::ldexp(head, exponent), std::ldexp(0.5 + 0x1p-20 * r.uniform(), exponent));
  }
  const double offset = std::ldexp(static_cast<double>(r.between(-3, 3)), -static_cast<int>(r.between(30, 90)));
  return fast_two_sum(sign * std::ldexp(head + 0.5, exponent), std::ldexp(offset, exponent));
}

template <class T>
void check_decisions() {
  HALFULP_RANDOM(r, 29 + format_of<T>.precision);
  std::int64_t decided_ones = 0;
  std::int64_t undecided_ones = 0;
  for (std::int64_t k = repeats(20000); k > 0; --k) {
    const double_double s = near_midpoint<T>(r);
    const double radius = k % 5 == 0 ? 0 : std::abs(s.hi) * std::ldexp(1.0, -static_cast<int>(r.between(20, 108)));
    T got{};
    const bool decided = decide<T>(s, radius, got);
    const decision<T> want = decide<T>(enclosure_of(s, radius));
    INFO("s = " << s.hi << " + " << s.lo << ", radius = " << radius);
    if (decided) {  // never a decision that the exact enclosure does not allow
      REQUIRE(want.decided());
      CHECK(got == want.value());
    }
    decided_ones += decided;
    undecided_ones += !want.decided();
  }
  CHECK(decided_ones > repeats(2000));
  CHECK(undecided_ones > repeats(2000));
}

}  // namespace

TEST_CASE("decide: in double-double it decides only what the exact enclosure decides, and the same") {
  check_decisions<float16>();
  check_decisions<bfloat16>();
  check_decisions<float>();
  check_decisions<double>();
}

TEST_CASE("decide: a radius that just reaches across a boundary is not overlooked") {
  HALFULP_RANDOM(r, 61);
  std::int64_t crossing = 0;
  for (std::int64_t k = repeats(20000); k > 0; --k) {
    // s lies `distance` below the midpoint of two doubles, and the radius is that, or a little less or more
    const double head = 1 + 0x1p-52 * static_cast<double>(r.bits() >> 12);
    const double distance = std::ldexp(1 + (r.uniform() + 1) / 2, -static_cast<int>(r.between(60, 104)));
    const double_double s = add(double_double{head, 0x1p-53}, -distance);
    const double radius = distance * (1 + static_cast<double>(r.between(-2, 2)) * 0x1p-52);
    double got = 0;
    const bool decided = decide<double>(s, radius, got);
    const decision<double> want = decide<double>(enclosure_of(s, radius));
    if (decided) {
      REQUIRE(want.decided());
      CHECK(got == want.value());
    }
    crossing += !want.decided();
  }
  CHECK(crossing > repeats(2000));
}

TEST_CASE("decide: an exact sum is rounded as it is, the sign of its zero kept") {
  float got = 1;
  REQUIRE(decide<float>({-0.0, 0}, 0, got));
  CHECK(to_bits(got) == 0x80000000u);
  REQUIRE(decide<float>({1 + 0x1p-24, 0}, 0, got));  // a tie
  CHECK(got == 1);
  REQUIRE(decide<float>({1 + 0x1p-24, 0x1p-90}, 0, got));
  CHECK(got == 1 + 0x1p-23F);
  REQUIRE(decide<float>({1 + 0x1p-24, -0x1p-90}, 0, got));
  CHECK(got == 1);
}

TEST_CASE("decide: a zero whose sign is not proved, and what is not finite, stay undecided") {
  float got = 1;
  CHECK_FALSE(decide<float>({0, 0}, 0x1p-200, got));
  CHECK_FALSE(decide<float>({0x1p-200, 0}, 0x1p-200, got));
  CHECK(decide<float>({0x1p-200, 0}, 0x1p-201, got));
  CHECK(got == 0);
  CHECK_FALSE(decide<float>({1, 0}, INFINITY, got));
  CHECK_FALSE(decide<float>({1, 0}, NAN, got));
  CHECK_FALSE(decide<float>({INFINITY, 0}, 0, got));
  CHECK_FALSE(decide<float>({NAN, 0}, 1, got));
}

TEST_CASE("decide: at a binade border the radius counts on both sides") {
  float got = 0;
  // RN changes at 1 - 2^-25, half a unit of the binade below
  CHECK_FALSE(decide<float>({1 - 0x1p-25, 0}, 0x1p-60, got));
  CHECK(decide<float>({1 - 0x1p-25, 0}, 0, got));
  CHECK(got == 1);  // a tie, to even
  CHECK(decide<float>({1 - 0x1p-25 - 0x1p-50, 0}, 0x1p-60, got));
  CHECK(got == 1 - 0x1p-24F);
}

}  // namespace halfulp::tests
