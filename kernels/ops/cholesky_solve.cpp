#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/linalg/settled_solutions.hpp>
#include <halfulp/oracle/linalg/batch.hpp>

namespace halfulp::kernels {
namespace {

template <class T>
tier_counts compute_batch(const op::cholesky_solve::args<T>& a, std::span<const tensor_view> out) {
  std::vector<tier_counts> counts(static_cast<std::size_t>(a.shape.matrices));
  halfulp::linalg::for_each_matrix_with<linalg::solution_space>(a.shape.matrices, [&](std::int64_t m, auto& space) {
    counts[static_cast<std::size_t>(m)] = linalg::settled_solutions<T>(a, m, space, out[0].elements<T>()).settle();
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::cholesky_solve, float16>(const op::cholesky_solve::args<float16>& a,
                                                 std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, bfloat16>(const op::cholesky_solve::args<bfloat16>& a,
                                                  std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, float>(const op::cholesky_solve::args<float>& a,
                                               std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, double>(const op::cholesky_solve::args<double>& a,
                                                std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, std::complex<float>>(const op::cholesky_solve::args<std::complex<float>>& a,
                                                             std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::cholesky_solve, std::complex<double>>(const op::cholesky_solve::args<std::complex<double>>& a,
                                                              std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
