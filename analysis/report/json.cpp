#include <halfulp/analysis/report/json.hpp>

#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/analysis/real_json.hpp>
#include <halfulp/analysis/report/page.hpp>
#include <halfulp/analysis/report/words.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

constexpr int format_version = 1;

template <std::size_t N>
json named_counts(const std::array<std::int64_t, N>& counts, const std::array<std::string_view, N>& names) {
  json j = json::object();
  for (std::size_t k = 0; k < N; ++k) j[std::string(names[k])] = counts[k];
  return j;
}

template <std::size_t N>
std::size_t position_of(const std::array<std::string_view, N>& names, const std::string& name) {
  for (std::size_t k = 0; k < N; ++k)
    if (names[k] == name) return k;
  throw std::runtime_error("\"" + name + "\" is no name known here");
}

json error_json(const ulp_error& e) {
  return {{"lower", json_of(e.lo)}, {"upper", json_of(e.hi)}};
}

ulp_error error_from_json(const json& j) {
  return {double_from(j.at("lower")), double_from(j.at("upper"))};
}

json run_json(const report_run& r) {
  const machine& m = r.made_on;
  return {{"id", r.id},
          {"program", r.program},
          {"path", r.path},
          {"started", r.started},
          {"finished", r.finished},
          {"machine",
           {{"processor", m.processor},
            {"architecture", m.architecture},
            {"cores", m.cores},
            {"instruction_sets", m.instruction_sets},
            {"kernel", m.kernel},
            {"system", m.system}}},
          {"sources", r.sources},
          {"cases", r.cases},
          {"cases_done", r.cases_done},
          {"complete", r.complete()}};
}

report_run run_from_json(const json& j) {
  const json& m = j.at("machine");
  return {j.at("id"),
          j.at("program"),
          j.value("path", ""),
          j.at("started"),
          j.at("finished"),
          {m.at("processor"), m.at("architecture"), m.at("cores"), m.at("instruction_sets"), m.at("kernel"),
           m.at("system")},
          j.at("sources"),
          j.at("cases"),
          j.at("cases_done")};
}

json backend_json(const report_backend& b) {
  return {{"name", b.name},
          {"available", b.available},
          {"version", b.version},
          {"settings", b.settings.is_object() ? b.settings : json::object()},
          {"missing", b.missing}};
}

report_backend backend_from_json(const json& j) {
  return {j.at("name"), j.at("available"), j.at("version"), j.at("settings"), j.at("missing")};
}

json finding_json(const finding& f) {
  json j{{"kind", name_of(f.kind)},
         {"op", f.op},
         {"backend", f.backend},
         {"format", f.format},
         {"case", f.case_text},
         {"name", f.name},
         {"origin", f.origin},
         {"message", f.message},
         {"numbers", f.components},
         {"headline", headline(f)},
         {"explanation", explanation(f)},
         {"reproduction", reproduction(f.case_text, f.backend)}};
  if (f.shown) j["shown"] = *f.shown;
  return j;
}

finding finding_from_json(const json& j) {
  finding f{static_cast<finding_kind>(position_of(finding_kind_names, j.at("kind"))),
            j.at("op"),
            j.at("backend"),
            j.at("format"),
            j.at("case"),
            j.at("name"),
            j.at("origin"),
            j.at("message"),
            j.at("numbers"),
            std::nullopt};
  if (j.contains("shown")) f.shown = j.at("shown").get<witness>();
  return f;
}

json errors_json(const score& s) {
  if (s.finite_errors.empty()) return nullptr;
  json j{{"median", json_of(s.finite_errors.quantile(0.5))},
         {"p99", json_of(s.finite_errors.quantile(0.99))},
         {"max", error_json({s.greatest_finite_lower, s.finite_errors.greatest()})}};
  if (!s.normwise_errors.empty()) j["normwise_max"] = json_of(s.normwise_errors.greatest());
  return j;
}

json cell_json(const cell_key& key, const report_cell& c) {
  const auto zero = static_cast<std::size_t>(component_class::zero);
  json worst = json::object();
  for (std::size_t k = 0; k < c.scored.worst.size(); ++k)
    if (c.scored.worst[k])
      worst[std::string(component_class_names[k])] = {{"case", c.worst_case[k]},
                                                      {"reproduction", reproduction(c.worst_case[k], key.backend)}};
  return {{"op", key.op},
          {"format", key.format},
          {"backend", key.backend},
          {"cases", named_counts(c.outcomes, outcome_names)},
          {"cases_right", c.cases_right},
          {"seconds", c.seconds},
          {"numbers", c.scored.components},
          {"correctly_rounded", c.scored.correct()},
          {"verdicts", named_counts(c.scored.by_verdict, verdict_names)},
          {"error", errors_json(c.scored)},
          {"at_zero",
           {{"numbers", c.scored.by_class[zero]},
            {"wrong", c.scored.wrong_by_class[zero]},
            {"max", json_of(c.scored.zero_errors.greatest())}}},
          {"worst", worst},
          {"score", c.scored}};
}

