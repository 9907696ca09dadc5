// Shapes and dtypes of a custom operator's outputs, as Paddle asks for them: of inputs that have no data, some of whose sizes
// are not known.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "paddle_arguments.hpp"

namespace halfulp::custom_op {

/// A call whose tensors have shapes but no data, with every unknown size (-1) `unknown`.
inline std::map<std::string, argument> shapes_only(const signature& s, bool with_optional, dtype elements, dtype others,
                                                   std::string_view element_argument, std::int64_t unknown,
                                                   const std::vector<shape_list>& single,
                                                   const std::vector<std::vector<shape_list>>& lists,
                                                   const std::vector<paddle::any>& attrs) {
  const auto view = [&](const std::string& name, const shape_list& dims) {
    tensor_type type{name == element_argument ? elements : others, {}};
    for (const std::int64_t n : dims) type.shape.push_back(n < 0 ? unknown : n);
    return argument{row_major(type)};
  };
  std::map<std::string, argument> named;
  std::size_t one = 0, many = 0, attr = 0;
  for (const parameter& p : s.parameters) {
    const kind k = kind_of(p);
    if (k == kind::optional_tensor && !with_optional) continue;
    if (!is_input(p)) {
      named[p.name] = attribute(p, attrs.at(attr++));
    } else if (k == kind::tensors) {
      argument::list list;
      for (const shape_list& dims : lists.at(many)) list.push_back(view(p.name, dims));
      ++many;
      named[p.name] = {list};
    } else {
      named[p.name] = view(p.name, single.at(one++));
    }
  }
  return named;
}

template <class Op>
dtype first_dtype() {
  return []<class First, class... Rest>(type_list<First, Rest...>) {
    return dtype_of<First>;
  }(typename Op::element_types{});
}

/// The shapes of the outputs where each unknown size is `unknown`; nothing where they depend on the elements, or where
/// this size is not valid.
template <class Op, bool WithOptional>
std::optional<std::vector<shape_list>> shapes_at(std::int64_t unknown, const std::vector<shape_list>& single,
                                                 const std::vector<std::vector<shape_list>>& lists,
                                                 const std::vector<paddle::any>& attrs) {
  const signature& s = signature_of<Op>();
  // Paddle tells no dtypes here: the other tensors are of the elements' dtype, or indices.
  for (const dtype others : {first_dtype<Op>(), dtype::int64}) {
    try {
      const auto types = output_types(call(s, {},
                                           shapes_only(s, WithOptional, first_dtype<Op>(), others, Op::element_argument,
                                                       unknown, single, lists, attrs)));
      if (!types) return std::nullopt;
      std::vector<shape_list> shapes;
      for (const tensor_type& t : *types) shapes.emplace_back(t.shape.begin(), t.shape.begin() + t.shape.rank);
      return shapes;
    } catch (const invalid_argument&) {
    }
  }
  return std::nullopt;
}

template <class Op, bool WithOptional>
std::vector<shape_list> infer_shapes(const std::vector<shape_list>& single,
                                     const std::vector<std::vector<shape_list>>& lists,
                                     const std::vector<paddle::any>& attrs) {
  // Two sizes tell which of the output's follow from unknown ones.
  const auto one = shapes_at<Op, WithOptional>(96, single, lists, attrs),
             other = shapes_at<Op, WithOptional>(192, single, lists, attrs);
  const std::size_t outputs = names_of_outputs(signature_of<Op>()).size();
  if (!one || !other) return std::vector<shape_list>(outputs, shape_list{-1});
  std::vector<shape_list> shapes = *one;
  for (std::size_t k = 0; k < shapes.size(); ++k)
    for (std::size_t d = 0; d < shapes[k].size(); ++d)
      if (shapes[k][d] != (*other)[k][d]) shapes[k][d] = -1;
  return shapes;
}

template <class Op, bool WithOptional>
std::vector<DataType> infer_dtypes(const std::vector<DataType>& single, const std::vector<std::vector<DataType>>&,
                                   const std::vector<paddle::any>& attrs) {
  const signature& s = signature_of<Op>();
  std::size_t input = 0, attr = 0;
  DataType elements = DataType::FLOAT32;
  std::map<std::string, argument> named;
  for (const parameter& p : s.parameters) {
    if (!is_input(p)) named[p.name] = attribute(p, attrs.at(attr++));
    if (!is_input(p) || kind_of(p) == kind::tensors || (kind_of(p) == kind::optional_tensor && !WithOptional)) continue;
    if (p.name == Op::element_argument) elements = single.at(input);
    ++input;
  }
  // An op of one tensor may have results of another dtype, as eigenvalues do: it is asked about a matrix of one element.
  if (input == 1) {
    named[Op::element_argument] = {row_major({dtype_of_paddle(s.op, Op::element_argument, elements), {1, 1}})};
    try {
      if (const auto types = output_types(call(s, {}, named))) return {paddle_of_dtype(types->at(0).type)};
    } catch (const invalid_argument&) {  // other attributes do not fit such a matrix
    }
  }
  std::vector<DataType> types(names_of_outputs(s).size(), DataType::INT64);
  types[0] = elements;
  return types;
}

}  // namespace halfulp::custom_op
