#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>

#include <halfulp/analysis/report/numbers.hpp>
#include <halfulp/analysis/report/progress.hpp>

#include "../random.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using namespace halfulp::tests;

namespace {

/// What "2.90×10¹⁰" says.
double value_of(std::string text) {
  static const std::pair<const char*, const char*> plain[] = {
      {"×10", "e"}, {"⁰", "0"}, {"¹", "1"}, {"²", "2"}, {"³", "3"}, {"⁴", "4"}, {"⁵", "5"},
      {"⁶", "6"},   {"⁷", "7"}, {"⁸", "8"}, {"⁹", "9"}, {"⁻", "-"}, {",", ""}};
  for (const auto& [from, to] : plain)
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from))
      text.replace(at, std::string(from).size(), to);
  return std::stod(text);
}

}  // namespace

TEST_CASE("numbers: three digits, never below an upper end and never above a lower one") {
  CHECK(upper_text(0) == "0");
  CHECK(upper_text(std::numeric_limits<double>::infinity()) == "∞");
  CHECK(upper_text(0.5) == "0.500");
  CHECK(upper_text(0.5000001) == "0.501");
  CHECK(lower_text(0.5000001) == "0.500");
  CHECK(upper_text(999.1) == "1,000");
  CHECK(lower_text(999.9) == "999");
  CHECK(upper_text(2.9e10) == "2.90×10¹⁰");
  CHECK(upper_text(9.999e-7) == "1.00×10⁻⁶");
  CHECK(upper_text(12345) == "12,400");
}

TEST_CASE("numbers: printed ends enclose the number within a hundredth") {
  HALFULP_RANDOM(source, 7401);
  for (std::int64_t k = 0; k < repeats(20000); ++k) {
    const double x = std::abs(source.any_finite<double>());
    if (x < 1e-300 || x > 1e300) continue;
    INFO(x);
    REQUIRE(value_of(upper_text(x)) >= x);
    REQUIRE(value_of(lower_text(x)) <= x);
    REQUIRE(value_of(upper_text(x)) <= 1.011 * x);
    REQUIRE(value_of(lower_text(x)) >= x / 1.011);
  }
}

TEST_CASE("numbers: both ends of an error are printed where they differ by more than a hundredth") {
  CHECK(error_text({1, 1}) == "1.00");
  CHECK(error_text({100, 100.5}) == "101");
  CHECK(error_text({0, 2}) == "0 to 2.00");
  CHECK(error_text({0, 0}) == "0");
}

TEST_CASE("numbers: a share is 100% only of all, and 0% only of none") {
  CHECK(share_text(0, 0) == "–");
  CHECK(share_text(0, 10) == "0%");
  CHECK(share_text(10, 10) == "100%");
  CHECK(share_text(999999, 1000000) == "99.9%");
  CHECK(share_text(1, 1000000) == "<0.1%");
  CHECK(share_text(1, 3) == "33.3%");
}

TEST_CASE("numbers: counts, durations and decimals as people write them") {
  CHECK(count_text(999) == "999");
  CHECK(count_text(1204331) == "1,204,331");
  CHECK(counted(1, "case") == "1 case");
  CHECK(counted(1000, "case") == "1,000 cases");
  CHECK(duration_text(59) == "59 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(7500) == "2 h 5 min");
  CHECK(decimal_text("0x1.8p+0") == "1.5");
  CHECK(decimal_text("-0x0p+0") == "-0");
  CHECK(decimal_text("nan(0x7e01)") == "nan(0x7e01)");
  CHECK(decimal_text("undecided") == "undecided");
}

TEST_CASE("progress: the time left follows from the cases that took time") {
  CHECK_THAT(progress_line(0, 10, 0, 0), Catch::EndsWith("0 of 10 cases"));
  CHECK_THAT(progress_line(5, 10, 5, 20), Catch::EndsWith("5 of 10 cases, 20 s left"));
  CHECK_THAT(progress_line(5, 10, 1, 20), Catch::EndsWith("5 of 10 cases, 1 min 40 s left"));
  CHECK_THAT(progress_line(10, 10, 10, 20), Catch::EndsWith("10 of 10 cases"));
  CHECK_THAT(progress_line(0, 0, 0, 0), Catch::EndsWith("0 of 0 cases"));
}
