#include <halfulp/analysis/answer.hpp>

#include <algorithm>

#include <halfulp/analysis/cases/json_line.hpp>
#include <halfulp/analysis/cases/number.hpp>
#include <halfulp/analysis/cases/tensor_json.hpp>
#include <halfulp/analysis/real_json.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

/// What is known of the components of an output whose bits are moved: each is exactly itself.
std::vector<component_truth> points_of(const tensor& t) {
  std::vector<component_truth> points;
  const auto add = [&](auto x) { points.push_back({enclosure::point(to_real(x)), tier::exact, true, {}}); };
  using types = type_list<float16, bfloat16, float, double, std::complex<float>, std::complex<double>>;
  visit_dtype(t.type(), types{}, [&](auto tag) {
    using type = typename decltype(tag)::type;
    for (const auto x : t.elements<type>()) {
      if constexpr (is_complex<type>) {
        add(x.real());
        add(x.imag());
      } else {
        add(x);
      }
    }
  });
  return points;
}

void add_truth(json& j, const truth& t, element_notation notation) {
  const bool moved = t.components.empty();
  j["moved_bits"] = moved;
  j["nan_bits_matter"] = t.nan_bits_matter;
  if (moved && notation == element_notation::bits) return;
  json enclosures = json::array(), decided = json::array(), tiers = json::array();
  json normwise = json::array(), componentwise = json::array();
  for (const component_truth& c : moved ? points_of(t.rounded) : t.components) {
    enclosures.push_back({to_hex(c.range.lo), to_hex(c.range.hi)});
    decided.push_back(c.decided);
    tiers.push_back(name_of(c.reached));
    normwise.push_back(json_of(c.bounds.normwise));
    componentwise.push_back(json_of(c.bounds.componentwise));
  }
  j["enclosure"] = std::move(enclosures);
  j["decided"] = std::move(decided);
  j["tier"] = std::move(tiers);
  j["bounds"] = {{"normwise", std::move(normwise)}, {"componentwise", std::move(componentwise)}};
}

json json_of_tiers(const tier_counts& counts) {
  json j = json::object();
  for (std::size_t k = 0; k < tier_names.size(); ++k) j[std::string(tier_names[k])] = counts.count[k];
  return j;
}

tier tier_named(const std::string& name) {
  const auto it = std::find(tier_names.begin(), tier_names.end(), name);
  if (it == tier_names.end()) throw malformed_case("an answer has the tier \"" + name + "\"");
  return static_cast<tier>(it - tier_names.begin());
}

/// A number that to_hex wrote: every digit of it.
real real_from_hex(const std::string& text) {
  real r = make_real(static_cast<mpfr_prec_t>(4 * text.size() + 4));
  char* end = nullptr;
  mpfr_strtofr(raw(r), text.c_str(), &end, 16, MPFR_RNDN);
  if (end == text.c_str() || *end != '\0') throw malformed_case("an answer has the number \"" + text + "\"");
  return r;
}

truth truth_from_json(const json& j, const tensor& rounded) {
  truth t{rounded, {}, j.at("nan_bits_matter").get<bool>()};
  if (j.at("moved_bits").get<bool>()) return t;
  const json& bounds = j.at("bounds");
  for (std::size_t k = 0; k < j.at("decided").size(); ++k) {
    const json& range = j.at("enclosure").at(k);
    t.components.push_back({{real_from_hex(range.at(0)), real_from_hex(range.at(1))},
                            tier_named(j.at("tier").at(k)),
                            j.at("decided").at(k),
                            {double_from(bounds.at("normwise").at(k)), double_from(bounds.at("componentwise").at(k))}});
  }
  return t;
}

answer failure_from_json(const json& j) {
  const auto name = j.value("kind", std::string("failed"));
  const auto it = std::find(std::begin(failure_names), std::end(failure_names), name);
  if (it == std::end(failure_names)) throw malformed_case("an answer has the kind \"" + name + "\"");
  return answer::of(static_cast<failure>(it - std::begin(failure_names)), j.at("error").get<std::string>());
}

answer outputs_from_json(const json& j) {
  answer a;
  for (const json& output : j.at("outputs")) {
    a.outputs.push_back(tensor_from_json(output, "an output"));
    if (output.contains("decided") || output.contains("moved_bits"))
      a.truths.push_back(truth_from_json(output, a.outputs.back()));
  }
  if (j.contains("tiers")) {
    a.decided.emplace();
    for (std::size_t k = 0; k < tier_names.size(); ++k)
      a.decided->count[k] = j["tiers"].at(std::string(tier_names[k])).get<std::int64_t>();
  }
  return a;
}

}  // namespace

json to_json(const answer& a, element_notation notation, bool with_time) {
  json j;
  if (a.kind) {
    j = {{"error", a.error}, {"kind", name_of(*a.kind)}};
  } else {
    j["outputs"] = json::array();
    for (std::size_t k = 0; k < a.outputs.size(); ++k) {
      json output = tensor_to_json(a.outputs[k].view(), notation);
      if (k < a.truths.size()) add_truth(output, a.truths[k], notation);
      j["outputs"].push_back(std::move(output));
    }
    if (a.decided) j["tiers"] = json_of_tiers(*a.decided);
  }
  if (with_time) j["seconds"] = a.seconds;
  return j;
}

answer answer_from_json(const json& j) {
  try {
    answer a = j.contains("error") ? failure_from_json(j) : outputs_from_json(j);
    a.seconds = j.value("seconds", 0.0);
    return a;
  } catch (const json::exception& e) {
    throw malformed_case(std::string("an answer is not as docs/eval.md says: ") + e.what());
  }
}

}  // namespace halfulp::analysis
