#include <halfulp/analysis/proof/prove.hpp>

#include <cstdio>

#include <halfulp/analysis/proof/explorer.hpp>
#include <halfulp/oracle/core/error.hpp>

namespace halfulp::proof {

namespace {

bool selected(const subject& s, std::string_view filter) {
  return filter.empty() || s.name == filter || (filter == "lemmas" && !s.lemma.empty());
}

// The failure of a small shape, if there is one.
std::vector<finding> small_failures(const subject& s, const prove_options& o) {
  const small_shapes_result r = run_small_shapes(s, o.small_shapes_first, 1, o.forgotten_rule);
  if (!r.failed) return {};
  return {finding{r.what, true, r.failure, r.what}};
}

}  // namespace

proof_result prove_subject(const subject& s, const prove_options& options) {
  proof_result r;
  r.open = small_failures(s, options);
  if (r.open.empty()) return explorer(s, options).run();
  r.name = s.name;
  r.result = outcome::refuted;
  return r;
}

std::vector<proof_result> prove(std::string_view filter, const prove_options& options,
                                const std::function<void(const proof_result&)>& done) {
  std::vector<proof_result> results;
  for (const subject& s : all_subjects()) {
    if (!selected(s, filter)) continue;
    results.push_back(prove_subject(s, options));
    if (done) done(results.back());
  }
  if (results.empty())
    throw invalid_argument("prove", "it must be an op, \"launch\" or \"lemmas\"", {{"name", std::string(filter)}});
  return results;
}

verdict verdict_of(const std::vector<proof_result>& results) {
  verdict v = verdict::holds;
  for (const proof_result& r : results) v = both(v, verdict_of(r.result));
  return v;
}

std::string summary(const proof_result& r) {
  char text[400];
  std::snprintf(text, sizeof text,
                "%s: %s, %ld obligations by z3 and %ld by rewriting, %zu open, %ld cases, %ld paths, "
                "%ld concrete runs, %.1f s (slowest %.2f s: %s)",
                r.name.c_str(), name_of(r.result), r.by_solver, r.by_rewriting, r.open.size(), r.cases, r.paths,
                r.concrete_runs, r.seconds, r.slowest_seconds, r.slowest.c_str());
  std::string s = text;
  for (const finding& f : r.open)
    s += "\n  " + std::string(f.refuted ? "refuted: " : "not decided: ") + f.obligation +
         "\n    input: " + f.counterexample.text() + (f.replayed.empty() ? "" : "\n    run on it: " + f.replayed);
  for (const std::string& kind : r.unreached) s += "\n  met by no concrete run: " + kind;
  return s;
}

}  // namespace halfulp::proof
