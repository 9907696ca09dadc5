#include <halfulp/oracle/core/ulp.hpp>

#include <halfulp/oracle/real/ulp_error.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

double ulp_of(const format& f, double x) {
  return mpfr_get_d(raw(ulp(f, to_real(x))), MPFR_RNDN);
}

enclosure between(double lo, double hi) {
  return {to_real(lo), to_real(hi)};
}

}  // namespace

TEST_CASE("ulp: values worked out by hand") {
  CHECK(ulp_of(binary32_format, 1.0) == 0x1p-23);
  CHECK(ulp_of(binary32_format, -1.0) == 0x1p-23);
  CHECK(ulp_of(binary32_format, 1 - 0x1p-40) == 0x1p-24);  // just below a binade border
  CHECK(ulp_of(binary32_format, 0x1p-126) == 0x1p-149);
  CHECK(ulp_of(binary32_format, 0x1p-130) == 0x1p-149);  // subnormal
  CHECK(ulp_of(binary32_format, 0.0) == 0x1p-149);
  CHECK(ulp_of(binary64_format, 0.0) == 0x1p-1074);
  CHECK(ulp_of(binary16_format, 65504.0) == 32);
  CHECK(ulp_of(bfloat16_format, 3.0) == 0x1p-6);
}

TEST_CASE("error in ULPs: the binade of the exact result decides at a border") {
  // y = 1, r = 1 - 2^-25: half a unit of the binade below, where a unit is 2^-24
  const auto below = error_in_ulps(binary32_format, to_real(1.0), between(1 - 0x1p-25, 1 - 0x1p-25));
  CHECK(below.lo == 0.5);
  CHECK(below.hi == 0.5);
  // the same distance above counts half as much
  const auto above = error_in_ulps(binary32_format, to_real(1.0), between(1 + 0x1p-25, 1 + 0x1p-25));
  CHECK(above.lo == 0.25);
  CHECK(above.hi == 0.25);
  // an enclosure across the border takes the smaller unit for the upper end, the larger for the lower
  const auto across = error_in_ulps(binary32_format, to_real(1.5), between(1 - 0x1p-25, 1 + 0x1p-25));
  CHECK(across.lo == (0.5 - 0x1p-25) / 0x1p-23);
  CHECK(across.hi == (0.5 + 0x1p-25) / 0x1p-24);
}

TEST_CASE("error in ULPs: infinities count as 2^(e_max + 1)") {
  const double largest = 0x1.fffffep127;
  const auto missed = error_in_ulps(binary32_format, to_real(INFINITY), between(largest, largest));
  CHECK(missed.hi == 1);
  const auto invented = error_in_ulps(binary32_format, to_real(largest), between(0x1p130, 0x1p130));
  CHECK(invented.lo == 0.5);  // 2^128 - largest = 2^104, and a unit at 2^128 is 2^105
  CHECK(error_in_ulps(binary32_format, to_real(-INFINITY), between(0x1p130, 0x1p130)).hi == 0x1p24);
}

TEST_CASE("error in ULPs: at a true zero the unit is the smallest subnormal, and NaN on one side is infinite") {
  CHECK(error_in_ulps(binary32_format, to_real(0x1p-140), between(0, 0)).hi == 0x1p9);
  CHECK(error_in_ulps(binary32_format, to_real(double{NAN}), between(1, 1)).lo == INFINITY);
  CHECK(error_in_ulps(binary32_format, to_real(1.0), between(NAN, NAN)).lo == INFINITY);
  CHECK(error_in_ulps(binary32_format, to_real(double{NAN}), between(NAN, NAN)).hi == 0);
}

TEST_CASE("error in ULPs: the interval is rounded outward and shrinks to the error as the enclosure does") {
  HALFULP_RANDOM(r, 11);
  for (std::int64_t k = repeats(2000); k > 0; --k) {
    const double truth = std::ldexp(1 + (r.uniform() + 1) / 2, static_cast<int>(r.between(-60, 60)));
    const double y = truth * (1 + r.uniform() * 0x1p-20);
    const double width = truth * 0x1p-40;
    const auto narrow_range = error_in_ulps(binary32_format, to_real(y), between(truth, truth));
    const auto wide_range = error_in_ulps(binary32_format, to_real(y), between(truth - width, truth + width));
    CHECK(wide_range.lo <= narrow_range.lo);
    CHECK(narrow_range.lo <= narrow_range.hi);
    CHECK(narrow_range.hi <= wide_range.hi);
    CHECK(narrow_range.hi - narrow_range.lo <= narrow_range.hi * 0x1p-50);
  }
}

TEST_CASE("error in ULPs: normwise, a complex error counts in units of the modulus") {
  // y = 3 + 4i + 2^-20 i, r = 3 + 4i: the modulus is 5, a unit 2^-21
  const auto e =
      normwise_error_in_ulps(binary32_format, to_real(3.0), to_real(4 + 0x1p-20), between(3, 3), between(4, 4));
  CHECK(e.lo == 2);
  CHECK(e.hi == 2);
}

}  // namespace halfulp::tests
