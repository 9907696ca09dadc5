#include <halfulp/oracle/ops/conv2d_transpose.hpp>

#include <halfulp/kernels/kernel.hpp>

namespace halfulp::kernels {

// The same sum of the same arguments, a bias among its terms.
template <>
tier_counts compute<op::conv2d_transpose, float16>(const op::conv2d_transpose::args<float16>& a,
                                                   std::span<const tensor_view> out) {
  return compute<op::conv2d_input_grad, float16>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose, bfloat16>(const op::conv2d_transpose::args<bfloat16>& a,
                                                    std::span<const tensor_view> out) {
  return compute<op::conv2d_input_grad, bfloat16>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose, float>(const op::conv2d_transpose::args<float>& a,
                                                 std::span<const tensor_view> out) {
  return compute<op::conv2d_input_grad, float>(a, out);
}
template <>
tier_counts compute<op::conv2d_transpose, double>(const op::conv2d_transpose::args<double>& a,
                                                  std::span<const tensor_view> out) {
  return compute<op::conv2d_input_grad, double>(a, out);
}

}  // namespace halfulp::kernels
