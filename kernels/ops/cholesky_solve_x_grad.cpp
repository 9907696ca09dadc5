#include <halfulp/oracle/ops/cholesky_solve_x_grad.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky_gradients.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
tier_counts compute_batch(const op::cholesky_solve_x_grad::args<T>& a, std::span<const tensor_view> out) {
  const auto& forward = a.shape.forward;
  if (forward.x.numel == forward.out.numel) {  // nothing was broadcast to several matrices: there is one term
    run machine(op::cholesky_solve::name);
    const op::cholesky_solve::args<T> solve{
        a.dout, a.y, op::cholesky_solve::geometry<run>::of(machine, forward.out, forward.y, forward.upper)};
    return compute<op::cholesky_solve, T>(solve, out);
  }
  const halfulp::linalg::cholesky_gradients<T> gradients(forward, a.dout, {}, a.y);
  const std::int64_t count = gradients.matrices_of_x();
  auto* to = static_cast<component_t<T>*>(out[0].data);
  const std::int64_t size = count == 0 ? 0 : out[0].numel() / count * (is_complex<T> ? 2 : 1);
  std::vector<tier_counts> counts(static_cast<std::size_t>(count));
  halfulp::linalg::for_each_matrix(count, [&](std::int64_t m) {
    counts[static_cast<std::size_t>(m)] = halfulp::linalg::store_roundings(
        gradients.dx(m, halfulp::linalg::question::rounding), op::cholesky_solve_x_grad::name, to + m * size);
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::cholesky_solve_x_grad, float16>(const op::cholesky_solve_x_grad::args<float16>& a,
                                                        std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_x_grad, bfloat16>(const op::cholesky_solve_x_grad::args<bfloat16>& a,
                                                         std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_x_grad, float>(const op::cholesky_solve_x_grad::args<float>& a,
                                                      std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_x_grad, double>(const op::cholesky_solve_x_grad::args<double>& a,
                                                       std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_x_grad, std::complex<float>>(
    const op::cholesky_solve_x_grad::args<std::complex<float>>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve_x_grad, std::complex<double>>(
    const op::cholesky_solve_x_grad::args<std::complex<double>>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
