#include <halfulp/analysis/answer.hpp>

#include <algorithm>
#include <cstring>

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
  const auto add = [&](auto x) { points.push_back({component_range::point(to_real(x)), tier::exact, true, {}}); };
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

/// [f(0), f(1), ...] where f writes one item.
template <class F>
void write_list(std::ostream& out, std::size_t count, F f) {
  out << '[';
  for (std::size_t k = 0; k < count; ++k) {
    if (k > 0) out << ',';
    f(k);
  }
  out << ']';
}

template <class T>
void write_element(std::ostream& out, T x) {
  if constexpr (is_complex<T>) {
    out << "[\"" << to_text(x.real()) << "\",\"" << to_text(x.imag()) << "\"]";
  } else if constexpr (std::is_integral_v<T>) {
    out << to_text(x);  // JSON's own integers and bools are exact
  } else {
    out << '"' << to_text(x) << '"';
  }
}

void write_elements(std::ostream& out, const tensor& t) {
  visit_dtype(t.type(), [&](auto tag) {
    const auto x = t.elements<const typename decltype(tag)::type>();
    write_list(out, x.size(), [&](std::size_t k) { write_element(out, x[k]); });
  });
}

bool operator==(const ulp_bounds& a, const ulp_bounds& b) {
  return a.normwise == b.normwise && a.componentwise == b.componentwise && a.condition == b.condition;
}

template <class T>
bool is_exactly(const component_truth& c, T x) {
  if (!c.decided || c.reached != tier::exact || !is_finite(x)) return false;
  if (c.range.is_zero_point()) return x == T{};
  const enclosure range = c.range.reals();
  return range.is_point() && mpfr_equal_p(raw(range.lo), raw(to_real(x))) != 0;
}

/// The bounds of all components, where each is exactly what it is rounded to; those of real dtypes, in their order.
std::optional<ulp_bounds> exact_bounds(const truth& t) {
  using types = type_list<float16, bfloat16, float, double>;
  std::optional<ulp_bounds> bounds;
  if (t.components.empty() || t.unordered) return bounds;
  visit_dtype(t.rounded.type(), types{}, [&](auto tag) {
    const auto x = t.rounded.elements<const typename decltype(tag)::type>();
    for (std::size_t k = 0; k < x.size(); ++k)
      if (!is_exactly(t.components[k], x[k]) || !(t.components[k].bounds == t.components[0].bounds)) return;
    bounds = t.components[0].bounds;
  });
  return bounds;
}

void write_truth(std::ostream& out, const truth& t, element_notation notation) {
  const bool moved = t.components.empty();
  out << ",\"moved_bits\":" << (moved ? "true" : "false")
      << ",\"nan_bits_matter\":" << (t.nan_bits_matter ? "true" : "false")
      << ",\"unordered\":" << (t.unordered ? "true" : "false");
  if (notation == element_notation::bits) {
    if (moved) return;
    if (const auto bounds = exact_bounds(t)) {
      out << ",\"exact\":" << json_of(*bounds);
      return;
    }
  }
  const std::vector<component_truth> points = moved ? points_of(t.rounded) : std::vector<component_truth>();
  const auto& c = moved ? points : t.components;
  const auto list = [&](const char* name, auto item) {
    out << name;
    write_list(out, c.size(), [&](std::size_t k) { item(c[k]); });
  };
  list(",\"enclosure\":", [&](const auto& x) {
    const enclosure range = x.range.reals();
    out << "[\"" << to_hex(range.lo) << "\",\"" << to_hex(range.hi) << "\"]";
  });
  list(",\"decided\":", [&](const auto& x) { out << (x.decided ? "true" : "false"); });
  list(",\"tier\":", [&](const auto& x) { out << '"' << name_of(x.reached) << '"'; });
  list(",\"bounds\":{\"normwise\":", [&](const auto& x) { out << json_of(x.bounds.normwise); });
  list(",\"componentwise\":", [&](const auto& x) { out << json_of(x.bounds.componentwise); });
  list(",\"condition\":", [&](const auto& x) { out << json_of(x.bounds.condition); });
  out << '}';
}

/// Whether there are several elements, all of the same bits: what images without channels give has millions.
bool is_repeated(const tensor& t) {
  const auto bytes = t.bytes();
  const std::size_t one = size_of(t.type());
  return bytes.size() > one && std::memcmp(bytes.data(), bytes.data() + one, bytes.size() - one) == 0;
}

void write_outputs(std::ostream& out, const answer& a, element_notation notation) {
  out << "{\"outputs\":";
  write_list(out, a.outputs.size(), [&](std::size_t k) {
    const tensor& t = a.outputs[k];
    out << "{\"dtype\":\"" << name_of(t.type())
        << "\",\"shape\":" << json(std::vector(t.shape().begin(), t.shape().end()));
    if (notation == element_notation::bits) {
      const bool repeated = is_repeated(t);
      out << ",\"bits\":\"" << base64(t.bytes().first(repeated ? size_of(t.type()) : t.bytes().size())) << '"'
          << (repeated ? ",\"repeated\":true" : "");
    } else {
      out << ",\"data\":";
      write_elements(out, t);
    }
    if (k < a.truths.size()) write_truth(out, a.truths[k], notation);
    out << '}';
  });
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
  truth t{rounded, {}, j.at("nan_bits_matter").get<bool>(), j.at("unordered").get<bool>()};
  if (j.at("moved_bits").get<bool>() || j.contains("exact")) return t;
  const json& bounds = j.at("bounds");
  for (std::size_t k = 0; k < j.at("decided").size(); ++k) {
    const json& range = j.at("enclosure").at(k);
    t.components.push_back({{real_from_hex(range.at(0)), real_from_hex(range.at(1))},
                            tier_named(j.at("tier").at(k)),
                            j.at("decided").at(k),
                            {double_from(bounds.at("normwise").at(k)), double_from(bounds.at("componentwise").at(k)),
                             double_from(bounds.at("condition").at(k))}});
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
    if (!output.contains("decided") && !output.contains("moved_bits")) continue;
    a.truths.push_back(truth_from_json(output, a.outputs.back()));
    a.exact.emplace_back();
    if (output.contains("exact")) a.exact.back() = bounds_from(output["exact"]);
  }
  if (j.contains("tiers")) {
    a.decided.emplace();
    for (std::size_t k = 0; k < tier_names.size(); ++k)
      a.decided->count[k] = j["tiers"].at(std::string(tier_names[k])).get<std::int64_t>();
  }
  return a;
}

}  // namespace

void write(std::ostream& out, const answer& a, element_notation notation, bool with_time) {
  if (a.kind) {
    const json error = a.error;
    out << "{\"error\":" << error.dump(-1, ' ', false, json::error_handler_t::replace) << ",\"kind\":\""
        << name_of(*a.kind) << '"';
  } else {
    write_outputs(out, a, notation);
    if (a.decided) out << ",\"tiers\":" << json_of_tiers(*a.decided);
  }
  if (with_time) out << ",\"seconds\":" << json_of(a.seconds);
  out << '}';
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
