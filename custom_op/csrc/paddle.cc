// Every op that is no gradient as Paddle's custom operator halfulp_<op>, with its gradients as that operator's gradient.
//
// Attributes that Paddle has a type for have it; those that take values of several types are text: JSON. An optional
// tensor makes two operators: halfulp_conv2d, and halfulp_conv2d_with_bias.

#include "paddle/common/enforce.h"
#include "paddle/common/errors.h"
#include "paddle/extension.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops.hpp>

#include "description.hpp"
#include "paddle_arguments.hpp"
#include "paddle_shapes.hpp"

namespace halfulp::custom_op {
namespace {

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
