#include <catch2/catch.hpp>

#include <random>
#include <string>

#include <mpfr.h>
#include <nlohmann/json.hpp>

#include <halfulp/analysis/cases/number.hpp>
#include <halfulp/oracle/core/round.hpp>

#include "../random_loops.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using nlohmann::json;

namespace {

/// RN of a decimal string by MPFR alone: the format's own exponent range, its own subnormal rounding.
template <class T>
T rounded_by_mpfr(const std::string& text) {
  constexpr format f = format_of<T>;
  const mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
  mpfr_set_emin(f.e_min - f.precision + 2);  // MPFR's significands lie in [1/2, 1)
  mpfr_set_emax(f.e_max + 1);
  mpfr_t x;
  mpfr_init2(x, f.precision);
  const int ternary = mpfr_strtofr(x, text.c_str(), nullptr, 10, MPFR_RNDN);
  mpfr_subnormalize(x, ternary, MPFR_RNDN);
  const double exact = mpfr_get_d(x, MPFR_RNDN);
  mpfr_clear(x);
  mpfr_set_emin(emin);
  mpfr_set_emax(emax);
  return narrow<T>(exact);
}

/// All decimal digits of x, which is a binary64 number.
std::string every_digit(double x) {
  char text[1200];
  mpfr_t exact;
  mpfr_init2(exact, 53);
  mpfr_set_d(exact, x, MPFR_RNDN);
  mpfr_snprintf(text, sizeof text, "%.1080Re", exact);
  mpfr_clear(exact);
  return text;
}

template <class T>
T read(const std::string& text) {
  return component_from_json<T>(json(text));
}

template <class T>
std::string refusal(const json& j) {
  try {
    element_from_json<T>(j);
  } catch (const number_error& e) {
    return e.what();
  }
  return {};
}

/// Digits with one appended far behind: just off the number they were, by less than any format sees.
std::string nudged(const std::string& digits, char last) {
  const auto e = digits.find('e');
  std::string s = digits;
  s.insert(e, std::string(1, last));
  return s;
}

}  // namespace

TEMPLATE_TEST_CASE("numbers: what is written is read back to the same bits", "", float16, bfloat16) {
  for (std::uint32_t k = 0; k < 65536; ++k) {
    const auto x = from_bits<TestType>(static_cast<std::uint16_t>(k));
    if (to_bits(read<TestType>(to_text(x))) != k) FAIL(to_text(x) << " from bits " << k);
  }
}

TEMPLATE_TEST_CASE("numbers: what is written is read back to the same bits, at random", "", float, double) {
  std::mt19937_64 random(tests::seed());
  for (std::int64_t k = 0; k < tests::repeats(20000); ++k) {
    const auto x = from_bits<TestType>(static_cast<bits_t<TestType>>(random()));
    if (to_bits(read<TestType>(to_text(x))) != to_bits(x)) FAIL(to_text(x));
  }
}

TEMPLATE_TEST_CASE("numbers: decimal text is rounded as MPFR rounds it", "", float16, bfloat16, float, double) {
  std::mt19937_64 random(tests::seed());
  constexpr format f = format_of<TestType>;
  for (std::int64_t k = 0; k < tests::repeats(20000); ++k) {
    const int decade = static_cast<int>(static_cast<double>(f.e_max - f.e_min + f.precision + 2) * 0.30103);
    const int exponent = static_cast<int>(random() % static_cast<unsigned>(decade + 1)) - decade / 2;
    const std::string text = (random() % 2 == 0 ? "-" : "") + std::to_string(random() % 10) + "." +
                             std::to_string(random()) + "e" + std::to_string(exponent);
    const auto want = rounded_by_mpfr<TestType>(text);
    if (is_infinite(want)) {
      CHECK_THROWS_AS(read<TestType>(text), number_error);
    } else if (to_bits(read<TestType>(text)) != to_bits(want)) {
      FAIL(text << " is " << to_text(read<TestType>(text)) << ", MPFR says " << to_text(want));
    }
  }
}

