#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

// The same sum of the same arguments, x and dy in each other's place.
template <>
tier_counts compute<op::conv2d_transpose_weight_grad, float16>(const op::conv2d_transpose_weight_grad::args<float16>& a,
                                                               std::span<const tensor_view> out) {
  return compute<op::conv2d_weight_grad, float16>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose_weight_grad, bfloat16>(
    const op::conv2d_transpose_weight_grad::args<bfloat16>& a, std::span<const tensor_view> out) {
  return compute<op::conv2d_weight_grad, bfloat16>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose_weight_grad, float>(const op::conv2d_transpose_weight_grad::args<float>& a,
                                                             std::span<const tensor_view> out) {
  return compute<op::conv2d_weight_grad, float>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose_weight_grad, double>(const op::conv2d_transpose_weight_grad::args<double>& a,
                                                              std::span<const tensor_view> out) {
  return compute<op::conv2d_weight_grad, double>(a, out);
}

}  // namespace halfulp::kernels
