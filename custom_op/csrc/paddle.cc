// Every op that is no gradient as Paddle's custom operator halfulp_<op>, with its gradients as that operator's gradient.
//
// Attributes that Paddle has a type for have it; those that take values of several types are text: JSON. An optional
// tensor makes two operators: halfulp_conv2d, and halfulp_conv2d_with_bias.

#include "paddle/common/enforce.h"
#include "paddle/common/errors.h"
#include "paddle/extension.h"

#include <omp.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops.hpp>

#include "description.hpp"

namespace halfulp::custom_op {
namespace {

using paddle::DataType;
using shape_list = std::vector<std::int64_t>;

constexpr std::pair<DataType, dtype> dtype_pairs[] = {
    {DataType::BOOL, dtype::boolean},        {DataType::UINT8, dtype::uint8},
    {DataType::INT8, dtype::int8},           {DataType::INT16, dtype::int16},
    {DataType::INT32, dtype::int32},         {DataType::INT64, dtype::int64},
    {DataType::FLOAT16, dtype::float16},     {DataType::BFLOAT16, dtype::bfloat16},
    {DataType::FLOAT32, dtype::float32},     {DataType::FLOAT64, dtype::float64},
    {DataType::COMPLEX64, dtype::complex64}, {DataType::COMPLEX128, dtype::complex128}};

dtype dtype_of_paddle(const std::string& op, const std::string& name, DataType given) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (theirs == given) return ours;
  throw invalid_argument(op, "its dtype is none of halfulp's", {{name, phi::DataTypeToString(given)}});
}

DataType paddle_of_dtype(dtype d) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (ours == d) return theirs;
  return DataType::UNDEFINED;
}

/// f() with errors as Paddle's own, which Python sees as ValueError and RuntimeError: any other ends the process.
template <class F>
void with_paddle_errors(F f) {
  try {
    f();
  } catch (const invalid_argument& e) {
    PADDLE_THROW(common::errors::InvalidArgument("%s", e.what()));
  } catch (const common::enforce::EnforceNotMet&) {
    throw;
  } catch (const std::exception& e) {
    PADDLE_THROW(common::errors::Fatal("%s", e.what()));
  }
}

/// How a parameter is passed: as an input, or as an attribute of a type.
enum class kind { tensor, tensors, optional_tensor, boolean, integer, text, integers, json };

