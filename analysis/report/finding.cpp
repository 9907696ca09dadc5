#include <halfulp/analysis/report/finding.hpp>

#include <algorithm>
#include <cmath>
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

/// A finite result that was missed says the most of an implementation; NaNs and infinities among the inputs are rare, and
/// where the result is zero an error has no scale.
int class_weight(const witness& w) {
  if (w.score.kind == component_class::zero) return 0;
  const bool of_nans = w.score.kind == component_class::not_a_number;
  if (moves_bits(w)) return of_nans ? 1 : 2;
  return of_nans ? 2 : 3;
}

/// By weight, not by name: see `worse`.
auto weight(const witness& w) {
  return std::tuple(class_weight(w), times_bound(w), w.score.error.hi);
}

auto weight(const finding& f) {
  return f.shown ? weight(*f.shown) : decltype(weight(*f.shown)){};
}

/// Whose findings are shown first: a framework's as it is used today, then those of the LibTorch that a distribution
/// ships, then those of libraries whose convolutions are put together here from their matrix products.
int rank_of(const std::string& backend) {
  if (backend == "eigen" || backend == "lapack") return 2;
  return backend == "torch" ? 1 : 0;
}

auto identity(const finding& f) {
  return std::tuple(rank_of(f.backend), f.case_text.size(), f.op, f.backend, f.format, f.case_text, f.message);
}

/// See `worst_of`.
enum class family : std::uint8_t { computed, not_a_number, moved, avoidable, failure, call };
family family_of(const finding& f) {
  switch (f.kind) {
    case finding_kind::crashed:
    case finding_kind::timed_out:
      return family::failure;
    case finding_kind::avoidable:
      return family::avoidable;
    case finding_kind::wrong_type:
    case finding_kind::accepted_invalid:
    case finding_kind::refused_valid:
      return family::call;
    case finding_kind::beyond:
      break;
  }
  if (!f.shown) return family::computed;
  if (moves_bits(*f.shown)) return family::moved;
  return f.shown->score.kind == component_class::not_a_number ? family::not_a_number : family::computed;
}

/// Takes what `repeats` does not refuse out of `left`, in order, until `chosen` has `count`.
template <class Repeats>
void choose(std::vector<finding>& left, std::vector<finding>& chosen, std::size_t count, Repeats repeats) {
  std::vector<finding> passed;
  for (auto& f : left) (chosen.size() < count && !repeats(f) ? chosen : passed).push_back(std::move(f));
  left = std::move(passed);
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

bool is_nan_text(const std::string& number) {
  return number.find("nan") != std::string::npos;
}

bool moves_bits(const witness& w) {
  if (w.bounds.normwise != 0 || w.bounds.componentwise != 0) return false;
  return is_nan_text(w.got) == is_nan_text(w.want);  // a NaN has no bound either where it is computed
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
  std::set<family> families;
  std::set<std::pair<std::string, std::string>> taken;  // (op, backend) and (op, case)
  const auto of_taken = [&](const finding& f) {
    return taken.contains({f.op, f.backend}) || taken.contains({f.op, f.case_text});
  };
  const auto take = [&](const finding& f) {
    families.insert(family_of(f));
    taken.insert({f.op, f.backend});
    taken.insert({f.op, f.case_text});
    return false;
  };
  std::vector<finding> chosen;
  for (const int rank : {0, 1, 2})
    choose(findings, chosen, count, [&](const finding& f) {
      const bool passed = rank_of(f.backend) > rank || families.contains(family_of(f));
      return passed || taken.contains({f.op, f.case_text}) || take(f);
    });
  choose(findings, chosen, count, [&](const finding& f) { return of_taken(f) || take(f); });
  choose(findings, chosen, count, [](const finding&) { return false; });
  std::sort(chosen.begin(), chosen.end(), worse);
  return chosen;
}

}  // namespace halfulp::analysis
