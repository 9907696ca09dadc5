#include <catch2/catch.hpp>

#include <algorithm>

#include <halfulp/analysis/report/json.hpp>

#include "report_results.hpp"

using namespace halfulp;
using namespace halfulp::analysis;
using namespace halfulp::tests;

namespace {

/// `right` numbers without an error, then one for each of `errors`, in ULPs.
std::vector<compared_number> numbers(int right, const std::vector<int>& errors) {
  std::vector<compared_number> all(static_cast<std::size_t>(right), compared_number{1, 1});
  for (const int e : errors) all.push_back({1, one_plus(e)});
  return all;
}

const report_cell& only_cell(const report_model& m) {
  REQUIRE(m.cells.size() == 1);
  return m.cells.begin()->second;
}

std::int64_t judged(const report_model& m, verdict v) {
  return m.total(v);
}

}  // namespace

TEST_CASE("report: the quantile is the error of rank ceil(q n), over all cases of a cell") {
  report_model m;
  m.add(result_of("conv2d", "torch", "a", numbers(90, {})));
  m.add(result_of("conv2d", "torch", "b", numbers(8, {1, 3})));
  const error_distribution& d = only_cell(m).scored.finite_errors;
  CHECK(d.count() == 100);
  CHECK(d.quantile(0.5) == 0);
  CHECK(d.quantile(0.98) == 0);  // ranks 1 to 98 are right
  CHECK(d.quantile(0.99) == 1);
  CHECK(d.quantile(1) == 3);
}

TEST_CASE("report: the median of an odd and of an even count is an error that occurred") {
  report_model odd;
  odd.add(result_of("conv2d", "torch", "a", numbers(1, {1, 4})));
  CHECK(only_cell(odd).scored.finite_errors.quantile(0.5) == 1);
  report_model even;
  even.add(result_of("conv2d", "torch", "a", numbers(1, {1, 4, 8})));
  CHECK(only_cell(even).scored.finite_errors.quantile(0.5) == 1);  // the lower of the two in the middle
}

TEST_CASE("report: errors are explained up to the componentwise bound, avoidable up to the normwise one, then beyond") {
  report_model m;  // bounds: 2 and 8 ULP
  m.add(result_of("conv2d", "torch", "a", numbers(3, {1, 2, 3, 8, 9})));
  CHECK(judged(m, verdict::correct) == 3);
  CHECK(judged(m, verdict::explained) == 2);
  CHECK(judged(m, verdict::avoidable) == 2);
  CHECK(judged(m, verdict::beyond) == 1);
  CHECK(only_cell(m).cases_right == 0);
}

TEST_CASE("report: results that are zero are a class of their own") {
  report_model m;
  m.add(result_of("conv2d", "torch", "a", {{0, 1e-3F}, {0, 0}, {1, one_plus(1)}}));
  const score& s = only_cell(m).scored;
  CHECK(s.finite_errors.greatest() == 1);
  CHECK(s.zero_errors.greatest() > 1e40);
  CHECK(s.wrong_by_class[static_cast<std::size_t>(component_class::zero)] == 1);
  CHECK(s.by_class[static_cast<std::size_t>(component_class::zero)] == 2);
}

TEST_CASE("report: the worst number of a cell is named with its case, and of equals the case that sorts first") {
  report_model m;
  m.add(result_of("conv2d", "torch", "small", numbers(1, {2})));
  m.add(result_of("conv2d", "torch", "z", numbers(1, {5})));
  m.add(result_of("conv2d", "torch", "a", numbers(1, {5})));
  CHECK(only_cell(m).scored.worst[0]->score.error.hi == 5);
  CHECK(only_cell(m).worst_case[0] == "a");
}

TEST_CASE("report: the order in which results come does not matter") {
  std::vector<case_result> all;
  for (int k = 0; k < 12; ++k)
    all.push_back(result_of(k % 2 ? "conv2d" : "copysign", k % 3 ? "torch" : "eigen", "case " + std::to_string(k / 2),
                            numbers(k, {k % 4 + 1, 9, 30})));
  report_model forth;
  for (const auto& r : all) forth.add(r);
  std::reverse(all.begin(), all.end());
  report_model back;
  for (const auto& r : all) back.add(r);
  CHECK(json_of(forth).dump() == json_of(back).dump());
}

