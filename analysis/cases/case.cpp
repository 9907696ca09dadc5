#include <halfulp/analysis/cases/case.hpp>

#include <algorithm>
#include <functional>
#include <limits>

#include <halfulp/analysis/cases/default_fill.hpp>
#include <halfulp/analysis/cases/fill.hpp>
#include <halfulp/oracle/ops.hpp>
#include <halfulp/oracle/oracle.hpp>

namespace halfulp::analysis {
namespace {

using nlohmann::json;

bool is_tensor(const json& j) {
  return j.is_object() && j.contains("tensor");
}

/// f(value, path) for every tensor of the call: positional ones first, then the named by their names' order, both from
/// left to right. path is the parameter's name, with the place in a list: "indices[1]".
using tensor_visitor = std::function<void(const json&, const std::string&)>;

void visit_tensors(const json& value, const std::string& path, const tensor_visitor& f) {
  if (is_tensor(value)) {
    f(value["tensor"], path);
    return;
  }
  const json& list = value.is_object() && value.contains("tuple") ? value["tuple"] : value;
  if (!list.is_array()) return;
  for (std::size_t k = 0; k < list.size(); ++k) visit_tensors(list[k], path + "[" + std::to_string(k) + "]", f);
}

/// The parameter that a position or a name stands for; "args[k]" where the signature has none.
std::string parameter_at(const signature& s, std::size_t k) {
  return k < s.parameters.size() ? s.parameters[k].name : "args[" + std::to_string(k) + "]";
}
std::string parameter_named(const signature& s, const std::string& name) {
  for (const parameter& p : s.parameters)
    if (p.alias == name) return p.name;
  return name;
}

void visit_tensors(const test_case& c, const signature& s, const tensor_visitor& f) {
  for (std::size_t k = 0; k < c.args.size(); ++k) visit_tensors(c.args[k], parameter_at(s, k), f);
  for (const auto& [name, value] : c.kwargs.items()) visit_tensors(value, parameter_named(s, name), f);
}

/// Refuses members that no tensor has, so that a misspelt "fill" does not go unnoticed.
void check_members(const json& j, const std::string& name) {
  static const char* const known[] = {"dtype", "shape", "fill", "data", "bits"};
  for (const auto& [member, value] : j.items())
    if (std::find(std::begin(known), std::end(known), member) == std::end(known))
      throw malformed_case(name + ": a tensor has no member \"" + member + "\"; it may have dtype, shape, and one of " +
                           "fill, data and bits");
  if (j.contains("fill") + j.contains("data") + j.contains("bits") > 1)
    throw malformed_case(name + ": a tensor has one of fill, data and bits");
}

tensor make_tensor(const json& j, const std::string& name, std::uint64_t seed, const std::function<json()>& fallback) {
  check_members(j, name);
  if (j.contains("data") || j.contains("bits")) return tensor_from_json(j, name);
  const auto [type, shape] = tensor_header_from_json(j, name);
  const tensor t(type, shape);
  fill(t, j.contains("fill") ? j["fill"] : fallback(), seed, name);
  return t;
}

/// Arguments from JSON; tensors are taken from a list, in the order of visit_tensors.
class argument_reader {
 public:
  explicit argument_reader(const std::vector<tensor>& tensors) : tensors_(tensors) {}

  argument read(const json& j, const std::string& name) {
    switch (j.type()) {
      case json::value_t::null:
        return {};
      case json::value_t::boolean:
        return {j.get<bool>()};
      case json::value_t::string:
        return {j.get<std::string>()};
      case json::value_t::number_float:
        return {j.get<double>()};
      case json::value_t::number_integer:
        return {j.get<std::int64_t>()};
      case json::value_t::number_unsigned:
        return {read_unsigned(j, name)};
      case json::value_t::array:
        return {read_list(j, name)};
      default:
        break;
    }
    if (is_tensor(j)) return {tensors_[next_++].view()};
    if (j.contains("tuple") && j["tuple"].is_array()) return {read_list(j["tuple"], name)};
    throw malformed_case(name + " is " + j.dump().substr(0, 80) + "; an object may be a tensor or a tuple");
  }

