#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <sstream>

#include <nlohmann/json.hpp>

#include <halfulp/analysis/answer.hpp>
#include <halfulp/analysis/score.hpp>

#include "../random_loops.hpp"

using namespace halfulp;
using namespace halfulp::analysis;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// The truth of a component whose exact result is x.
component_truth exactly(double x, ulp_bounds bounds = {8, 2}) {
  return {component_range::point(to_real(x)), tier::exact, true, bounds};
}

component_score judged(double exact, float got, ulp_bounds bounds = {8, 2}) {
  return judge(exactly(exact, bounds), narrow<float>(exact), got, false);
}

tensor tensor_of(const std::vector<float>& x) {
  const tensor t(dtype::float32, {static_cast<std::int64_t>(x.size())});
  std::copy(x.begin(), x.end(), t.elements<float>().begin());
  return t;
}

truth truth_of(const std::vector<double>& exact) {
  truth t;
  std::vector<float> rounded;
  for (const double x : exact) {
    rounded.push_back(narrow<float>(x));
    t.components.push_back(exactly(x));
  }
  t.rounded = tensor_of(rounded);
  return t;
}

answer answer_of(const std::vector<double>& exact) {
  answer a;
  a.truths = {truth_of(exact)};
  a.outputs = {a.truths[0].rounded};
  return a;
}

answer got(const std::vector<float>& x) {
  answer a;
  a.outputs = {tensor_of(x)};
  return a;
}

}  // namespace

TEST_CASE("scores: the verdict follows the lower end of the error and the bounds") {
  const float ulp = 0x1p-23f;
  CHECK(judged(1, 1).judged == verdict::correct);
  CHECK(judged(1, 1 + ulp).judged == verdict::explained);
  CHECK(judged(1, 1 + 2 * ulp).judged == verdict::explained);
  CHECK(judged(1, 1 + 3 * ulp).judged == verdict::avoidable);
  CHECK(judged(1, 1 + 8 * ulp).judged == verdict::avoidable);
  CHECK(judged(1, 1 + 9 * ulp).judged == verdict::beyond);
  CHECK(judged(1, 1 + 9 * ulp, {infinite, infinite}).judged == verdict::explained);
  CHECK(judged(1, 1 + 3 * ulp).error.lo == 3);
  CHECK(judged(1, 1 + 3 * ulp).error.hi == 3);
}

TEST_CASE("scores: right is decided by bits: half an ulp below a binade border is wrong") {
  const double below = 2 - 0x1p-25;  // halfway between 2 - 2^-24 (odd below the border: ulp 2^-23) and 2
  CHECK(judged(2 - 0x1p-24, 2.0f).judged == verdict::correct);
  const auto c = judge(exactly(below), 2.0f, std::nextafter(2.0f, 0.0f), false);
  CHECK(c.judged != verdict::correct);
  CHECK(c.error.hi == 0.75);
}

TEST_CASE("scores: a truth of zero, infinities and NaNs are classes of their own") {
  CHECK(judged(0, 0).kind == component_class::zero);
  CHECK(judged(0, 0x1p-149f).kind == component_class::zero);
  CHECK(judged(0, 0x1p-149f).error.hi == 1);
  CHECK(judged(0, -0.0f).judged != verdict::correct);
  CHECK(judged(1, infinite).kind == component_class::infinite);
  CHECK(judged(1e39, infinite).judged == verdict::correct);
  CHECK(judged(1e39, infinite).kind == component_class::infinite);
  CHECK(judged(1, not_a_number).kind == component_class::not_a_number);
  CHECK(judged(1, not_a_number).judged == verdict::beyond);
  CHECK(judged(1, not_a_number).error.lo == infinite);
}

TEST_CASE("scores: any NaN is right where the truth is a NaN, unless its bits matter") {
  const float other = from_bits<float>(0xffc00001u);
  const component_truth c = exactly(std::numeric_limits<double>::quiet_NaN());
  CHECK(judge(c, not_a_number, other, false).judged == verdict::correct);
  CHECK(judge(c, not_a_number, other, true).judged == verdict::beyond);
  CHECK(judge(c, not_a_number, 1.0f, false).judged == verdict::beyond);
}

namespace {

/// What another process that was sent the answer makes of it.
answer sent(const answer& a) {
  std::ostringstream line;
  write(line, a, element_notation::bits, false);
  return answer_from_json(nlohmann::json::parse(line.str()));
}

/// Every verdict, count and witness.
nlohmann::json scored(const answer& oracle, const answer& given) {
  return compare(oracle, given);
}

}  // namespace

TEST_CASE("scores: exact numbers are sent without their enclosures, and judged as with them") {
  const answer whole = answer_of({0, 1, 2.5, 0, -3, 4}), brief = sent(whole);
  REQUIRE(brief.exact.size() == 1);
  REQUIRE(brief.exact[0].has_value());
  CHECK(brief.truths[0].components.empty());
  const float ulp = 0x1p-23f;
  for (const std::vector<float>& x : std::vector<std::vector<float>>{
           {0, 1, 2.5f, 0, -3, 4},
           {-0.0f, 1 + ulp, 2.5f + 20 * ulp, 0x1p-149f, 3, 4 + 400 * ulp},
           {0, not_a_number, 2.5f, not_a_number, static_cast<float>(infinite), 4 - 4 * ulp}}) {
    const answer given = got(x);
    CHECK(scored(brief, given) == scored(whole, given));
  }
  CHECK(scored(brief, got({-0.0f, 1, 2.5f, 0, -3, 4}))["score"]["by_verdict"]["explained"] == 1);
}

