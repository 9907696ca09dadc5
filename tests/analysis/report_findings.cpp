#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include <halfulp/analysis/report/overview.hpp>
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

TEST_CASE("findings: a finite result that is missed comes before wrong NaNs and moved bits, a wrong zero after them") {
  const auto wrong_nan = *finding_of(result_of("conv2d", "torch", "nan", {{1, not_a_number}}));
  const auto moved = *finding_of(result_of("copysign", "torch", "bits", {{1, 2, {0, 0}}}));
  const auto number = *finding_of(off_by("conv2d", "torch", "number", 9));
  const auto overflow = *finding_of(result_of("conv2d", "torch", "overflow", {{3e38F, HUGE_VALF}}));
  const auto zero = *finding_of(result_of("conv2d", "torch", "zero", {{0, 1}}));
  auto payload = wrong_nan;
  payload.shown->got = payload.shown->want = "nan(0x7fc00001)";
  payload.shown->bounds = {0, 0};
  CHECK(worse(moved, payload));
  CHECK(worse(wrong_nan, payload));
  CHECK(worse(payload, zero));
  CHECK(worse(number, wrong_nan));
  CHECK(worse(number, moved));
  CHECK(worse(overflow, number));  // more times its bound
  CHECK(worse(wrong_nan, zero));
  CHECK(worse(moved, zero));
}

TEST_CASE("findings: of equals the one that is shorter to show comes first") {
  const auto of_case = [](const std::string& text) {
    return *finding_of(result_of("conv2d", "torch", text, {{1, not_a_number}}));
  };
  CHECK(worse(of_case("b"), of_case("aa")));
  CHECK(worse(of_case("a"), of_case("b")));
}

TEST_CASE("findings: the worst five show one of each sort before two of one") {
  std::vector<finding> all;
  const auto put = [&](const case_result& r) { all.push_back(*finding_of(r)); };
  for (const std::string op : {"a", "b", "c", "d", "e", "f"}) put(off_by(op, "torch", op, 1000));  // beyond
  put(result_of("g", "torch", "nan", {{1, not_a_number}}));
  put(result_of("h", "torch", "bits", {{1, 2, {0, 0}}}));
  put(failed_result("i", "torch", "crash", outcome::crashed));
  put(off_by("j", "torch", "avoidable", 5));
  put(failed_result("k", "torch", "call", outcome::refused_valid));
  const auto chosen = worst_of(all, 5);
  CHECK(names_of(chosen) ==
        std::vector<std::string>{"a torch a", "g torch nan", "h torch bits", "i torch crash", "j torch avoidable"});
  CHECK(worst_of(all, 7).at(1).op == "b");  // all six sorts, then the next of the first
  put(off_by("z", "eigen", "z", 100000));   // worse, but a library's
  CHECK(names_of(worst_of(all, 5)) == names_of(chosen));
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

TEST_CASE("findings: another sort comes before another op") {
  std::vector<finding> all;
  for (const auto& r : {off_by("a", "torch", "x", 1000), off_by("b", "torch", "y", 900),
                        failed_result("a", "torch", "z", outcome::crashed)})
    all.push_back(*finding_of(r));
  CHECK(names_of(worst_of(all, 2)) == std::vector<std::string>{"a torch x", "a torch z"});
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
  CHECK(explanation(*finding_of(result_of("cholesky_solve", "torch", "a", {{not_a_number, 1, {0, 0}}}))) ==
        "output[0] is 1; correctly rounded it is nan. No bound allows that.");
  CHECK(explanation(*finding_of(off_by("conv2d", "torch", "a", 16))) ==
        "output[0] is 1.00000191; correctly rounded it is 1. That is 2.00 times the 8.00 ULP that any backward-stable "
        "algorithm may lose here.");
}

TEST_CASE("words: reproductions run after a line that names the folder of the program") {
  report_model m;
  CHECK(path_line(m).empty());
  m.runs.push_back(a_run("1", 1));
  CHECK(path_line(m).empty());
  m.runs.back().path = "/opt/it's/bin/halfulp";
  CHECK(path_line(m) == "PATH='/opt/it'\\''s/bin':$PATH");
}

TEST_CASE(
    "overview: an implementation's row counts its numbers without the zeros, and its cases by what came of them") {
  report_model m;
  m.backends = {{"torch", true, "1", {}, ""}, {"lapack", false, "", {}, "not there"}, {"cpu", true, "1", {}, ""}};
  m.add(result_of("conv2d", "torch", "a", {{0, 0}, {0, 1}, {1, 1}, {1, one_plus(1)}, {1, one_plus(5)}}));
  m.add(result_of("eigvalsh", "torch", "b", {{1, one_plus(9)}}));
  m.add(result_of("conv2d", "cpu", "a", {{1, 1}}));
  for (const outcome o : {outcome::crashed, outcome::timed_out, outcome::wrong_type, outcome::refused_valid,
                          outcome::accepted_invalid, outcome::refused_by_both, outcome::unsupported})
    m.add(failed_result("unique", "torch", std::string(name_of(o)), o));
  const auto rows = overview(m);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].backend == "torch");
  CHECK(rows[0].numbers == 4);
  CHECK(rows[0].right == 1);
  CHECK(rows[0].explained == 1);
  CHECK(rows[0].avoidable == 1);
  CHECK(rows[0].beyond == 2);  // of them a zero
  CHECK(rows[0].scored == 2);
  CHECK(rows[0].failed == 4);
  CHECK(rows[0].accepted_invalid == 1);
  CHECK(rows[1].backend == "cpu");
  CHECK(rows[1].right == 1);
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
