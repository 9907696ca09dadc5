// Every op as torch.ops.halfulp.<op>, on PyTorch's stable ABI: one library serves every release from 2.10 on. A
// parameter that takes values of several types makes an overload for each of them, named after the type.

#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/util/Exception.h>

#include <omp.h>

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops.hpp>

#include "description.hpp"

namespace halfulp::custom_op {
namespace {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;
using torch::stable::detail::from;
using torch::stable::detail::to;

constexpr std::pair<ScalarType, dtype> dtype_pairs[] = {{ScalarType::Bool, dtype::boolean},
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

dtype dtype_of_scalar(const std::string& op, const std::string& name, ScalarType given) {
  for (const auto& [theirs, ours] : dtype_pairs)
    if (theirs == given) return ours;
  throw invalid_argument(op, "its dtype is none of halfulp's",
                         {{name, std::string("a tensor of dtype ") + toString(given)}});
}

ScalarType scalar_of_dtype(dtype d) {
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
    return {v};
  }

  const std::string& op_;
  std::deque<Tensor> keep_;
};

/// An uninitialised tensor in host memory, and what it is a view of.
Tensor empty(const tensor_type& type, tensor_view& view) {
  view = row_major(type);
  AtenTensorHandle handle = nullptr;
  TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(type.shape.rank, type.shape.begin(), view.strides.begin(),
                                                  to<std::int32_t>(from(scalar_of_dtype(type.type))),
                                                  aoti_torch_device_type_cpu(), 0, &handle));
  Tensor t(handle);
  view.data = t.mutable_data_ptr();
  return t;
}

/// As many threads as PyTorch is told to use, while it lives.
class framework_threads {
 public:
  framework_threads() : before_(omp_get_max_threads()) {
    std::uint32_t threads = 1;
    TORCH_ERROR_CODE_CHECK(torch_get_num_threads(&threads));
    omp_set_num_threads(static_cast<int>(threads));
  }
  ~framework_threads() { omp_set_num_threads(before_); }
  framework_threads(const framework_threads&) = delete;
  framework_threads& operator=(const framework_threads&) = delete;

 private:
  int before_;
};

/// What the dispatcher calls.
template <class Op, std::size_t Variant>
void boxed(StableIValue* stack, std::uint64_t, std::uint64_t) {
  static const signature& declared = signature_of<Op>();
  static const std::vector<std::string> types = overloads_of(declared)[Variant].types;
  static const bool list = returns_list(declared.op);
  arguments given(declared.op);
  argument::list values;
  for (std::size_t k = 0; k < types.size(); ++k)
    values.push_back(given.take(declared.parameters[k].name, types[k], stack[k]));
  std::vector<Tensor> outputs;
  const framework_threads threads;
  kernels::compute(declared.op, call(declared, values, {}), [&](const tensor_type& type) {
    tensor_view view;
    outputs.push_back(empty(type, view));
    return view;
  });
  stack[0] = list ? from(outputs) : from(outputs.at(0));
}

/// A default as a schema has it: None, True, [1, 2], "zeros".
std::string parameter_text(const parameter& p, const std::string& type) {
  // Sizes may be symbolic when a program is traced.
  const std::string theirs = type.starts_with("int[") ? "SymInt" + type.substr(3) : type;
  return theirs + " " + p.name + (p.fallback ? "=" + to_string(*p.fallback) : "");
}

/// The op's name, and behind a dot that of an overload other than the default.
std::string qualified_name(const signature& s, const overload& o) {
  return s.op + (o.name == "default" ? "" : "." + o.name);
}

std::string schema_of(const signature& s, const overload& o) {
  std::string list;
  for (std::size_t k = 0; k < o.types.size(); ++k) {
    parameter p = s.parameters[k];
    if (!list.empty()) list += ", ";
    // A default is of the first type. Where another takes its place it must be given, by name: those before may have
    // theirs.
    if (o.types[k] != alternatives(p).front() && p.fallback) {
      p.fallback.reset();
      list += "*, ";
    }
    list += parameter_text(p, o.types[k]);
  }
  return qualified_name(s, o) + "(" + list + ") -> " + (returns_list(s.op) ? "Tensor[]" : "Tensor");
}

template <class Op, std::size_t Variant>
void implement(torch::stable::detail::StableLibrary& m) {
  const signature& s = signature_of<Op>();
  const auto all = overloads_of(s);
  if (Variant < all.size()) m.impl(qualified_name(s, all[Variant]).c_str(), &boxed<Op, Variant>);
}

}  // namespace
}  // namespace halfulp::custom_op

// What the Python side asks for.
extern "C" __attribute__((visibility("default"))) const char* halfulp_description() {
  return halfulp::custom_op::description().c_str();
}

STABLE_TORCH_LIBRARY(halfulp, m) {
  using namespace halfulp;
  for (const signature& s : custom_op::signatures())
    for (const custom_op::overload& o : custom_op::overloads_of(s)) m.def(custom_op::schema_of(s, o).c_str());
}

STABLE_TORCH_LIBRARY_IMPL(halfulp, CPU, m) {
  using namespace halfulp;
  for_each_op([&](auto tag) {
    using Op = typename decltype(tag)::type;
    custom_op::implement<Op, 0>(m);
    custom_op::implement<Op, 1>(m);
  });
}
