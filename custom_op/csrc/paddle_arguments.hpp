// The arguments of a custom operator as Paddle gives them: inputs, and attributes of a few types.
#pragma once

#include "paddle/extension.h"

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <halfulp/oracle/ops.hpp>

#include "description.hpp"

namespace halfulp::custom_op {

using paddle::DataType;
using shape_list = std::vector<std::int64_t>;

inline constexpr std::pair<DataType, dtype> dtype_pairs[] = {
    {DataType::BOOL, dtype::boolean},        {DataType::UINT8, dtype::uint8},
    {DataType::INT8, dtype::int8},           {DataType::INT16, dtype::int16},
    {DataType::INT32, dtype::int32},         {DataType::INT64, dtype::int64},
    {DataType::FLOAT16, dtype::float16},     {DataType::BFLOAT16, dtype::bfloat16},
    {DataType::FLOAT32, dtype::float32},     {DataType::FLOAT64, dtype::float64},
    {DataType::COMPLEX64, dtype::complex64}, {DataType::COMPLEX128, dtype::complex128}};

inline dtype dtype_of_paddle(const std::string& op, const std::string& name, DataType given) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (theirs == given) return ours;
  throw invalid_argument(op, "its dtype is none of halfulp's", {{name, phi::DataTypeToString(given)}});
}

inline DataType paddle_of_dtype(dtype d) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (ours == d) return theirs;
  return DataType::UNDEFINED;
}

/// How a parameter is passed: as an input, or as an attribute of a type.
enum class kind { tensor, tensors, optional_tensor, boolean, integer, text, integers, json };

inline kind kind_of(const parameter& p) {
  const std::string type = alternatives(p).front();
  if (type == "Tensor") return kind::tensor;
  if (type == "Tensor[]") return kind::tensors;
  if (type == "Tensor?") return kind::optional_tensor;
  if (alternatives(p).size() > 1) return kind::json;
  if (type == "bool") return kind::boolean;
  if (type == "int") return kind::integer;
  if (type == "str") return kind::text;
  if (type == "int[]" || type == "int[2]") return kind::integers;
  return kind::json;
}

inline bool is_input(const parameter& p) {
  return kind_of(p) <= kind::optional_tensor;
}

inline argument from_json(const nlohmann::json& j) {
  if (j.is_null()) return {};
  if (j.is_boolean()) return {j.get<bool>()};
  if (j.is_number_integer()) return {j.get<std::int64_t>()};
  if (j.is_number()) return {j.get<double>()};
  if (j.is_string()) return {j.get<std::string>()};
  argument::list list;
  for (const auto& item : j) list.push_back(from_json(item));
  return {list};
}

inline argument attribute(const parameter& p, const paddle::any& given) {
  switch (kind_of(p)) {
    case kind::boolean:
      return {paddle::any_cast<bool>(given)};
    case kind::integer:
      return {paddle::any_cast<std::int64_t>(given)};
    case kind::text:
      return {paddle::any_cast<std::string>(given)};
    case kind::integers: {
      argument::list list;
      for (const std::int64_t n : paddle::any_cast<std::vector<std::int64_t>>(given)) list.push_back({n});
      return {list};
    }
    default:
      return from_json(nlohmann::json::parse(paddle::any_cast<std::string>(given)));
  }
}

inline const char* attribute_type(kind k) {
  switch (k) {
    case kind::boolean:
      return "bool";
    case kind::integer:
      return "int64_t";
    case kind::integers:
      return "std::vector<int64_t>";
    default:
      return "std::string";
  }
}

/// The views of a call's tensors, and what they are views of.
struct tensors {
  std::deque<paddle::Tensor> given;
  std::deque<tensor> copies;

  argument view(const std::string& op, const std::string& name, const paddle::Tensor& t) {
    if (!t.is_cpu()) throw invalid_argument(op, "it must lie in host memory", {{name, "a tensor of a device"}});
    tensor_view v;
    v.type = dtype_of_paddle(op, name, t.dtype());
    const auto dims = t.shape();
    if (dims.size() > static_cast<std::size_t>(max_rank))
      throw invalid_argument(op, "a tensor has at most 8 dimensions",
                             {{name, std::to_string(dims.size()) + " dimensions"}});
    for (const std::int64_t n : dims) v.shape.push_back(n);
    for (int k = 0; k < v.shape.rank; ++k) v.strides.push_back(t.strides()[k]);
    v.data = const_cast<void*>(given.emplace_back(t).data());
    return {contiguous(v, copies.emplace_back())};
  }
};

/// What a list may hold: the result, and what parameters named return_... ask for.
inline std::vector<std::string> names_of_outputs(const signature& s) {
  std::vector<std::string> names{"out"};
  if (!returns_list(s.op)) return names;
  for (const parameter& p : s.parameters)
    if (p.name.starts_with("return_")) names.push_back(p.name.substr(7));
  return names;
}

}  // namespace halfulp::custom_op
