#include <map>

#include <halfulp/oracle/ops.hpp>

#include "description.hpp"

namespace halfulp::custom_op {
namespace {

/// The shape of the input that a gradient is by, where the call says it.
std::optional<extents> shape_of_input(const call& c, const signature& s, const char* input) {
  if (parameter_called(s, input) != nullptr) {
    const auto* t = std::get_if<tensor_view>(&c.at(input).value);
    return t == nullptr ? extents{} : t->shape;
  }
  for (const parameter& p : s.parameters) {
    if (!p.name.ends_with("_shape")) continue;
    extents e;
    for (const std::int64_t n : c.integers(p.name)) e.push_back(n);
    return e;
  }
  return std::nullopt;
}

/// The call with zeros in each tensor of indices: valid ones, as far as shapes tell.
struct with_zero_indices {
  std::vector<tensor> keep;
  std::map<std::string, argument> named;

  with_zero_indices(const call& c, const signature& s, std::string_view element_argument) {
    for (const parameter& p : s.parameters) {
      argument a = c.at(p.name);
      if (p.name != element_argument) fill(a);
      named[p.name] = a;
    }
  }

 private:
  void fill(argument& a) {
    if (auto* list = std::get_if<argument::list>(&a.value)) {
      for (auto& item : *list) fill(item);
    } else if (auto* t = std::get_if<tensor_view>(&a.value);
               t != nullptr && t->data == nullptr && !is_floating(t->type)) {
      a.value = keep.emplace_back(t->type, t->shape).view();
    }
  }
};

template <class Op, class T>
std::optional<std::vector<tensor_type>> bound_types(const call& c) {
  if constexpr (!fixed_outputs<Op, T>) {
    return std::nullopt;
  } else if constexpr (scatter_op<Op, T>) {
    return std::vector{tensor_type{dtype_of<T>, c.tensor(Op::element_argument).shape}};
  } else {
    const with_zero_indices filled(c, signature_of<Op>(), Op::element_argument);
    return Op::outputs(Op::template bind<T>(call(signature_of<Op>(), {}, filled.named)));
  }
}

template <class Op>
std::optional<std::vector<tensor_type>> types_of(const call& c) {
  const dtype type = c.tensor(Op::element_argument).type;
  if (const char* input = differentiated_input(Op::name))
    if (const auto shape = shape_of_input(c, signature_of<Op>(), input)) return std::vector{tensor_type{type, *shape}};
  std::optional<std::vector<tensor_type>> types;
  const bool known = visit_dtype(type, typename Op::element_types{},
                                 [&](auto tag) { types = bound_types<Op, typename decltype(tag)::type>(c); });
  if (!known) c.refuse(Op::element_argument, "must be of dtype " + names_of(typename Op::element_types{}));
  return types;
}

}  // namespace

std::optional<std::vector<tensor_type>> output_types(const call& c) {
  std::optional<std::vector<tensor_type>> types;
  visit_op(c.op(), [&](auto tag) { types = types_of<typename decltype(tag)::type>(c); });
  return types;
}

}  // namespace halfulp::custom_op