TEST_CASE("report: two merged reports are the report of all their results") {
  report_model first, second, both;
  for (int k = 0; k < 30; ++k) {
    const auto r =
        result_of("conv2d", k % 2 ? "torch" : "eigen", "case " + std::to_string(k), numbers(3, {k % 11 + 1}));
    (k % 3 ? first : second).add(r);
    both.add(r);
  }
  first.runs = {a_run("1", 20)};
  second.runs = {a_run("2", 10)};
  both.runs = {a_run("1", 20), a_run("2", 10)};
  first.merge(second);
  CHECK(json_of(first).dump() == json_of(both).dump());
}

TEST_CASE("report: a run is not counted twice, and versions are not mixed") {
  report_model m;
  m.runs = {a_run("1", 1)};
  m.backends = {{"torch", true, "1.13", {}, ""}};
  report_model same = m;
  CHECK_THROWS_WITH(m.merge(same), Catch::Contains("the run 1 twice"));
  report_model newer = m;
  newer.runs = {a_run("2", 1)};
  newer.backends[0].version = "2.0";
  CHECK_THROWS_WITH(m.merge(newer), Catch::Contains("1.13 and 2.0"));
}

TEST_CASE("report: a merge that is refused changes nothing") {
  report_model m;
  m.runs = {a_run("1", 1)};
  m.backends = {{"torch", true, "1.13", {}, ""}};
  report_model newer;
  newer.runs = {a_run("2", 1)};
  newer.backends = {{"eigen", true, "3", {}, ""}, {"torch", true, "2.0", {}, ""}};
  CHECK_THROWS_AS(m.merge(newer), invalid_argument);
  CHECK(m.runs.size() == 1);
  CHECK(m.backends.size() == 1);
}

TEST_CASE("report: a backend missing on one machine and present on another is present") {
  report_model m, other;
  m.backends = {{"torch", false, "", {}, "not installed"}};
  other.backends = {{"torch", true, "1.13", {}, ""}};
  m.merge(other);
  CHECK(m.backends.size() == 1);
  CHECK(m.backends[0].available);
}

TEST_CASE("report: the exit code speaks of halfulp's own kernels, and of what the oracle left open") {
  report_model m;
  m.runs = {a_run("1", 2)};
  m.add(result_of("conv2d", "cpu", "a", numbers(5, {})));
  m.add(result_of("conv2d", "torch", "a", numbers(5, {100})));
  m.add(failed_result("conv2d", "torch", "b", outcome::crashed));
  CHECK(exit_code_of(m) == 0);
  report_model open = m;
  open.add(failed_result("conv2d", "torch", "c", outcome::unknown));
  CHECK(exit_code_of(open) == 3);
  report_model interrupted = m;
  interrupted.runs[0].cases_done = 1;
  CHECK(exit_code_of(interrupted) == 3);
  for (const outcome o :
       {outcome::crashed, outcome::timed_out, outcome::refused_valid, outcome::accepted_invalid, outcome::wrong_type}) {
    report_model failed = open;
    failed.add(failed_result("conv2d", "cpu", "d", o));
    CHECK(exit_code_of(failed) == 1);
  }
  m.add(result_of("conv2d", "cpu", "e", numbers(5, {1})));
  CHECK(exit_code_of(m) == 1);
}

TEST_CASE("report: an implementation without an op or a format is named once") {
  report_model m;
  m.add(result_of("conv2d", "cpu", "a", numbers(1, {})));
  m.add(result_of("conv2d", "lapack", "a", numbers(1, {})));
  m.add(failed_result("conv2d", "eigen", "a", outcome::unsupported));
  auto half = failed_result("conv2d", "lapack", "b", outcome::unsupported);
  half.format = "float16";
  m.add(half);
  CHECK(m.unsupported("conv2d") == "eigen; lapack in float16");
  CHECK(m.unsupported("copysign").empty());
}