std::pair<cell_key, report_cell> cell_from_json(const json& j) {
  report_cell c;
  for (const auto& [name, count] : j.at("cases").items()) c.outcomes[position_of(outcome_names, name)] = count;
  c.cases_right = j.at("cases_right");
  c.seconds = j.at("seconds");
  c.scored = j.at("score").get<score>();
  for (const auto& [name, w] : j.at("worst").items())
    c.worst_case[position_of(component_class_names, name)] = w.at("case");
  return {{j.at("op"), j.at("format"), j.at("backend")}, c};
}

json point_json(const std::string& op, const point_key& key, const report_point& p) {
  return {{"op", op},
          {"backend", key.backend},
          {"format", key.format},
          {"verdict", name_of(key.judged)},
          {"cases", p.cases},
          {"componentwise_bound", json_of(p.bound)},
          {"normwise_bound", json_of(p.normwise)},
          {"error", error_json(p.error)},
          {"case", p.case_text}};
}

void add_point(report_model& m, const json& j) {
  const report_point p{j.at("cases"), double_from(j.at("componentwise_bound")), double_from(j.at("normwise_bound")),
                       error_from_json(j.at("error")), j.at("case")};
  const auto judged = static_cast<verdict>(position_of(verdict_names, j.at("verdict")));
  m.points[j.at("op")][point_key_of(j.at("backend"), j.at("format"), judged, p)] = p;
}

json group_json(const finding_key& key, const finding_group& g) {
  json worst = json::array();
  for (const auto& f : g.worst) worst.push_back(finding_json(f));
  return {{"op", key.cell.op},
          {"format", key.cell.format},
          {"backend", key.cell.backend},
          {"kind", name_of(key.kind)},
          {"cases", g.cases},
          {"numbers", g.components},
          {"worst", worst}};
}

void add_group(report_model& m, const json& j) {
  const finding_key key{{j.at("op"), j.at("format"), j.at("backend")},
                        static_cast<finding_kind>(position_of(finding_kind_names, j.at("kind")))};
  finding_group& g = m.findings[key];
  g.cases = j.at("cases");
  g.components = j.at("numbers");
  for (const auto& f : j.at("worst")) g.worst.push_back(finding_from_json(f));
}

json totals_json(const report_model& m) {
  json outcomes = json::object();
  json verdicts = json::object();
  for (std::size_t k = 0; k < outcome_names.size(); ++k)
    outcomes[std::string(outcome_names[k])] = m.total(static_cast<outcome>(k));
  for (std::size_t k = 0; k < verdict_names.size(); ++k)
    verdicts[std::string(verdict_names[k])] = m.total(static_cast<verdict>(k));
  return {{"numbers", m.components()}, {"outcomes", outcomes}, {"verdicts", verdicts}};
}

}  // namespace

json json_of(const report_model& m) {
  json j{{"format", "halfulp report"},
         {"format_version", format_version},
         {"summary", summary(m)},
         {"caveats", caveats(m)},
         {"totals", totals_json(m)}};
  for (const char* list : {"worst", "runs", "backends", "cells", "points", "findings"}) j[list] = json::array();
  for (const auto& f : m.worst(leading_findings)) j["worst"].push_back(finding_json(f));
  for (const auto& r : m.runs) j["runs"].push_back(run_json(r));
  for (const auto& b : m.backends) j["backends"].push_back(backend_json(b));
  for (const auto& [key, cell] : m.cells) j["cells"].push_back(cell_json(key, cell));
  for (const auto& [op, points] : m.points)
    for (const auto& [key, p] : points) j["points"].push_back(point_json(op, key, p));
  for (const auto& [key, group] : m.findings) j["findings"].push_back(group_json(key, group));
  return j;
}

report_model report_from_json(const json& j, const std::string& where) {
  const auto refuse = [&](const std::string& why) -> invalid_argument {
    return {"report",
            "must be a report.json of version " + std::to_string(format_version),
            {{"merge", where + " (" + why + ")"}}};
  };
  if (!j.is_object()) throw refuse(j.is_discarded() ? "it is no JSON" : "it is no object");
  if (j.value("format", json()) != "halfulp report") throw refuse("it does not say that it is one");
  if (j.value("format_version", json()) != format_version) throw refuse("it says another version");
  try {
    report_model m;
    for (const auto& r : j.at("runs")) m.runs.push_back(run_from_json(r));
    for (const auto& b : j.at("backends")) m.backends.push_back(backend_from_json(b));
    for (const auto& c : j.at("cells")) m.cells.insert(cell_from_json(c));
    for (const auto& p : j.at("points")) add_point(m, p);
    for (const auto& g : j.at("findings")) add_group(m, g);
    return m;
  } catch (const std::exception& e) {
    throw refuse(words_of(e));
  }
}

}  // namespace halfulp::analysis
