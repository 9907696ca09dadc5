// A call of an op as PyTorch's dispatcher makes it, on the stable ABI: its arguments, and its outputs.
#pragma once

#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/util/Exception.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <halfulp/oracle/ops.hpp>

#include "description.hpp"

namespace halfulp::custom_op {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;
using torch::stable::detail::from;
using torch::stable::detail::to;

inline constexpr std::pair<ScalarType, dtype> dtype_pairs[] = {{ScalarType::Bool, dtype::boolean},
                                                               {ScalarType::Byte, dtype::uint8},
                                                               {ScalarType::Char, dtype::int8},
                                                               {ScalarType::Short, dtype::int16},
                                                               {ScalarType::Int, dtype::int32},
                                                               {ScalarType::Long, dtype::int64},
                                                               {ScalarType::Half, dtype::float16},
                                                               {ScalarType::BFloat16, dtype::bfloat16},
                                                               {ScalarType::Float, dtype::float32},
                                                               {ScalarType::Double, dtype::float64},
                                                               {ScalarType::ComplexFloat, dtype::complex64},
                                                               {ScalarType::ComplexDouble, dtype::complex128}};

inline dtype dtype_of_scalar(const std::string& op, const std::string& name, ScalarType given) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (theirs == given) return ours;
  throw invalid_argument(op, "its dtype is none of halfulp's",
                         {{name, std::string("a tensor of dtype ") + toString(given)}});
}

inline ScalarType scalar_of_dtype(dtype d) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (ours == d) return theirs;
  return ScalarType::Undefined;
}

/// The arguments of one call, taken from the dispatcher's stack, and the tensors that they are views of.
class arguments {
 public:
  explicit arguments(const std::string& op) : op_(op) {}

  argument take(const std::string& name, const std::string& type, StableIValue value) {
    if (type == "Tensor") return view_of(name, to<Tensor>(value));
    if (type == "Tensor?") return taken<Tensor>(value, [&](const Tensor& t) { return view_of(name, t); });
    if (type == "Tensor[]")
      return list_of(to<std::vector<Tensor>>(value), [&](const Tensor& t) { return view_of(name, t); });
    if (type == "int") return {to<std::int64_t>(value)};
    if (type == "int?") return taken<std::int64_t>(value, [](std::int64_t n) { return argument{n}; });
    if (type == "int[]" || type == "int[2]") return numbers(to<std::vector<std::int64_t>>(value));
    if (type == "int[]?") return taken<std::vector<std::int64_t>>(value, numbers);
    if (type == "float") return {to<double>(value)};
    if (type == "bool") return {to<bool>(value)};
    if (type == "str") return {to<std::string>(value)};
    throw invalid_argument(op_, "the stable ABI has no such type", {{name, type}});
  }

  /// The device that all tensors lie on: its index, or -1 for host memory. Throws invalid_argument where they do not.
  int device() const {
    for (const argument_value& v : devices_)
      if (v.value != devices_.front().value)
        throw invalid_argument(op_, "every tensor must lie on one device", devices_);
    return keep_.empty() || !keep_.front().is_cuda() ? -1 : keep_.front().get_device_index();
  }

 private:
  template <class T, class F>
  static argument taken(StableIValue value, F f) {
    const auto given = to<std::optional<T>>(value);
    return given ? f(*given) : argument{};
  }
  template <class T, class F>
  static argument list_of(const std::vector<T>& items, F f) {
    argument::list list;
    for (const T& item : items) list.push_back(f(item));
    return {list};
  }
  static argument numbers(const std::vector<std::int64_t>& items) {
    return list_of(items, [](std::int64_t n) { return argument{n}; });
  }

  argument view_of(const std::string& name, const Tensor& given) {
    const Tensor& t = keep_.emplace_back(given.is_contiguous() ? given : torch::stable::contiguous(given));
    tensor_type type{dtype_of_scalar(op_, name, t.scalar_type()), {}};
    if (t.dim() > max_rank)
      throw invalid_argument(op_, "a tensor has at most 8 dimensions",
                             {{name, std::to_string(t.dim()) + " dimensions"}});
    for (std::int64_t k = 0; k < t.dim(); ++k) type.shape.push_back(t.size(k));
    tensor_view v = row_major(type);
    v.on_cuda = t.is_cuda();
    v.data = const_cast<void*>(t.const_data_ptr());
    devices_.push_back({name, v.on_cuda ? "cuda:" + std::to_string(t.get_device_index()) : "cpu"});
    return {v};
  }

  const std::string& op_;
  std::deque<Tensor> keep_;
  std::vector<argument_value> devices_;
};

/// An uninitialised tensor in the memory of GPU `device`, or of the host where that is negative; and its view.
inline Tensor empty(const tensor_type& type, int device, tensor_view& view) {
  view = row_major(type);
  view.on_cuda = device >= 0;
  AtenTensorHandle handle = nullptr;
  TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(
      type.shape.rank, type.shape.begin(), view.strides.begin(), to<std::int32_t>(from(scalar_of_dtype(type.type))),
      device < 0 ? aoti_torch_device_type_cpu() : aoti_torch_device_type_cuda(), device < 0 ? 0 : device, &handle));
  Tensor t(handle);
  view.data = t.mutable_data_ptr();
  return t;
}

/// Computes the outputs of a call, in order, on the device that its tensors lie on.
using compute_outputs = std::vector<Tensor> (*)(const call& c, int device);

/// What the dispatcher calls.
template <class Op, std::size_t Variant, compute_outputs Compute>
void boxed(StableIValue* stack, std::uint64_t, std::uint64_t) {
  static const signature& declared = signature_of<Op>();
  static const std::vector<std::string> types = overloads_of(declared)[Variant].types;
  static const bool list = returns_list(declared.op);
  arguments given(declared.op);
  argument::list values;
  for (std::size_t k = 0; k < types.size(); ++k)
    values.push_back(given.take(declared.parameters[k].name, types[k], stack[k]));
  const std::vector<Tensor> outputs = Compute(call(declared, values, {}), given.device());
  stack[0] = list ? from(outputs) : from(outputs.at(0));
}

/// The op's name, and behind a dot that of an overload other than the default.
inline std::string qualified_name(const signature& s, const overload& o) {
  return s.op + (o.name == "default" ? "" : "." + o.name);
}

template <class Op, std::size_t Variant, compute_outputs Compute>
void implement(torch::stable::detail::StableLibrary& m) {
  const signature& s = signature_of<Op>();
  const auto all = overloads_of(s);
  if (Variant < all.size()) m.impl(qualified_name(s, all[Variant]).c_str(), &boxed<Op, Variant, Compute>);
}

/// Makes Compute what the dispatcher calls for every op, on the devices that m is for.
template <compute_outputs Compute>
void implement_all(torch::stable::detail::StableLibrary& m) {
  for_each_op([&](auto tag) {
    using Op = typename decltype(tag)::type;
    implement<Op, 0, Compute>(m);
    implement<Op, 1, Compute>(m);
  });
}

}  // namespace halfulp::custom_op
