#include <halfulp/oracle/core/round.hpp>

#include "mpfr_rounding.hpp"
#include "random.hpp"

namespace halfulp::tests {
namespace {

/// A binary64 number near the rounding boundaries of T: few bits below T's last place.
template <class T>
double near_boundary(random_source& r) {
  constexpr format f = format_of<T>;
  const auto exponent = r.between(f.e_min - f.precision - 2, f.e_max + 1);
  const std::uint64_t head = (std::uint64_t{1} << (f.precision - 1)) | (r.bits() & encoding<T>::fraction);
  const auto tail = static_cast<double>(r.between(-2, 2));
  const double middle = static_cast<double>(head) + 0.5 * static_cast<double>(r.between(0, 1));
  const double x = std::ldexp(middle + tail * 0x1p-26, static_cast<int>(exponent) - f.precision + 1);
  return (r.bits() & 1) != 0 ? -x : x;
}

template <class T>
void check_rounding(double x) {
  const T got = narrow<T>(x);
  const double want = mpfr_rounded<T>(to_real(x));
  INFO("x = " << to_hex(to_real(x)));
  CHECK(to_bits(widen(got)) == to_bits(want));
  CHECK(got == round_to_nearest<T>(to_real(x)));
}

template <class T>
void check_near_boundaries() {
  HALFULP_RANDOM(r, 20240601 + format_of<T>.precision);
  for (std::int64_t k = repeats(20000); k > 0; --k) check_rounding<T>(near_boundary<T>(r));
}

}  // namespace

TEST_CASE("rounding to every format agrees with MPFR's emulation near and on its boundaries") {
  check_near_boundaries<float16>();
  check_near_boundaries<bfloat16>();
  check_near_boundaries<float>();
}

TEST_CASE("rounding: float32 agrees with the processor for doubles of any bits") {
  HALFULP_RANDOM(r, 7);
  for (std::int64_t k = repeats(200000); k > 0; --k) {
    const auto x = r.any_finite<double>();
    CHECK(to_bits(narrow<float>(x)) == to_bits(static_cast<float>(x)));
  }
}

TEST_CASE("rounding: every 16-bit number survives the way to binary64 and back") {
  for (int k = 0; k < 65536; ++k) {
    const float16 h{static_cast<std::uint16_t>(k)};
    const bfloat16 b{static_cast<std::uint16_t>(k)};
    if (!is_nan(h)) CHECK(narrow<float16>(widen(h)) == h);
    if (!is_nan(b)) CHECK(narrow<bfloat16>(widen(b)) == b);
  }
}

TEST_CASE("rounding: values worked out by hand") {
  CHECK(narrow<float16>(65519.99) == float16{0x7bff});  // below the midpoint of 65504 and 2^16
  CHECK(narrow<float16>(65520.0) == float16{0x7c00});   // on it: to even, infinity
  CHECK(narrow<float16>(0x1p-25) == float16{0x0000});   // half the smallest subnormal: to even, zero
  CHECK(narrow<float16>(-0x1p-25) == float16{0x8000});
  CHECK(narrow<float16>(0x1.8p-24) == float16{0x0002});  // 1.5 units: to even, 2
  CHECK(narrow<float16>(1 + 0x1p-11) == float16{0x3c00});
  CHECK(narrow<float16>(1 + 0x3p-11) == float16{0x3c02});
  CHECK(narrow<float16>(1 + 0x1p-11 + 0x1p-40) == float16{0x3c01});  // through float32 it would be 0x3c00
  CHECK(narrow<bfloat16>(0x1.ffp127) == bfloat16{0x7f80});
  CHECK(narrow<bfloat16>(-3.0) == bfloat16{0xc040});
  CHECK(narrow<float16>(-NAN) == float16{0x7e00});  // the canonical NaN
}

TEST_CASE("rounding: a sticky number lies above its significand, however little") {
  CHECK(round_to_nearest<float>({false, 0x8000008000000000u, -63, false}) == 1.0F);  // a tie
  CHECK(round_to_nearest<float>({false, 0x8000008000000000u, -63, true}) == 1.0F + 0x1p-23F);
  CHECK(round_to_nearest<double>({true, 0x8000000000000400u, -63, true}) == -1.0 - 0x1p-52);
}

}  // namespace halfulp::tests
