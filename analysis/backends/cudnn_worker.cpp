// cuDNN's convolutions and their gradients, by its heuristic's choice of algorithms, in float16, bfloat16, float32 and float64;
// float32 by fused multiply-adds, never by TensorFloat-32.
#include <halfulp/analysis/backends/cudnn_convolution.hpp>
#include <halfulp/analysis/backends/on_gpu.hpp>
#include <halfulp/oracle/op.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>

namespace halfulp::analysis {
namespace {

using gpu::cudnn_convolution;

template <class T>
std::vector<T> answer_of(const op::conv2d::args<T>& a) {
  return cudnn_convolution<T>(a.shape).forward(a.x, a.weight, a.bias);
}
template <class T>
std::vector<T> answer_of(const op::conv2d_input_grad::args<T>& a) {  // and of conv2d_transpose
  return cudnn_convolution<T>(a.shape.forward).input_grad(a.dy, a.weight, a.bias);
}
template <class T>
std::vector<T> answer_of(const op::conv2d_weight_grad::args<T>& a) {
  return cudnn_convolution<T>(a.shape.forward).weight_grad(a.dy, a.x);
}
template <class T>
std::vector<T> answer_of(const op::conv2d_bias_grad::args<T>& a) {
  return gpu::cudnn_bias_grad<T>(a.dy, a.shape);
}

template <class Op, class T>
answer computed(const args_of<Op, T>& a) {
  if constexpr (std::is_integral_v<T>) {
    throw unsupported("no integers");
  } else {
    const auto values = answer_of(a);
    const tensor_type type = Op::outputs(a).at(0);
    answer r;
    std::ranges::copy(values, r.outputs.emplace_back(type.type, type.shape).template elements<T>().begin());
    return r;
  }
}

template <class... Op>
answer computed_by_name(const std::string& name, const call& k) {
  answer a;
  const auto try_op = [&]<class O>(type_tag<O>) {
    if (name != O::name) return false;
    visit_args<O>(k, [&](auto element, const auto& args) { a = computed<O, typename decltype(element)::type>(args); });
    return true;
  };
  if (!(try_op(type_tag<Op>{}) || ...)) throw unsupported("no " + name);
  return a;
}

class cudnn : public backend {
 public:
  nlohmann::json describe() override {
    const std::size_t v = cudnnGetVersion();
    nlohmann::json settings = gpu::settings();
    settings.update({{"algorithms", "the first of its heuristic that runs"},
                     {"math", "float32 and float64: CUDNN_FMA_MATH; 16 bits: CUDNN_DEFAULT_MATH, sums in float32"},
                     {"padding", "where it differs between sides, zeros around the image"}});
    const std::string version =
        std::to_string(v / 10000) + "." + std::to_string(v % 10000 / 100) + "." + std::to_string(v % 100);
    return {{"name", "cudnn"}, {"version", version}, {"threads", 1}, {"settings", settings}};
  }
  answer run(const test_case& c) override {
    return answer_with(c, [](const std::string& name, const call& k) {
      try {
        return computed_by_name<op::conv2d, op::conv2d_input_grad, op::conv2d_weight_grad, op::conv2d_bias_grad,
                                op::conv2d_transpose, op::conv2d_transpose_input_grad,
                                op::conv2d_transpose_weight_grad>(name, k);
      } catch (const gpu::cudnn_refused& e) {
        return answer::of(failure::refused, e.what());
      }
    });
  }
};

}  // namespace
}  // namespace halfulp::analysis

int main() {
  return halfulp::analysis::gpu::serve<halfulp::analysis::cudnn>("cudnn");
}
