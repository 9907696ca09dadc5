#include "description.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include <halfulp/oracle/ops.hpp>

namespace halfulp::custom_op {
namespace {

struct known_op {
  signature declared;
  bool list;
  std::vector<gradient> gradients;
  nlohmann::ordered_json json;
};

nlohmann::ordered_json to_json(const argument& a) {
  return std::visit(
      []<class V>(const V& value) -> nlohmann::ordered_json {
        if constexpr (std::is_same_v<V, std::monostate> || std::is_same_v<V, tensor_view>) {
          return nullptr;
        } else if constexpr (std::is_same_v<V, argument::list>) {
          auto items = nlohmann::ordered_json::array();
          for (const auto& item : value) items.push_back(to_json(item));
          return items;
        } else {
          return value;
        }
      },
      a.value);
}

nlohmann::ordered_json to_json(const parameter& p) {
  nlohmann::ordered_json j{{"name", p.name}, {"alias", p.alias}, {"type", p.type}, {"types", alternatives(p)}};
  if (p.fallback) j["default"] = to_json(*p.fallback);
  return j;
}

template <class... T>
std::vector<std::string_view> dtype_names(type_list<T...>) {
  return {name_of(dtype_of<T>)...};
}

template <class Op, class First, class... Rest>
constexpr bool is_scatter(type_list<First, Rest...>) {
  return scatter_op<Op, First>;
}

template <class Op>
known_op describe() {
  known_op k{signature_of<Op>(), std::string_view(Op::schema).ends_with("Tensor[]"), {}, {}};
  if constexpr (differentiable<Op>) k.gradients.assign(Op::gradients.begin(), Op::gradients.end());
  k.json = {{"name", Op::name},
            {"apis", Op::apis},
            {"dtypes", dtype_names(typename Op::element_types{})},
            {"element", Op::element_argument},
            {"scatters", is_scatter<Op>(typename Op::element_types{})},
            {"returns_list", k.list},
            {"parameters", nlohmann::ordered_json::array()},
            {"overloads", nlohmann::ordered_json::array()},
            {"gradients", nlohmann::ordered_json::object()}};
  for (const parameter& p : k.declared.parameters) k.json["parameters"].push_back(to_json(p));
  for (const overload& o : overloads_of(k.declared))
    k.json["overloads"].push_back({{"name", o.name}, {"types", o.types}});
  for (const gradient& g : k.gradients) k.json["gradients"][g.input] = g.op;
  return k;
}

const std::vector<known_op>& known_ops() {
  static const std::vector<known_op> ops = [] {
    std::vector<known_op> all;
    for_each_op([&](auto tag) { all.push_back(describe<typename decltype(tag)::type>()); });
    return all;
  }();
  return ops;
}

const known_op& op_named(std::string_view name) {
  const auto& all = known_ops();
  const auto found = std::find_if(all.begin(), all.end(), [&](const known_op& k) { return k.declared.op == name; });
  if (found == all.end())
    throw invalid_argument("halfulp", "the ops are " + names_of_ops(), {{"op", std::string(name)}});
  return *found;
}

}  // namespace

const std::string& description() {
  static const std::string text = [] {
    auto list = nlohmann::ordered_json::array();
    for (const known_op& k : known_ops()) list.push_back(k.json);
    return list.dump();
  }();
  return text;
}

const std::vector<signature>& signatures() {
  static const std::vector<signature> all = [] {
    std::vector<signature> list;
    for (const known_op& k : known_ops()) list.push_back(k.declared);
    return list;
  }();
  return all;
}

bool returns_list(std::string_view op) {
  return op_named(op).list;
}

const signature& signature_called(std::string_view op) {
  return op_named(op).declared;
}

const parameter* parameter_called(const signature& s, std::string_view name) {
  const auto p = std::find_if(s.parameters.begin(), s.parameters.end(),
                              [&](const parameter& q) { return q.name == name || q.alias == name; });
  return p == s.parameters.end() ? nullptr : &*p;
}

const char* differentiated_input(std::string_view op) {
  for (const known_op& k : known_ops())
    for (const gradient& g : k.gradients)
      if (op == g.op) return g.input;
  return nullptr;
}

tensor_view row_major(const tensor_type& type) {
  tensor_view v;
  v.type = type.type;
  v.shape = type.shape;
  v.strides = row_major_strides(type.shape);
  return v;
}

std::vector<std::string> alternatives(const parameter& p) {
  if (!p.type.starts_with("any<")) return {p.type};
  std::vector<std::string> types(1);
  for (const char letter : p.type.substr(4, p.type.size() - 5)) {
    if (letter == '|')
      types.emplace_back();
    else
      types.back() += letter;
  }
  return types;
}

std::vector<overload> overloads_of(const signature& s) {
  std::vector<overload> all;
  std::size_t count = 1;
  for (const parameter& p : s.parameters) count = std::max(count, alternatives(p).size());
  for (std::size_t k = 0; k < count; ++k) {
    overload o{"default", {}};
    for (const parameter& p : s.parameters) {
      const auto types = alternatives(p);
      const bool other = k > 0 && k < types.size();
      o.types.push_back(types[other ? k : 0]);
      if (other) o.name = types[k];
    }
    all.push_back(std::move(o));
  }
  return all;
}

}  // namespace halfulp::custom_op
