#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky_gradients.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
tier_counts compute_batch(const op::cholesky_solve_y_grad::args<T>& a, std::span<const tensor_view> out) {
  const halfulp::linalg::cholesky_gradients<T> gradients(a.shape.forward, a.dout, a.x, a.y);
  const std::int64_t count = gradients.matrices_of_y();
  auto* to = static_cast<component_t<T>*>(out[0].data);
  const std::int64_t size = count == 0 ? 0 : out[0].numel() / count * (is_complex<T> ? 2 : 1);
  std::vector<tier_counts> counts(static_cast<std::size_t>(count));
  halfulp::linalg::for_each_matrix(count, [&](std::int64_t m) {
    counts[static_cast<std::size_t>(m)] = halfulp::linalg::store_roundings(
        gradients.dy(m, halfulp::linalg::question::rounding), op::cholesky_solve_y_grad::name, to + m * size);
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::cholesky_solve_y_grad, float16>(const op::cholesky_solve_y_grad::args<float16>& a,
                                                        std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_y_grad, bfloat16>(const op::cholesky_solve_y_grad::args<bfloat16>& a,
                                                         std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_y_grad, float>(const op::cholesky_solve_y_grad::args<float>& a,
                                                      std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_y_grad, double>(const op::cholesky_solve_y_grad::args<double>& a,
                                                       std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_y_grad, std::complex<float>>(
    const op::cholesky_solve_y_grad::args<std::complex<float>>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_y_grad, std::complex<double>>(
    const op::cholesky_solve_y_grad::args<std::complex<double>>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
