#include <halfulp/oracle/real/enclosure.hpp>

#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {

TEST_CASE("enclosure: around rounds outward") {
  HALFULP_RANDOM(r, 43);
  for (std::int64_t k = repeats(2000); k > 0; --k) {
    const double middle = r.uniform();
    const double radius = std::abs(r.uniform()) * 0x1p-30;
    const enclosure e = enclosure::around(to_real(middle), to_real(radius), 40);
    const enclosure fine = enclosure_of({middle, 0}, radius);
    CHECK(e.contains(fine));
    CHECK_FALSE(fine.contains(e));  // 40 bits cannot hold the ends
  }
}

TEST_CASE("enclosure: a double-double with a far smaller low part is enclosed, or exact without a radius") {
  const enclosure e = enclosure_of({1, 0x1p-1000}, 0x1p-900);
  CHECK(mpfr_cmp_d(raw(e.hi), 1) > 0);
  CHECK(mpfr_cmp_d(raw(e.lo), 1) < 0);
  const enclosure exact = enclosure_of({1, 0x1p-1000}, 0);
  CHECK(exact.is_point());
  CHECK(mpfr_cmp_d(raw(exact.lo), 1) > 0);
}

TEST_CASE("enclosure: the ends of a double-double hold what its 160 bits cannot") {
  HALFULP_RANDOM(r, 67);
  for (std::int64_t k = repeats(500); k > 0; --k) {
    // 1 + lo has up to 172 bits, and the radius is a multiple of the last of 160: adding it rounds nothing more
    const double lo = std::ldexp(r.uniform(), -static_cast<int>(r.between(108, 120)));
    const double radius = std::ldexp(static_cast<double>(r.between(1, 1000)), -159);
    const enclosure e = enclosure_of({1, lo}, radius);
    real low = make_real(400), high = make_real(400);
    const real exact = enclosure_of({1, lo}, 0).lo;
    mpfr_sub_d(raw(low), raw(exact), radius, MPFR_RNDN);
    mpfr_add_d(raw(high), raw(exact), radius, MPFR_RNDN);
    CHECK(e.contains(low));
    CHECK(e.contains(high));
  }
}

TEST_CASE("decision: undecided is a state that cannot be read by mistake") {
  const enclosure across{to_real(1.0), to_real(1 + 0x1p-23)};
  CHECK_FALSE(decide<float>(across).decided());
  CHECK_THROWS_AS(decide<float>(across).value(), undecided);
  CHECK(decide<float16>(across).value() == float16{0x3c00});
}

TEST_CASE("decision: a zero needs its sign proved") {
  CHECK_FALSE(decide<float>({to_real(-0x1p-200), to_real(0x1p-200)}).decided());
  CHECK_FALSE(decide<float>({to_real(0.0), to_real(0x1p-200)}).decided());
  CHECK(to_bits(decide<float>({to_real(-0x1p-200), to_real(-0x1p-201)}).value()) == 0x80000000u);
  CHECK(to_bits(decide<float>(enclosure::point(to_real(-0.0))).value()) == 0x80000000u);
}

TEST_CASE("decision: overflow is decided by the exact result") {
  const double threshold = 0x1.ffffffp127;  // half a unit above the largest float32
  CHECK(decide<float>(enclosure::point(to_real(threshold))).value() == INFINITY);
  CHECK_FALSE(decide<float>({to_real(threshold * (1 - 0x1p-40)), to_real(threshold)}).decided());
  CHECK(decide<float>({to_real(threshold), to_real(0x1p200)}).value() == INFINITY);
}

TEST_CASE("reals: hexadecimal text gives every bit back") {
  HALFULP_RANDOM(r, 47);
  for (std::int64_t k = repeats(500); k > 0; --k) {
    const auto x = r.any_finite<double>();
    real back = make_real(53);
    REQUIRE(mpfr_set_str(raw(back), to_hex(to_real(x)).c_str(), 0, MPFR_RNDN) == 0);
    CHECK(to_bits(mpfr_get_d(raw(back), MPFR_RNDN)) == to_bits(x));
  }
}

TEST_CASE("reals: a copy keeps precision and value") {
  real a = make_real(300);
  mpfr_const_pi(raw(a), MPFR_RNDN);
  const real b = a;
  real c = make_real(10);
  c = a;
  CHECK(mpfr_get_prec(raw(b)) == 300);
  CHECK(b == a);
  CHECK(mpfr_get_prec(raw(c)) == 300);
  CHECK(c == a);
}

}  // namespace halfulp::tests
