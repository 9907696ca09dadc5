#include <algorithm>

#include <halfulp/analysis/real_json.hpp>
#include <halfulp/analysis/score.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

json pair_of(const ulp_error& e) {
  return {json_of(e.lo), json_of(e.hi)};
}
ulp_error error_from(const json& j) {
  return {double_from(j.at(0)), double_from(j.at(1))};
}

/// The enumerator of this name. Throws json::out_of_range.
template <class Enum, class Names>
Enum named(const json& j, const Names& names) {
  const auto it = std::find(std::begin(names), std::end(names), j.get_ref<const std::string&>());
  if (it == std::end(names)) throw json::out_of_range::create(403, "unknown name " + j.dump(), &j);
  return static_cast<Enum>(it - std::begin(names));
}

/// {name: count} for each name.
template <class Counts, class Names>
json counts_by_name(const Counts& counts, const Names& names) {
  json j = json::object();
  for (std::size_t k = 0; k < counts.size(); ++k) j[std::string(names[k])] = counts[k];
  return j;
}
template <class Counts, class Names>
void read_counts(const json& j, Counts& counts, const Names& names) {
  for (std::size_t k = 0; k < counts.size(); ++k) j.at(std::string(names[k])).get_to(counts[k]);
}

}  // namespace

void to_json(json& j, const witness& w) {
  j = {{"output", w.output},
       {"index", w.index},
       {"part", w.part == 0 ? "re" : "im"},
       {"class", name_of(w.score.kind)},
       {"verdict", name_of(w.score.judged)},
       {"error", pair_of(w.score.error)},
       {"bounds", json_of(w.bounds)},
       {"got", w.got},
       {"want", w.want},
       {"range", w.range}};
}

void from_json(const json& j, witness& w) {
  j.at("output").get_to(w.output);
  j.at("index").get_to(w.index);
  w.part = j.at("part") == "im" ? 1 : 0;
  w.score = {named<component_class>(j.at("class"), component_class_names),
             named<verdict>(j.at("verdict"), verdict_names), error_from(j.at("error"))};
  w.bounds = bounds_from(j.at("bounds"));
  j.at("got").get_to(w.got);
  j.at("want").get_to(w.want);
  j.at("range").get_to(w.range);
}

void to_json(json& j, const score& s) {
  j = {{"components", s.components},
       {"by_class", counts_by_name(s.by_class, component_class_names)},
       {"wrong_by_class", counts_by_name(s.wrong_by_class, component_class_names)},
       {"by_verdict", counts_by_name(s.by_verdict, verdict_names)},
       {"finite_errors", s.finite_errors},
       {"zero_errors", s.zero_errors},
       {"infinite_errors", s.infinite_errors},
       {"normwise_errors", s.normwise_errors},
       {"greatest_finite_lower", json_of(s.greatest_finite_lower)},
       {"worst", json::object()}};
  for (std::size_t k = 0; k < s.worst.size(); ++k)
    if (s.worst[k]) j["worst"][std::string(component_class_names[k])] = *s.worst[k];
  if (s.worst_by_bound) j["worst_by_bound"] = *s.worst_by_bound;
}

void from_json(const json& j, score& s) {
  s = {};
  j.at("components").get_to(s.components);
  read_counts(j.at("by_class"), s.by_class, component_class_names);
  read_counts(j.at("wrong_by_class"), s.wrong_by_class, component_class_names);
  read_counts(j.at("by_verdict"), s.by_verdict, verdict_names);
  j.at("finite_errors").get_to(s.finite_errors);
  j.at("zero_errors").get_to(s.zero_errors);
  j.at("infinite_errors").get_to(s.infinite_errors);
  j.at("normwise_errors").get_to(s.normwise_errors);
  s.greatest_finite_lower = double_from(j.at("greatest_finite_lower"));
  for (std::size_t k = 0; k < s.worst.size(); ++k)
    if (const auto w = j.at("worst").find(component_class_names[k]); w != j.at("worst").end())
      s.worst[k] = w->get<witness>();
  if (j.contains("worst_by_bound")) s.worst_by_bound = j["worst_by_bound"].get<witness>();
}

void to_json(json& j, const case_result& r) {
  j = {{"backend", r.backend}, {"op", r.op},
       {"api", r.api},         {"name", r.name},
       {"origin", r.origin},   {"case", r.case_text},
       {"format", r.format},   {"outcome", name_of(r.came_out)},
       {"message", r.message}, {"bounds", json_of(r.worst_bounds)},
       {"seconds", r.seconds}, {"oracle_tiers", counts_by_name(r.oracle_tiers.count, tier_names)}};
  if (r.came_out == outcome::scored) j["score"] = r.scored;
}

void from_json(const json& j, case_result& r) {
  r = {};
  j.at("backend").get_to(r.backend);
  j.at("op").get_to(r.op);
  j.at("api").get_to(r.api);
  j.at("name").get_to(r.name);
  j.at("origin").get_to(r.origin);
  j.at("case").get_to(r.case_text);
  j.at("format").get_to(r.format);
  r.came_out = named<outcome>(j.at("outcome"), outcome_names);
  j.at("message").get_to(r.message);
  r.worst_bounds = bounds_from(j.at("bounds"));
  j.at("seconds").get_to(r.seconds);
  read_counts(j.at("oracle_tiers"), r.oracle_tiers.count, tier_names);
  if (j.contains("score")) j["score"].get_to(r.scored);
}

}  // namespace halfulp::analysis
