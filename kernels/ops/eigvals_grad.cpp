#include <halfulp/oracle/ops/eigvals_grad.hpp>

#include <halfulp/kernels/linalg/gradient_batch.hpp>
#include <halfulp/oracle/linalg/general_gradient.hpp>

namespace halfulp::kernels {
namespace {

/// The oracle's ladder, asked for roundings only.
template <class T>
tier_counts compute_batch(const op::eigvals_grad::args<T>& a, std::span<const tensor_view> out) {
  return linalg::settle_gradients<op::eigvals_grad, T>(a, out, [](const auto& matrix, const auto& weights) {
    return halfulp::linalg::general_gradient<component_t<T>, op::eigvals::part_t<T>>(
        matrix, weights, halfulp::linalg::question::rounding);
  });
}

}  // namespace

template <>
tier_counts compute<op::eigvals_grad, float16>(const op::eigvals_grad::args<float16>& a,
                                               std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals_grad, bfloat16>(const op::eigvals_grad::args<bfloat16>& a,
                                                std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals_grad, float>(const op::eigvals_grad::args<float>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals_grad, double>(const op::eigvals_grad::args<double>& a,
                                              std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals_grad, std::complex<float>>(const op::eigvals_grad::args<std::complex<float>>& a,
                                                           std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals_grad, std::complex<double>>(const op::eigvals_grad::args<std::complex<double>>& a,
                                                            std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
