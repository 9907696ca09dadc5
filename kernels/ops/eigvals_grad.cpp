#include <halfulp/oracle/ops/eigvals_grad.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/general_gradient.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>

namespace halfulp::kernels {
namespace {

/// One matrix: the oracle's ladder, asked for roundings only.
template <class R, class P>
tier_counts settle(const halfulp::linalg::square_matrix& a, std::span<const std::complex<double>> w, std::span<R> out) {
  tier_counts counts;
  const auto components = halfulp::linalg::general_gradient<R, P>(a, w, halfulp::linalg::question::rounding);
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (!components[k].decided)
      throw undecided(op::eigvals_grad::name, "component " + std::to_string(k) + " of a matrix is not decided");
    out[k] = components[k].rounded;
    ++counts[components[k].reached];
  }
  return counts;
}

template <class T>
tier_counts compute_batch(const op::eigvals_grad::args<T>& a, std::span<const tensor_view> out) {
  using R = component_t<T>;
  const auto dx = components_of<T>(out[0]);
  const std::int64_t matrices = a.shape.forward.matrices;
  const std::size_t each = matrices == 0 ? 0 : dx.size() / static_cast<std::size_t>(matrices);
  std::vector<tier_counts> counts(static_cast<std::size_t>(matrices));
  halfulp::linalg::for_each_matrix(matrices, [&](std::int64_t m) {
    const auto g = dx.subspan(static_cast<std::size_t>(m) * each, each);
    const auto matrix = halfulp::linalg::matrix_of(a.forward, m);
    const auto weights = halfulp::linalg::weights_of(a, m);
    tier_counts& decided = counts[static_cast<std::size_t>(m)];
    if (matrix && weights) {
      decided = settle<R, op::eigvals::part_t<T>>(*matrix, *weights, g);
    } else {
      std::fill(g.begin(), g.end(), canonical_nan<R>());
      decided[tier::exact] = static_cast<std::int64_t>(each);
    }
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
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
tier_counts compute<op::eigvals_grad, float>(const op::eigvals_grad::args<float>& a,
                                              std::span<const tensor_view> out) {
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
