// Every op as torch.ops.halfulp.<op>, on PyTorch's stable ABI: one library serves every release from 2.10 on. A
// parameter that takes values of several types makes an overload for each of them, named after the type.

#include "torch_call.hpp"

#include <omp.h>

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::custom_op {
namespace {

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

std::vector<Tensor> compute_on_host(const call& c, int) {
  std::vector<Tensor> outputs;
  const framework_threads threads;
  kernels::compute(c.op(), c, [&](const tensor_type& type) {
    tensor_view view;
    outputs.push_back(empty(type, -1, view));
    return view;
  });
  return outputs;
}

/// A default as a schema has it: None, True, [1, 2], "zeros".
std::string parameter_text(const parameter& p, const std::string& type) {
  // Sizes may be symbolic when a program is traced.
  const std::string theirs = type.starts_with("int[") ? "SymInt" + type.substr(3) : type;
  return theirs + " " + p.name + (p.fallback ? "=" + to_string(*p.fallback) : "");
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
  halfulp::custom_op::implement_all<&halfulp::custom_op::compute_on_host>(m);
}
