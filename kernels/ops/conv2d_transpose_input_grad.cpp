#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

// The same sum of the same arguments, over dy.
template <>
tier_counts compute<op::conv2d_transpose_input_grad, float16>(const op::conv2d_transpose_input_grad::args<float16>& a,
                                                              std::span<const tensor_view> out) {
  return compute<op::conv2d, float16>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose_input_grad, bfloat16>(const op::conv2d_transpose_input_grad::args<bfloat16>& a,
                                                               std::span<const tensor_view> out) {
  return compute<op::conv2d, bfloat16>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose_input_grad, float>(const op::conv2d_transpose_input_grad::args<float>& a,
                                                            std::span<const tensor_view> out) {
  return compute<op::conv2d, float>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose_input_grad, double>(const op::conv2d_transpose_input_grad::args<double>& a,
                                                             std::span<const tensor_view> out) {
  return compute<op::conv2d, double>(a, out);
}

}  // namespace halfulp::kernels