TEST_CASE("scores: equal elements are sent once") {
  for (const std::vector<float>& x : std::vector<std::vector<float>>{{}, {1}, {2, 2, 2}, {0, 0, -0.0f}, {1, 1, 2}}) {
    std::ostringstream line;
    write(line, got(x), element_notation::bits, false);
    const auto j = nlohmann::json::parse(line.str());
    CHECK(j["outputs"][0].contains("repeated") == (x == std::vector<float>{2, 2, 2}));
    const auto bytes = answer_from_json(j).outputs[0].bytes();
    CHECK(std::ranges::equal(bytes, tensor_of(x).bytes()));
  }
}

TEST_CASE("scores: numbers that are rounded, undecided or of several bounds keep their enclosures") {
  answer several = answer_of({1, 2}), unknown = several, infinities = answer_of({infinite, 1});
  several.truths[0].components[1].bounds.normwise = 9;
  unknown.truths[0].components[0].decided = false;
  for (const answer& a : {several, unknown, infinities, answer_of({1, 0.1})}) {
    const answer other = sent(a);
    CHECK_FALSE(other.exact[0].has_value());
    CHECK(other.truths[0].components.size() == 2);
    CHECK(scored(other, got({1, 2})) == scored(a, got({1, 2})));
  }
}

TEST_CASE("scores: an undecided component is unknown, never right") {
  component_truth c = exactly(1);
  c.decided = false;
  CHECK(judge(c, 1.0f, 1.0f, false).judged == verdict::unknown);
  truth t = truth_of({1, 2});
  t.components[1].decided = false;
  const score s = score_output(t, tensor_of({1, 2}), 0);
  CHECK(s.correct() == 1);
  CHECK(s.undecided() == 1);
  CHECK(s.finite_errors.count() == 1);
}

TEST_CASE("scores: an enclosure gives an interval of errors") {
  component_truth c = exactly(1);
  c.range = {to_real(1.0), to_real(1 + 0x1p-24)};
  const auto s = judge(c, 1.0f, 1 + 0x1p-23f, false);
  CHECK(s.error.lo == 0.5);
  CHECK(s.error.hi == 1);
}

TEST_CASE("scores: moved bits are right or beyond") {
  truth t{tensor_of({1, -0.0f, not_a_number}), {}, true};
  const float payload = from_bits<float>(0x7fc00001u);
  const score s = score_output(t, tensor_of({1, 0.0f, payload}), 0);
  CHECK(s.correct() == 1);
  CHECK(s.by_verdict[static_cast<std::size_t>(verdict::beyond)] == 2);
  CHECK(s.wrong_by_class[static_cast<std::size_t>(component_class::zero)] == 1);
  CHECK(s.worst[static_cast<std::size_t>(component_class::not_a_number)]->got == "nan(0x7fc00001)");
}

TEST_CASE("scores: integers are right or beyond, by their distance") {
  const auto of = [](const std::vector<std::int64_t>& x) {
    const tensor t(dtype::int64, {2, 2});
    std::copy(x.begin(), x.end(), t.elements<std::int64_t>().begin());
    return t;
  };
  const score s = score_output({of({1, 2, 3, INT64_MIN}), {}, true}, of({1, 2, 5, INT64_MAX}), 0);
  CHECK(s.correct() == 2);
  CHECK(s.finite_errors.greatest() == 0x1p64);
  const auto& w = *s.worst[static_cast<std::size_t>(component_class::finite)];
  CHECK(w.index == std::vector<std::int64_t>{1, 1});
  CHECK(w.want == "-9223372036854775808");
}

TEST_CASE("scores: complex errors are counted by component and in the norm") {
  const tensor t(dtype::complex64, {1});
  t.elements<std::complex<float>>()[0] = {1, 0x1p-20f};
  truth exact{t, {exactly(1), exactly(0x1p-20)}, false};
  const tensor g(dtype::complex64, {1});
  g.elements<std::complex<float>>()[0] = {1, 0x1p-20f + 0x1p-33f};
  const score s = score_output(exact, g, 0);
  CHECK(s.components == 2);
  CHECK(s.finite_errors.greatest() == 0x1p10);     // 2^-33 in ulps of 2^-20
  CHECK(s.normwise_errors.greatest() == 0x1p-10);  // and of the whole number
  CHECK(s.worst[0]->part == 1);
}

