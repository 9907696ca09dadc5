#include <algorithm>
#include <cmath>

#include <halfulp/analysis/answer.hpp>
#include <halfulp/analysis/score.hpp>

namespace halfulp::analysis {
namespace {

bool same_types(const std::vector<tensor>& a, const std::vector<tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const tensor& x, const tensor& y) { return x.type() == y.type() && x.shape() == y.shape(); });
}

std::string types_of(const std::vector<tensor>& tensors) {
  std::string text;
  for (const tensor& t : tensors)
    text += (text.empty() ? "" : ", ") + std::string(name_of(t.type())) + " " + to_string(t.shape());
  return text.empty() ? "nothing" : text;
}

void add_bounds(ulp_bounds& worst, const ulp_bounds& b) {
  worst.normwise = std::max(worst.normwise, b.normwise);
  worst.componentwise = std::max(worst.componentwise, b.componentwise);
  if (std::isfinite(b.condition))  // not of sums that are exactly 0
    worst.condition = std::max(worst.condition, b.condition);
}

void add_truths(case_result& r, const answer& oracle) {
  for (const auto& bounds : oracle.exact)
    if (bounds) add_bounds(r.worst_bounds, *bounds);
  for (const truth& t : oracle.truths) {
    r.oracle_tiers[tier::exact] += t.components.empty() ? t.rounded.numel() : 0;
    for (const component_truth& c : t.components) {
      if (c.decided) ++r.oracle_tiers[c.reached];
      add_bounds(r.worst_bounds, c.bounds);
    }
  }
}

outcome outcome_of_failure(failure f, bool valid) {
  switch (f) {
    case failure::unsupported:
      return outcome::unsupported;
    case failure::crashed:
      return outcome::crashed;
    case failure::timed_out:
      return outcome::timed_out;
    default:
      return valid ? outcome::refused_valid : outcome::refused_by_both;
  }
}

}  // namespace

case_result compare(const answer& oracle, const answer& backend) {
  case_result r;
  r.seconds = backend.seconds;
  const bool refused = oracle.kind == failure::invalid_argument;
  if (oracle.kind == failure::unsupported) {
    r.came_out = outcome::unsupported;
    r.message = oracle.error;
    return r;
  }
  if (!oracle.ok() && !refused) {
    r.message = "the oracle: " + oracle.error;
    return r;
  }
  add_truths(r, oracle);
  if (!backend.ok()) {
    r.came_out = outcome_of_failure(*backend.kind, !refused);
    r.message = backend.error;
  } else if (refused) {
    r.came_out = outcome::accepted_invalid;
    r.message = "gave " + types_of(backend.outputs) + " where " + oracle.error;
  } else if (!same_types(oracle.outputs, backend.outputs)) {
    r.came_out = outcome::wrong_type;
    r.message = "gave " + types_of(backend.outputs) + " instead of " + types_of(oracle.outputs);
  } else {
    r.came_out = outcome::scored;
    for (std::size_t k = 0; k < oracle.truths.size(); ++k)
      r.scored.merge(score_output(oracle.truths[k], backend.outputs[k], static_cast<std::int64_t>(k),
                                  k < oracle.exact.size() ? oracle.exact[k] : std::nullopt));
  }
  return r;
}

}  // namespace halfulp::analysis
