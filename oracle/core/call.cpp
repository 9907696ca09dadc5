#include <halfulp/oracle/core/call.hpp>

#include <algorithm>
#include <charconv>

namespace halfulp {
namespace {

std::string_view trim(std::string_view s) {
  const auto first = s.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(' ') - first + 1);
}

/// Splits at commas outside brackets and quotes.
std::vector<std::string_view> split_list(std::string_view s) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t k = 0; k <= s.size(); ++k) {
    if (k < s.size()) {
      quoted ^= s[k] == '"';
      depth += (s[k] == '[') - (s[k] == ']');
      if (quoted || depth > 0 || s[k] != ',') continue;
    }
    if (const auto part = trim(s.substr(begin, k - begin)); !part.empty()) parts.push_back(part);
    begin = k + 1;
  }
  return parts;
}

template <class Number>
std::optional<Number> parse_number(std::string_view s) {
  Number n{};
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
  return n;
}

[[noreturn]] void refuse_schema(std::string_view part) {
  throw invalid_argument("schema", "a schema is name(type name=default, ...) -> outputs",
                         {{"part", std::string(part)}});
}

argument parse_default(std::string_view s) {
  if (s == "None") return {};
  if (s == "True" || s == "False") return {s == "True"};
  if (s.size() >= 2 && s.front() == '"' && s.back() == '"') return {std::string(s.substr(1, s.size() - 2))};
  if (s.size() >= 2 && s.front() == '[' && s.back() == ']') {
    argument::list list;
    for (const auto item : split_list(s.substr(1, s.size() - 2))) list.push_back(parse_default(item));
    return {list};
  }
  if (const auto n = parse_number<std::int64_t>(s)) return {*n};
  if (const auto d = parse_number<double>(s)) return {*d};
  refuse_schema(s);
}

parameter parse_parameter(std::string_view s) {
  const auto space = s.find(' ');
  if (space == std::string_view::npos) refuse_schema(s);
  parameter p;
  p.type = s.substr(0, space);
  std::string_view rest = s.substr(space + 1);
  if (const auto equals = rest.find('='); equals != std::string_view::npos) {
    p.fallback = parse_default(trim(rest.substr(equals + 1)));
    rest = trim(rest.substr(0, equals));
  }
  const auto bar = rest.find('|');
  p.name = rest.substr(0, bar);
  if (bar != std::string_view::npos) p.alias = rest.substr(bar + 1);
  return p;
}

bool is_integer(const argument& a) {
  return std::holds_alternative<std::int64_t>(a.value);
}

bool is_integers(const argument& a) {
  const auto* list = std::get_if<argument::list>(&a.value);
  return list != nullptr && std::all_of(list->begin(), list->end(), is_integer);
}

/// What a parameter type takes; nullptr if a is of that kind, else the words that say what is.
const char* kind_mismatch(const std::string& type, const argument& a) {
  const bool tensor = std::holds_alternative<tensor_view>(a.value);
  if (type.starts_with("any<")) return nullptr;
  if (type == "Tensor") return tensor ? nullptr : "must be a tensor";
  if (type == "Tensor?") return tensor || a.is_none() ? nullptr : "must be a tensor or None";
  if (type == "int") return is_integer(a) ? nullptr : "must be an integer";
  if (type == "float") return is_integer(a) || std::holds_alternative<double>(a.value) ? nullptr : "must be a number";
  if (type == "bool") return std::holds_alternative<bool>(a.value) ? nullptr : "must be True or False";
  if (type == "str") return std::holds_alternative<std::string>(a.value) ? nullptr : "must be a string";
  if (type == "int[]") return is_integers(a) ? nullptr : "must be a list of integers";
  if (type == "int[2]") {
    const bool pair =
        is_integers(a) && !std::get<argument::list>(a.value).empty() && std::get<argument::list>(a.value).size() <= 2;
    return is_integer(a) || pair ? nullptr : "must be an integer or a list of two integers";
  }
  refuse_schema(type);
}

std::string number_text(double x) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

std::string list_text(const argument::list& list) {
  std::string text = "[";
  for (const auto& item : list) text += (text.size() > 1 ? ", " : "") + to_string(item);
  return text + "]";
}

}  // namespace