TEST_CASE("scores: the witness is the worst component, and by the bound another") {
  truth t = truth_of({1, 1, 0});
  t.components[0].bounds = {100, 50};
  t.components[1].bounds = {100, 1};
  const float u = 0x1p-23f;
  const score s = score_output(t, tensor_of({1 + 5 * u, 1 + 3 * u, 1}), 0);
  CHECK(s.worst[0]->index == std::vector<std::int64_t>{0});
  CHECK(s.worst_by_bound->index == std::vector<std::int64_t>{1});
  CHECK(s.worst[1]->index == std::vector<std::int64_t>{2});
  CHECK(s.worst[0]->got == "0x1.00000ap+0");
  CHECK(s.worst[0]->want == "0x1p+0");
}

namespace {

/// A score without the places of its witnesses, which count within their part.
nlohmann::json without_places(const score& s) {
  nlohmann::json j = s;
  for (auto& [name, w] : j["worst"].items()) w.erase("index");
  if (j["worst_by_bound"].is_object()) j["worst_by_bound"].erase("index");
  return j;
}

}  // namespace

TEST_CASE("scores: merging the parts gives the whole, in any grouping") {
  std::mt19937_64 random(tests::seed());
  for (std::int64_t k = 0; k < tests::repeats(20); ++k) {
    std::vector<double> exact;
    std::vector<float> x;
    for (int i = 0; i < 30; ++i) {
      exact.push_back(static_cast<double>(random() % 5));
      x.push_back(static_cast<float>(exact.back()) * (1 + static_cast<float>(random() % 3) * 0x1p-22f));
    }
    const auto part = [&](std::size_t a, std::size_t b) {
      return score_output(truth_of({exact.begin() + static_cast<long>(a), exact.begin() + static_cast<long>(b)}),
                          tensor_of({x.begin() + static_cast<long>(a), x.begin() + static_cast<long>(b)}), 0);
    };
    score left = part(0, 10), tail = part(10, 17), whole = part(0, 30);
    left.merge(part(10, 30));
    tail.merge(part(17, 30));
    score right = part(0, 10);
    right.merge(tail);
    CHECK(without_places(left) == without_places(right));
    CHECK(left.by_verdict == whole.by_verdict);
    CHECK(nlohmann::json(left.finite_errors) == nlohmann::json(whole.finite_errors));
  }
}

TEST_CASE("scores: what is written as JSON is read back") {
  case_result r = compare(answer_of({1, 0, 1e39, 3}), got({1 + 0x1p-21f, 1, 1, not_a_number}));
  r.backend = "torch";
  r.case_text = R"({"api": "x"})";
  CHECK(r.came_out == outcome::scored);
  const nlohmann::json j = r;
  CHECK(nlohmann::json(j.get<case_result>()) == j);
  CHECK(nlohmann::json(nlohmann::json::parse(j.dump()).get<case_result>()) == j);
}

TEST_CASE("scores: refusals, failures and wrong types are told apart") {
  const answer valid = answer_of({1}), invalid = answer::of(failure::invalid_argument, "no");
  CHECK(compare(valid, got({1})).came_out == outcome::scored);
  CHECK(compare(valid, got({1, 2})).came_out == outcome::wrong_type);
  CHECK(compare(valid, answer::of(failure::refused, "no")).came_out == outcome::refused_valid);
  CHECK(compare(valid, answer::of(failure::unsupported, "no")).came_out == outcome::unsupported);
  CHECK(compare(valid, answer::of(failure::crashed, "no")).came_out == outcome::crashed);
  CHECK(compare(valid, answer::of(failure::timed_out, "no")).came_out == outcome::timed_out);
  CHECK(compare(invalid, got({1})).came_out == outcome::accepted_invalid);
  CHECK(compare(invalid, answer::of(failure::refused, "no")).came_out == outcome::refused_by_both);
  CHECK(compare(invalid, answer::of(failure::crashed, "no")).came_out == outcome::crashed);
  CHECK(compare(answer::of(failure::undecided, "no"), got({1})).came_out == outcome::unknown);
  CHECK(compare(answer::of(failure::crashed, "no"), got({1})).came_out == outcome::unknown);
}

TEST_CASE("scores: a quantile is an upper bound of the true one, by at most a sixteenth") {
  std::mt19937_64 random(tests::seed());
  error_distribution d;
  std::vector<double> errors;
  for (int k = 0; k < 1001; ++k) {
    errors.push_back(std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 40) - 60));
    d.add(errors.back());
  }
  std::sort(errors.begin(), errors.end());
  for (const double q : {0.001, 0.25, 0.5, 0.9, 0.99, 1.0}) {
    const double exact = errors[static_cast<std::size_t>(std::ceil(q * 1001)) - 1];
    CHECK(d.quantile(q) >= exact);
    CHECK(d.quantile(q) <= exact * (1 + 0x1p-4));
  }
  CHECK(d.quantile(1) == d.greatest());
  CHECK(error_distribution{}.quantile(0.5) == 0);
}

TEST_CASE("scores: a distribution counts zeros, infinities and binades") {
  error_distribution d;
  d.add(0, 5);
  d.add(0.5);
  d.add(0.9);
  d.add(1);
  d.add(infinite);
  CHECK(d.zeros() == 5);
  CHECK(d.infinities() == 1);
  CHECK(d.binades() == std::map<int, std::int64_t>{{-1, 2}, {0, 1}});
  CHECK(d.quantile(0.5) == 0);
  CHECK(d.greatest() == infinite);
}