 private:
  std::int64_t read_unsigned(const json& j, const std::string& name) {
    if (j.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      throw malformed_case(name + " is " + j.dump() + "; an integer may be up to 2^63 - 1");
    return j.get<std::int64_t>();
  }
  argument::list read_list(const json& j, const std::string& name) {
    argument::list list;
    for (std::size_t k = 0; k < j.size(); ++k) list.push_back(read(j[k], name + "[" + std::to_string(k) + "]"));
    return list;
  }

  const std::vector<tensor>& tensors_;
  std::size_t next_ = 0;
};

std::string text_member(const json& j, const char* member) {
  if (!j.contains(member)) return {};
  if (!j[member].is_string())
    throw malformed_case(std::string(member) + " is " + j[member].dump() + "; it must be text");
  return j[member].get<std::string>();
}

test_case case_from_json(const json& j) {
  if (!j.is_object() || !j.contains("api")) throw malformed_case("a case is an object with an api");
  test_case c;
  c.api = text_member(j, "api");
  c.args = j.value("args", json::array());
  c.kwargs = j.value("kwargs", json::object());
  if (!c.args.is_array()) throw malformed_case("args is " + c.args.dump().substr(0, 80) + "; it must be a list");
  if (!c.kwargs.is_object())
    throw malformed_case("kwargs is " + c.kwargs.dump().substr(0, 80) + "; it must be an object");
  c.name = text_member(j, "name");
  c.origin = text_member(j, "origin");
  c.where = text_member(j, "where");
  return c;
}

struct json_of_value {
  json operator()(std::monostate) const { return nullptr; }
  json operator()(const tensor_view& t) const { return {{"tensor", tensor_to_json(t)}}; }
  json operator()(const argument::list& list) const {
    json j = json::array();
    for (const argument& item : list) j.push_back(std::visit(*this, item.value));
    return j;
  }
  template <class T>
  json operator()(const T& scalar) const {
    return scalar;
  }
};

prepared_case prepare_tensors(const test_case& c, const signature& s) {
  prepared_case p;
  p.op = s.op;
  std::map<std::string, tensor_header> headers;
  visit_tensors(
      c, s, [&](const json& t, const std::string& name) { headers.emplace(name, tensor_header_from_json(t, name)); });
  std::uint64_t seed = c.hash();
  visit_tensors(c, s, [&](const json& t, const std::string& name) {
    p.tensors.push_back(make_tensor(t, name, seed++, [&] { return default_fill(s.op, name, headers); }));
  });
  argument_reader reader(p.tensors);
  for (std::size_t k = 0; k < c.args.size(); ++k) p.args.push_back(reader.read(c.args[k], parameter_at(s, k)));
  for (const auto& [name, value] : c.kwargs.items()) p.kwargs[name] = reader.read(value, name);
  return p;
}

}  // namespace

std::string test_case::text() const {
  return json{{"api", api}, {"args", args}, {"kwargs", kwargs}}.dump();
}

std::uint64_t test_case::hash() const {
  std::uint64_t h = 0xcbf29ce484222325;  // [fnv]
  for (const char c : text()) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return h;
}

test_case parse_case(std::string_view line, const std::string& where) {
  try {
    test_case c = case_from_json(parse_json_line(line));
    if (c.where.empty()) c.where = where;
    return c;
  } catch (const malformed_case& e) {
    throw malformed_case(where + ": " + e.what());
  }
}

prepared_case prepare(const test_case& c) {
  const signature& s = signature_named(c.api);
  try {
    return prepare_tensors(c, s);
  } catch (const malformed_case& e) {
    throw malformed_case(c.where + ": " + e.what());
  }
}

json normalized(const call& k) {
  json arguments = json::object();
  for (const parameter& p : signature_named(k.op()).parameters)
    arguments[p.name] = std::visit(json_of_value{}, k.at(p.name).value);
  return {{"api", k.op()}, {"args", json::array()}, {"kwargs", std::move(arguments)}};
}

json drawn(const test_case& c) {
  const prepared_case p = prepare(c);
  json j{{"api", c.api}, {"args", json_of_value{}(p.args)}, {"kwargs", json::object()}};
  for (const auto& [name, value] : p.kwargs) j["kwargs"][name] = std::visit(json_of_value{}, value.value);
  return j;
}

std::string format_of_case(const test_case& c) {
  std::string format;
  visit_op(c.api, [&](auto tag) {
    using op = typename decltype(tag)::type;
    visit_tensors(c, signature_of<op>(), [&](const json& t, const std::string& name) {
      if (name == op::element_argument && t.contains("dtype") && t["dtype"].is_string()) format = t["dtype"];
    });
  });
  return format;
}

}  // namespace halfulp::analysis