TEMPLATE_TEST_CASE("numbers: a midpoint goes to even, and its neighbours to their side, never rounded twice", "",
                   float16, bfloat16, float) {
  std::mt19937_64 random(tests::seed());
  for (std::int64_t k = 0; k < tests::repeats(500); ++k) {
    const auto bits = static_cast<bits_t<TestType>>(random() % (encoding<TestType>::infinity - 1));
    const auto below = from_bits<TestType>(bits);
    const auto above = from_bits<TestType>(static_cast<bits_t<TestType>>(bits + 1));
    const std::string middle = every_digit((widen(below) + widen(above)) / 2);
    CHECK(to_bits(read<TestType>(middle)) == (bits % 2 == 0 ? bits : bits + 1));
    CHECK(to_bits(read<TestType>(nudged(middle, '1'))) == bits + 1);
  }
  CHECK(read<float16>("1.00048828125") == narrow<float16>(1.0));                           // a tie, to even
  CHECK(read<float16>("1.000488281250000000000000001") == narrow<float16>(1.0009765625));  // in binary64 a tie
  CHECK(read<float16>("1.000488281249999999999999999") == narrow<float16>(1.0));
}

TEST_CASE("numbers: hexadecimal text is rounded once, too") {
  CHECK(to_bits(read<float16>("0x1.002p0")) == 0x3c00);
  CHECK(to_bits(read<float16>("0x1.00200000000000000000001p0")) == 0x3c01);
  CHECK(to_bits(read<float>("-0x1p-149")) == 0x80000001u);
  CHECK(to_bits(read<float>("-0x1p-150")) == 0x80000000u);
  CHECK(to_bits(read<double>("0X1P-1074")) == 1u);
}

TEST_CASE("numbers: zeros keep their sign, NaNs their bits") {
  CHECK(to_bits(read<float>("-0")) == 0x80000000u);
  CHECK(to_bits(read<float>("-1e-999999")) == 0x80000000u);
  CHECK(to_bits(read<float16>("nan")) == 0x7e00);
  CHECK(to_bits(read<float16>("-nan")) == 0xfe00);
  CHECK(to_bits(read<float16>("nan(0x7c01)")) == 0x7c01);
  CHECK(to_text(from_bits<float16>(0x7e01)) == "nan(0x7e01)");
  CHECK(to_text(from_bits<bfloat16>(0xffc0)) == "-nan");
  CHECK(to_text(-0.0) == "-0x0p+0");
  CHECK(to_text(read<double>("-inf")) == "-inf");
}

TEST_CASE("numbers: integers are exact") {
  CHECK(read<std::int64_t>("9007199254740993") == 9007199254740993);
  CHECK(component_from_json<std::int64_t>(json(INT64_MIN)) == INT64_MIN);
  CHECK(component_from_json<std::uint8_t>(json(255)) == 255);
  CHECK(read<std::int32_t>("1e3") == 1000);
  CHECK(read<std::int32_t>("0x10") == 16);
  CHECK(component_from_json<bool>(json(true)));
  CHECK_FALSE(component_from_json<bool>(json(0)));
}

TEST_CASE("numbers: what a dtype cannot take is refused, and the message says what it takes") {
  using Catch::Contains;
  CHECK_THAT(refusal<std::int32_t>("1.5"), Contains("1.5") && Contains("-2147483648 .. 2147483647"));
  CHECK_THAT(refusal<std::uint8_t>(300), Contains("300") && Contains("0 .. 255"));
  CHECK_THAT(refusal<std::uint8_t>(-1), Contains("-1") && Contains("0 .. 255"));
  CHECK_THAT(refusal<std::int64_t>("9223372036854775808"), Contains("9223372036854775808"));
  CHECK_THAT(refusal<float16>("65520"), Contains("65520") && Contains("inf"));
  CHECK_THAT(refusal<float>("1e39"), Contains("1e39"));
  CHECK_THAT(refusal<float>("1,5"), Contains("1,5"));
  CHECK_THAT(refusal<float>(""), Contains("decimal"));
  CHECK_THAT(refusal<float>("0x"), Contains("0x"));
  CHECK_THAT(refusal<float>("1e"), Contains("1e"));
  CHECK_THAT(refusal<float>("infinity"), Contains("infinity"));
  CHECK_THAT(refusal<float16>("nan(0x3c00)"), Contains("nan(0x3c00)"));
  CHECK_THAT(refusal<float16>("nan(0x17e00)"), Contains("nan(0x17e00)"));
  CHECK_THAT(refusal<float16>("nan(0x7e00"), Contains("nan(0x7e00"));
  CHECK_THAT(refusal<bool>(2), Contains("2") && Contains("true"));
  CHECK_THAT(refusal<float>(nullptr), Contains("null"));
  CHECK_THAT(refusal<std::complex<float>>(json::array({1, 2, 3})), Contains("[re, im]"));
  CHECK(refusal<float16>("65519.99").empty());
}
