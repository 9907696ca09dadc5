#include <halfulp/analysis/report/model.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

#include <halfulp/analysis/report/numbers.hpp>

namespace halfulp::analysis {
namespace {

/// Quarters of a binade; an error of 0 and an infinite one lie at the ends of the scale.
int quarter_binade(double x) {
  constexpr int end = 4 * 2100;
  if (x == 0) return -end;
  return std::isinf(x) ? end : static_cast<int>(std::floor(4 * std::log2(x)));
}

bool greater(const report_point& a, const report_point& b) {
  return std::tie(a.error.hi, b.case_text) > std::tie(b.error.hi, a.case_text);
}

void add_point(std::map<point_key, report_point>& points, const point_key& key, const report_point& p) {
  report_point& kept = points[key];
  const std::int64_t cases = kept.cases + p.cases;
  if (kept.cases == 0 || greater(p, kept)) kept = p;
  kept.cases = cases;
}

void add_findings(finding_group& group, const finding_group& other) {
  group.cases += other.cases;
  group.components += other.components;
  group.worst.insert(group.worst.end(), other.worst.begin(), other.worst.end());
  std::sort(group.worst.begin(), group.worst.end(), worse);
  if (group.worst.size() > finding_group::listed) group.worst.resize(finding_group::listed);
}

/// Merges scores and keeps beside each worst component the case it is of; of equals the case that sorts first.
void add_scores(report_cell& cell, const score& other,
                const std::array<std::string, component_class_names.size()>& worst_case) {
  std::array<std::optional<witness>, component_class_names.size()> worst = cell.scored.worst;
  for (std::size_t k = 0; k < worst.size(); ++k) {
    const auto& theirs = other.worst[k];
    if (!theirs) continue;
    const double ours = worst[k] ? worst[k]->score.error.hi : -1;
    if (theirs->score.error.hi < ours || (theirs->score.error.hi == ours && cell.worst_case[k] <= worst_case[k]))
      continue;
    worst[k] = theirs;
    cell.worst_case[k] = worst_case[k];
  }
  cell.scored.merge(other);
  cell.scored.worst = worst;
  cell.scored.worst_by_bound.reset();  // told by the points, with its case
}

void add_cells(report_cell& cell, const report_cell& other) {
  for (std::size_t k = 0; k < cell.outcomes.size(); ++k) cell.outcomes[k] += other.outcomes[k];
  cell.cases_right += other.cases_right;
  cell.seconds += other.seconds;
  add_scores(cell, other.scored, other.worst_case);
}

template <class Backends>
auto find_named(Backends& backends, const std::string& name) {
  return std::find_if(backends.begin(), backends.end(), [&](const report_backend& b) { return b.name == name; });
}

void check_mergeable(const report_model& m, const report_model& other) {
  for (const auto& run : other.runs)
    if (std::any_of(m.runs.begin(), m.runs.end(), [&](const report_run& mine) { return mine.id == run.id; }))
      throw invalid_argument("report", "each run may be given once", {{"merge", "the run " + run.id + " twice"}});
  for (const auto& theirs : other.backends) {
    const auto mine = find_named(m.backends, theirs.name);
    if (mine != m.backends.end() && mine->available && theirs.available && mine->version != theirs.version)
      throw invalid_argument("report", "the version of a backend must be the same in all reports",
                             {{theirs.name, mine->version + " and " + theirs.version}});
  }
}

}  // namespace

std::strong_ordering operator<=>(const cell_key& a, const cell_key& b) {
  const auto rank = [](const std::string& format) {
    const auto d = dtype_named(format);
    if (!d) return 2 * dtype_count;
    return static_cast<int>(*d) + (is_floating(*d) || is_complex_dtype(*d) ? 0 : dtype_count);
  };
  return std::tuple(a.op, rank(a.format), a.format, a.backend) <=>
         std::tuple(b.op, rank(b.format), b.format, b.backend);
}

point_key point_key_of(const std::string& backend, const std::string& format, verdict judged, const report_point& p) {
  return {backend, format, judged, quarter_binade(p.bound), quarter_binade(p.error.hi)};
}

std::int64_t report_cell::cases() const {
  std::int64_t n = 0;
  for (const std::int64_t k : outcomes) n += k;
  return n;
}

void report_model::add(const case_result& r) {
  const cell_key key{r.op, r.format, r.backend};
  report_cell one;
  one.outcomes[static_cast<std::size_t>(r.came_out)] = 1;
  one.cases_right = r.came_out == outcome::scored && r.scored.correct() == r.scored.components;
  one.seconds = r.seconds;
  one.scored = r.scored;
  one.worst_case.fill(r.case_text);
  add_cells(cells[key], one);
  if (const auto& w = r.scored.worst_by_bound) {
    const report_point p{1, w->bounds.componentwise, w->bounds.normwise, w->score.error, r.case_text};
    add_point(points[r.op], point_key_of(r.backend, r.format, w->score.judged, p), p);
  }
  if (const auto f = finding_of(r)) add_findings(findings[{key, f->kind}], {1, f->components, {*f}});
}

void report_model::merge(const report_model& other) {
  check_mergeable(*this, other);
  runs.insert(runs.end(), other.runs.begin(), other.runs.end());
  for (const auto& theirs : other.backends) {
    const auto mine = find_named(backends, theirs.name);
    if (mine == backends.end())
      backends.push_back(theirs);
    else if (!mine->available)
      *mine = theirs;
  }
  for (const auto& [key, cell] : other.cells) add_cells(cells[key], cell);
  for (const auto& [op, dots] : other.points)
    for (const auto& [key, dot] : dots) add_point(points[op], key, dot);
  for (const auto& [key, group] : other.findings) add_findings(findings[key], group);
}

std::vector<std::string> report_model::ops() const {
  std::vector<std::string> names;
  for (const auto& [key, cell] : cells)
    if (names.empty() || names.back() != key.op) names.push_back(key.op);
  return names;
}

std::string report_model::unsupported(const std::string& op) const {
  std::map<std::string, std::vector<std::string>> missing;
  std::map<std::string, std::size_t> formats;
  for (const auto& [key, cell] : cells) {
    if (key.op != op) continue;
    ++formats[key.backend];
    if (cell.unsupported()) missing[key.backend].push_back(key.format.empty() ? "none" : key.format);
  }
  std::string text;
  for (const auto& [backend, lacks] : missing) {
    text += (text.empty() ? "" : "; ") + backend;
    if (lacks.size() < formats[backend]) text += " in " + listed(lacks);
  }
  return text;
}

std::vector<finding> report_model::worst(std::size_t count) const {
  std::vector<finding> all;
  for (const auto& [key, group] : findings) all.insert(all.end(), group.worst.begin(), group.worst.end());
  return worst_of(std::move(all), count);
}

std::vector<std::string> report_model::sharing(const finding& f) const {
  std::vector<std::string> names;
  for (const auto& [key, group] : findings)
    if (key.kind == f.kind && key.cell.op == f.op && key.cell.backend != f.backend &&
        std::any_of(group.worst.begin(), group.worst.end(),
                    [&](const finding& g) { return g.case_text == f.case_text; }))
      names.push_back(key.cell.backend);
  return names;
}

std::int64_t report_model::total(outcome o) const {
  std::int64_t n = 0;
  for (const auto& [key, cell] : cells) n += cell.count(o);
  return n;
}

std::int64_t report_model::total(verdict v) const {
  std::int64_t n = 0;
  for (const auto& [key, cell] : cells) n += cell.scored.by_verdict[static_cast<std::size_t>(v)];
  return n;
}

std::int64_t report_model::total(component_class c) const {
  std::int64_t n = 0;
  for (const auto& [key, cell] : cells) n += cell.scored.by_class[static_cast<std::size_t>(c)];
  return n;
}

std::int64_t report_model::components() const {
  std::int64_t n = 0;
  for (const auto& [key, cell] : cells) n += cell.scored.components;
  return n;
}

int exit_code_of(const report_model& m) {
  bool unknown = false;
  for (const auto& run : m.runs) unknown = unknown || !run.complete();
  for (const auto& [key, cell] : m.cells) {
    unknown = unknown || cell.scored.undecided() > 0 || cell.count(outcome::unknown) > 0;
    if (key.backend != own_kernels) continue;
    const std::int64_t fine = cell.count(outcome::scored) + cell.count(outcome::refused_by_both) +
                              cell.count(outcome::unsupported) + cell.count(outcome::unknown);
    const std::int64_t settled = cell.scored.correct() + cell.scored.undecided();
    if (fine != cell.cases() || settled != cell.scored.components) return 1;
  }
  return unknown ? 3 : 0;
}

}  // namespace halfulp::analysis