kind kind_of(const parameter& p) {
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

bool is_input(const parameter& p) {
  return kind_of(p) <= kind::optional_tensor;
}

argument from_json(const nlohmann::json& j) {
  if (j.is_null()) return {};
  if (j.is_boolean()) return {j.get<bool>()};
  if (j.is_number_integer()) return {j.get<std::int64_t>()};
  if (j.is_number()) return {j.get<double>()};
  if (j.is_string()) return {j.get<std::string>()};
  argument::list list;
  for (const auto& item : j) list.push_back(from_json(item));
  return {list};
}

argument attribute(const parameter& p, const paddle::any& given) {
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

const char* attribute_type(kind k) {
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

paddle::Tensor empty(const tensor_type& type, tensor_view& view) {
  view = row_major(type);
  auto t = paddle::empty(shape_list(type.shape.begin(), type.shape.begin() + type.shape.rank),
                         paddle_of_dtype(type.type), paddle::CPUPlace());
  view.data = t.data();
  return t;
}

std::vector<paddle::Tensor> compute(const call& c) {
  std::vector<paddle::Tensor> outputs;
  kernels::compute(c.op(), c, [&](const tensor_type& type) {
    tensor_view view;
    outputs.push_back(empty(type, view));
    return view;
  });
  return outputs;
}

/// What a list may hold: the result, and what parameters named return_... ask for.
std::vector<std::string> names_of_outputs(const signature& s) {
  std::vector<std::string> names{"out"};
  if (!returns_list(s.op)) return names;
  for (const parameter& p : s.parameters)
    if (p.name.starts_with("return_")) names.push_back(p.name.substr(7));
  return names;
}

/// The arguments of a call: its inputs, and its attributes.
std::map<std::string, argument> arguments_of(const signature& s, bool with_optional, paddle::CustomOpKernelContext* ctx,
                                             tensors& keep) {
  std::map<std::string, argument> named;
  std::size_t input = 0, attr = 0;
  for (const parameter& p : s.parameters) {
    const kind k = kind_of(p);
    if (k == kind::optional_tensor && !with_optional) continue;
    if (!is_input(p)) {
      named[p.name] = attribute(p, ctx->Attrs().at(attr++));
      continue;
    }
    const auto [begin, end] = ctx->InputRangeAt(input++);
    argument::list list;
    for (std::size_t i = begin; i < end; ++i) list.push_back(keep.view(s.op, p.name, ctx->InputAt(i)));
    named[p.name] = k == kind::tensors ? argument{list} : list.at(0);
  }
  return named;
}

/// Hands results to Paddle: the names of it changed in 3.3.
void assign(auto* ctx, std::vector<paddle::Tensor>& outputs) {
  if constexpr (requires { ctx->ValidateAndAssignOutputs(outputs); }) {
    ctx->ValidateAndAssignOutputs(outputs);
  } else {
    auto* slots = ctx->AllMutablePlainOutput();
    for (std::size_t k = 0; k < slots->size(); ++k) paddle::AssignTensorImpl(outputs.at(k), slots->at(k));
  }
}

template <class Op, bool WithOptional>
void forward(paddle::CustomOpKernelContext* ctx) {
  const signature& s = signature_of<Op>();
  tensors keep;
  const auto named = arguments_of(s, WithOptional, ctx, keep);
  std::vector<paddle::Tensor> outputs = compute(call(s, {}, named));
  // What was not asked for still has its place among Paddle's outputs: a tensor without elements.
  std::vector<paddle::Tensor> all;
  std::size_t next = 0;
  for (const std::string& name : names_of_outputs(s)) {
    const auto asked = named.find("return_" + name);
    tensor_view view;
    const bool made = asked == named.end() || std::get<bool>(asked->second.value);
    all.push_back(made ? outputs.at(next++) : empty({dtype::int64, {0}}, view));
  }
  assign(ctx, all);
}

/// The arguments of a gradient from those of its op.
std::map<std::string, argument> gradient_arguments(const signature& op, const signature& gradient,
                                                   const std::map<std::string, argument>& named, const argument& dy) {
  std::map<std::string, argument> given;
  for (const parameter& p : gradient.parameters) {
    if (named.contains(p.name)) {
      given[p.name] = named.at(p.name);
    } else if (p.name.ends_with("_shape")) {
      const parameter* input = parameter_called(op, std::string_view(p.name).substr(0, p.name.size() - 6));
      argument::list dims;
      for (const std::int64_t n : std::get<tensor_view>(named.at(input->name).value).shape) dims.push_back({n});
      given[p.name] = {dims};
    } else if (!p.fallback) {
      given[p.name] = dy;
    }
  }
  return given;
}

template <class Op, bool WithOptional>
void backward(paddle::CustomOpKernelContext* ctx) {
  const signature& s = signature_of<Op>();
  tensors keep;
  const auto named = arguments_of(s, WithOptional, ctx, keep);
  // After the op's own inputs comes the gradient by its output.
  const std::size_t inputs =
      static_cast<std::size_t>(std::count_if(s.parameters.begin(), s.parameters.end(), [](const parameter& p) {
        return is_input(p) && (WithOptional || kind_of(p) != kind::optional_tensor);
      }));
  const paddle::Tensor& given = ctx->InputAt(ctx->InputRangeAt(inputs).first);
  const argument dy = keep.view(s.op, "the gradient by the output", given);
  std::vector<paddle::Tensor> results;
  for (const gradient& g : Op::gradients) {
    if (!named.contains(g.input)) continue;
    const std::string name = g.op;
    if (name.empty()) {
      results.push_back(given);
      continue;
    }
    const signature& derivative = signature_called(name);
    results.push_back(compute(call(derivative, {}, gradient_arguments(s, derivative, named, dy))).at(0));
  }
  assign(ctx, results);
}

/// A call whose tensors have shapes but no data, with every unknown size (-1) `unknown`.
std::map<std::string, argument> shapes_only(const signature& s, bool with_optional, dtype elements, dtype others,
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

template <class Op, bool WithOptional>
void declare() {
  const signature& s = signature_of<Op>();
  std::vector<std::string> inputs, attrs;
  std::string name = "halfulp_" + s.op;
  for (const parameter& p : s.parameters) {
    const kind k = kind_of(p);
    if (k == kind::optional_tensor && !WithOptional) continue;
    if (k == kind::optional_tensor) name += "_with_" + p.name;
    if (is_input(p))
      inputs.push_back(k == kind::tensors ? paddle::Vec(p.name) : p.name);
    else
      attrs.push_back(p.name + ": " + attribute_type(k));
  }
  paddle::OpMetaInfoBuilder(std::string(name), 0)
      .Inputs(std::vector<std::string>(inputs))
      .Outputs(names_of_outputs(s))
      .Attrs(std::vector<std::string>(attrs))
      .SetKernelFn(
          [](paddle::CustomOpKernelContext* ctx) { with_paddle_errors([&] { forward<Op, WithOptional>(ctx); }); })
      .SetInferShapeFn(&infer_shapes<Op, WithOptional>)
      .SetInferDtypeFn(&infer_dtypes<Op, WithOptional>);
  if constexpr (differentiable<Op>) {
    inputs.push_back(paddle::Grad("out"));
    std::vector<std::string> outputs;
    for (const gradient& g : Op::gradients)
      if (WithOptional || kind_of(*parameter_called(s, g.input)) != kind::optional_tensor)
        outputs.push_back(paddle::Grad(g.input));
    paddle::OpMetaInfoBuilder(std::move(name), 1)
        .Inputs(std::move(inputs))
        .Outputs(std::move(outputs))
        .Attrs(std::move(attrs))
        .SetKernelFn(
            [](paddle::CustomOpKernelContext* ctx) { with_paddle_errors([&] { backward<Op, WithOptional>(ctx); }); });
  }
}

const bool declared = [] {
  for_each_op([](auto tag) {
    using Op = typename decltype(tag)::type;
    if (differentiated_input(Op::name) != nullptr) return;
    declare<Op, false>();
    const auto& all = signature_of<Op>().parameters;
    if (std::any_of(all.begin(), all.end(), [](const parameter& p) { return kind_of(p) == kind::optional_tensor; }))
      declare<Op, true>();
  });
  return true;
}();

}  // namespace
}  // namespace halfulp::custom_op

// What the Python side asks for.
extern "C" __attribute__((visibility("default"))) const char* halfulp_description() {
  return halfulp::custom_op::description().c_str();
}