std::string to_string(const argument& a) {
  struct visitor {
    std::string operator()(std::monostate) const { return "None"; }
    std::string operator()(bool b) const { return b ? "True" : "False"; }
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(double x) const { return number_text(x); }
    std::string operator()(const std::string& s) const { return '"' + s + '"'; }
    std::string operator()(const argument::list& list) const { return list_text(list); }
    std::string operator()(const tensor_view& t) const {
      return "a " + std::string(name_of(t.type)) + " tensor of shape " + to_string(t.shape);
    }
  };
  return std::visit(visitor{}, a.value);
}

signature signature::parse(std::string_view schema) {
  const auto open = schema.find('(');
  const auto close = schema.rfind(") ->");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) refuse_schema(schema);
  signature s;
  s.op = trim(schema.substr(0, open));
  for (const auto part : split_list(schema.substr(open + 1, close - open - 1)))
    s.parameters.push_back(parse_parameter(part));
  return s;
}

call::call(const signature& s, const argument::list& positional, const std::map<std::string, argument>& named)
    : op_(s.op) {
  if (positional.size() > s.parameters.size())
    throw invalid_argument(op_, "takes at most " + std::to_string(s.parameters.size()) + " arguments",
                           {{"the number of positional arguments", std::to_string(positional.size())}});
  for (std::size_t k = 0; k < positional.size(); ++k) values_[s.parameters[k].name] = positional[k];
  for (const auto& [name, value] : named) {
    if (name == "name") continue;
    const auto p = std::find_if(s.parameters.begin(), s.parameters.end(), [&, name = name](const parameter& q) {
      return q.name == name || (!q.alias.empty() && q.alias == name);
    });
    if (p == s.parameters.end()) {
      std::string known;
      for (const auto& q : s.parameters) known += (known.empty() ? "" : ", ") + q.name;
      throw invalid_argument(op_, "the arguments are " + known, {{name, to_string(value)}});
    }
    if (!values_.emplace(p->name, value).second)
      throw invalid_argument(op_, p->name + " must be given once", {{name, to_string(value)}});
  }
  for (const auto& p : s.parameters) {
    if (!values_.contains(p.name)) {
      if (!p.fallback) throw invalid_argument(op_, "it must be given", {{p.name, "missing"}});
      values_[p.name] = *p.fallback;
    }
    if (const char* rule = kind_mismatch(p.type, at(p.name))) refuse(p.name, rule);
  }
}

const argument& call::at(std::string_view name) const {
  const auto it = values_.find(name);
  if (it == values_.end()) throw invalid_argument(op_, "no such argument", {{std::string(name), "asked for"}});
  return it->second;
}

const tensor_view& call::tensor(std::string_view name) const {
  if (const auto* t = std::get_if<tensor_view>(&at(name).value)) return *t;
  refuse(name, "must be a tensor");
}

const tensor_view* call::optional_tensor(std::string_view name) const {
  return at(name).is_none() ? nullptr : &tensor(name);
}

std::int64_t call::integer(std::string_view name) const {
  if (const auto* n = std::get_if<std::int64_t>(&at(name).value)) return *n;
  refuse(name, "must be an integer");
}

double call::real(std::string_view name) const {
  if (const auto* d = std::get_if<double>(&at(name).value)) return *d;
  return static_cast<double>(integer(name));
}

bool call::boolean(std::string_view name) const {
  if (const auto* b = std::get_if<bool>(&at(name).value)) return *b;
  refuse(name, "must be True or False");
}

const std::string& call::text(std::string_view name) const {
  if (const auto* s = std::get_if<std::string>(&at(name).value)) return *s;
  refuse(name, "must be a string");
}

std::vector<std::int64_t> call::integers(std::string_view name) const {
  if (!is_integers(at(name))) refuse(name, "must be a list of integers");
  std::vector<std::int64_t> numbers;
  for (const auto& item : std::get<argument::list>(at(name).value))
    numbers.push_back(std::get<std::int64_t>(item.value));
  return numbers;
}

std::array<std::int64_t, 2> call::pair(std::string_view name) const {
  if (is_integer(at(name))) return {integer(name), integer(name)};
  const auto numbers = integers(name);
  if (numbers.size() == 1) return {numbers[0], numbers[0]};
  if (numbers.size() != 2) refuse(name, "must be an integer or a list of two integers");
  return {numbers[0], numbers[1]};
}

void call::refuse(std::string_view name, std::string_view rule) const {
  throw invalid_argument(op_, std::string(name) + " " + std::string(rule), {{std::string(name), to_string(at(name))}});
}

}  // namespace halfulp
