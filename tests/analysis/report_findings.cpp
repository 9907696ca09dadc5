#include <catch2/catch.hpp>

#include <limits>

#include <halfulp/analysis/report/words.hpp>

#include "report_results.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using namespace halfulp::tests;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

std::vector<std::string> names_of(const std::vector<finding>& all) {
  std::vector<std::string> names;
  for (const auto& f : all) names.push_back(f.op + " " + f.backend + " " + f.case_text);
  return names;
}

case_result off_by(const std::string& op, const std::string& backend, const std::string& text, int ulps) {
  return result_of(op, backend, text, {{1, one_plus(ulps)}});
}

}  // namespace

TEST_CASE("findings: a right or explained answer is none, and neither is what says nothing of the backend") {
  CHECK_FALSE(finding_of(off_by("conv2d", "torch", "a", 0)));
  CHECK_FALSE(finding_of(off_by("conv2d", "torch", "a", 2)));
  for (const outcome o : {outcome::refused_by_both, outcome::unsupported, outcome::unknown})
    CHECK_FALSE(finding_of(failed_result("conv2d", "torch", "a", o)));
}

TEST_CASE("findings: avoidable and beyond errors, failures, and invalid cases answered are findings") {
  CHECK(finding_of(off_by("conv2d", "torch", "a", 5))->kind == finding_kind::avoidable);
  CHECK(finding_of(off_by("conv2d", "torch", "a", 9))->kind == finding_kind::beyond);
  CHECK(finding_of(failed_result("conv2d", "torch", "a", outcome::crashed))->kind == finding_kind::crashed);
  CHECK(finding_of(failed_result("conv2d", "torch", "a", outcome::timed_out))->kind == finding_kind::timed_out);
  CHECK(finding_of(failed_result("conv2d", "torch", "a", outcome::wrong_type))->kind == finding_kind::wrong_type);
  CHECK(finding_of(failed_result("conv2d", "torch", "a", outcome::refused_valid))->kind == finding_kind::refused_valid);
  CHECK(finding_of(failed_result("conv2d", "torch", "a", outcome::accepted_invalid))->kind ==
        finding_kind::accepted_invalid);
}

TEST_CASE("findings: errors are ranked by how many times their bound they are, not by their size") {
  const auto loose = *finding_of(result_of("conv2d", "torch", "loose", {{1, one_plus(100), {50, 1}}}));
  const auto tight = *finding_of(result_of("conv2d", "torch", "tight", {{1, one_plus(40), {2, 1}}}));
  CHECK(times_bound(*loose.shown) == 2);
  CHECK(times_bound(*tight.shown) == 20);
  CHECK(worse(tight, loose));
  CHECK_FALSE(worse(loose, tight));
}

TEST_CASE("findings: an avoidable error is measured by the componentwise bound") {
  const auto f = *finding_of(result_of("conv2d", "torch", "a", {{1, one_plus(40), {100, 4}}}));
  CHECK(f.kind == finding_kind::avoidable);
  CHECK(times_bound(*f.shown) == 10);
}

TEST_CASE("findings: a wrong NaN comes before any number, a wrong zero after all of them") {
  const auto wrong_nan = *finding_of(result_of("conv2d", "torch", "nan", {{1, not_a_number}}));
  const auto number = *finding_of(off_by("conv2d", "torch", "number", 1000));
  const auto zero = *finding_of(result_of("conv2d", "torch", "zero", {{0, 1}}));
  CHECK(worse(wrong_nan, number));
  CHECK(worse(number, zero));
  CHECK(worse(wrong_nan, zero));
}

