#include <halfulp/analysis/report/finding.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace halfulp::analysis {
namespace {

std::optional<finding_kind> kind_of(const case_result& r) {
  const auto judged = [&](verdict v) { return r.scored.by_verdict[static_cast<std::size_t>(v)] > 0; };
  switch (r.came_out) {
    case outcome::scored:
      if (judged(verdict::beyond)) return finding_kind::beyond;
      if (judged(verdict::avoidable)) return finding_kind::avoidable;
      return std::nullopt;
    case outcome::accepted_invalid:
      return finding_kind::accepted_invalid;
    case outcome::refused_valid:
      return finding_kind::refused_valid;
    case outcome::wrong_type:
      return finding_kind::wrong_type;
    case outcome::crashed:
      return finding_kind::crashed;
    case outcome::timed_out:
      return finding_kind::timed_out;
    case outcome::refused_by_both:
    case outcome::unsupported:
    case outcome::unknown:
      return std::nullopt;
  }
  return std::nullopt;
}

bool is_zero_class(const witness& w) {
  return w.score.kind == component_class::zero;
}

/// By weight, not by name: see `worse`.
auto weight(const witness& w) {
  return std::tuple(!is_zero_class(w), times_bound(w), w.score.error.hi);
}

auto weight(const finding& f) {
  return f.shown ? weight(*f.shown) : decltype(weight(*f.shown)){};
}

/// Of equals, a framework's finding comes before that of a library whose convolutions are put together here from its
/// matrix products.
bool is_put_together_here(const std::string& backend) {
  return backend == "eigen" || backend == "lapack";
}

auto identity(const finding& f) {
  return std::tuple(is_put_together_here(f.backend), f.op, f.backend, f.format, f.case_text, f.message);
}

/// The worst witness of the verdict that made the finding; of any verdict where the score kept none of it.
std::optional<witness> shown_of(const score& s, verdict judged) {
  std::optional<witness> best;
  const auto consider = [&](const std::optional<witness>& w) {
    if (!w) return;
    const auto rank = [&](const witness& x) { return std::tuple_cat(std::tuple(x.score.judged == judged), weight(x)); };
    if (!best || rank(*w) > rank(*best)) best = w;
  };
  for (const auto& w : s.worst) consider(w);
  consider(s.worst_by_bound);
  return best;
}

}  // namespace

std::optional<finding> finding_of(const case_result& r) {
  const auto kind = kind_of(r);
  if (!kind) return std::nullopt;
  finding f{*kind, r.op, r.backend, r.format, r.case_text, r.name, r.origin, r.message, 0, std::nullopt};
  if (r.came_out == outcome::scored) {
    const verdict judged = *kind == finding_kind::beyond ? verdict::beyond : verdict::avoidable;
    f.components = r.scored.by_verdict[static_cast<std::size_t>(judged)];
    f.shown = shown_of(r.scored, judged);
  }
  return f;
}

double times_bound(const witness& w) {
  if (w.score.kind == component_class::not_a_number || std::isinf(w.score.error.lo))
    return std::numeric_limits<double>::infinity();
  if (w.score.error.lo == 0) return 0;
  const bool avoidable = w.score.judged == verdict::avoidable;
  return w.score.error.lo /
         (avoidable ? w.bounds.componentwise : w.bounds.normwise);  // x / 0 is infinite, x / inf is 0
}

bool worse(const finding& a, const finding& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  if (weight(a) != weight(b)) return weight(a) > weight(b);
  return identity(a) < identity(b);
}

std::vector<finding> worst_of(std::vector<finding> findings, std::size_t count) {
  std::sort(findings.begin(), findings.end(), worse);
  std::set<std::pair<std::string, std::string>> taken;  // (op, backend) and (op, case)
  std::vector<finding> chosen;
  std::vector<finding> repeats;
  for (auto& f : findings) {
    const bool repeat = taken.contains({f.op, f.backend}) || taken.contains({f.op, f.case_text});
    taken.insert({f.op, f.backend});
    taken.insert({f.op, f.case_text});
    (repeat ? repeats : chosen).push_back(std::move(f));
  }
  const std::size_t missing = count - std::min(count, chosen.size());
  repeats.resize(std::min(missing, repeats.size()));
  std::move(repeats.begin(), repeats.end(), std::back_inserter(chosen));
  chosen.resize(std::min(count, chosen.size()));
  std::sort(chosen.begin(), chosen.end(), worse);
  return chosen;
}

}  // namespace halfulp::analysis