TEST_CASE("findings: the worst five are as different as can be, in order") {
  std::vector<finding> all;
  const auto put = [&](const case_result& r) { all.push_back(*finding_of(r)); };
  put(off_by("conv2d", "torch", "a", 900));
  put(off_by("conv2d", "torch", "b", 800));  // the same op and backend as the first
  put(off_by("conv2d", "eigen", "a", 700));  // the same op and case as the first
  put(off_by("eigvalsh", "torch", "c", 100));
  put(failed_result("copysign", "torch", "d", outcome::crashed));
  put(failed_result("index_sample", "torch", "e", outcome::accepted_invalid));
  put(off_by("copysign", "eigen", "f", 4));
  const std::vector<std::string> expected{"conv2d torch a", "eigvalsh torch c", "copysign torch d", "copysign eigen f",
                                          "index_sample torch e"};
  CHECK(names_of(worst_of(all, 5)) == expected);
  std::reverse(all.begin(), all.end());
  CHECK(names_of(worst_of(all, 5)) == expected);
}

TEST_CASE("findings: where there are too few different ones, the worst of the others fill up") {
  std::vector<finding> all;
  for (int k = 1; k <= 4; ++k)
    all.push_back(*finding_of(off_by("conv2d", "torch", "case " + std::to_string(k), 100 * k)));
  CHECK(names_of(worst_of(all, 3)) ==
        std::vector<std::string>{"conv2d torch case 4", "conv2d torch case 3", "conv2d torch case 2"});
  CHECK(worst_of(all, 9).size() == 4);
  CHECK(worst_of({}, 5).empty());
}

TEST_CASE("findings: all are counted, the worst are kept") {
  report_model m;
  for (int k = 0; k < 50; ++k) m.add(off_by("conv2d", "torch", "case " + std::to_string(k), 100 + k));
  REQUIRE(m.findings.size() == 1);
  const finding_group& g = m.findings.begin()->second;
  CHECK(g.cases == 50);
  CHECK(g.components == 50);
  CHECK(g.worst.size() == finding_group::listed);
  CHECK(g.worst.front().case_text == "case 49");
}

TEST_CASE("words: a finding says the backend, the op, the format and the error") {
  CHECK(headline(*finding_of(off_by("conv2d", "torch", "a", 9))) == "torch: conv2d in float32 is 9.00 ULP off");
  CHECK(headline(*finding_of(result_of("conv2d", "torch", "a", {{1, not_a_number}}))) ==
        "torch: conv2d in float32 returns NaN for a number");
  CHECK(headline(*finding_of(result_of("conv2d", "torch", "a", {{not_a_number, 1}}))) ==
        "torch: conv2d in float32 returns a number for NaN");
  CHECK(headline(*finding_of(result_of("conv2d", "torch", "a", {{1, -not_a_number}}))) ==
        "torch: conv2d in float32 returns NaN for a number");
  CHECK(headline(*finding_of(result_of("copysign", "torch", "a", {{1, 2, {0, 0}}}))) ==
        "torch: copysign in float32 returns the wrong bits");
  CHECK(explanation(*finding_of(off_by("conv2d", "torch", "a", 16))) ==
        "output[0] is 1.00000191; correctly rounded it is 1. That is 2.00 times the 8.00 ULP that any backward-stable "
        "algorithm may lose here.");
}

TEST_CASE("words: a report that is mostly of zeros says so") {
  report_model m;
  m.add(result_of("conv2d", "cpu", "a", {{0, 0}, {1, 1}}));
  CHECK(caveats(m).empty());
  m.add(result_of("conv2d", "cpu", "b", {{0, 0}}));
  REQUIRE(caveats(m).size() == 1);
  CHECK(caveats(m)[0].starts_with("66.6% of the numbers are exactly zero"));
}

TEST_CASE("words: a reproduction is one line that a shell reads back as the case") {
  CHECK(reproduction("{\"api\": \"it's\"}", "torch") ==
        "echo '{\"api\": \"it'\\''s\"}' | halfulp eval --backend torch -");
  const std::string text(5000, 'x');
  CHECK(case_file(text).starts_with("cases/"));
  CHECK(reproduction(text, "torch") == "halfulp eval --backend torch " + case_file(text));
  CHECK(case_file(text) != case_file(text + "y"));
}
