#include <halfulp/oracle/ops/eigvals.hpp>

#include <complex>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>

namespace halfulp::kernels {
namespace {

/// The eigenvalues of one matrix by the oracle's ladder, the last tier of this kernel and so far its only one.
template <class R>
tier_counts settle_matrix(const halfulp::linalg::square_matrix& a, std::span<std::complex<R>> out) {
  tier_counts counts;
  const auto values = halfulp::linalg::general_eigenvalues<R>(a, halfulp::linalg::question::rounding);
  for (std::size_t k = 0; k < out.size(); ++k) {
    const auto& [re, im] = values[k];
    if (!values[k].decided())
      throw undecided(op::eigvals::name, "eigenvalue " + std::to_string(k) + " of a matrix is not decided");
    out[k] = {re.rounded, im.rounded};
    ++counts[re.reached];
    ++counts[im.reached];
  }
  return counts;
}

template <class T>
tier_counts compute_batch(const op::eigvals::args<T>& a, std::span<const tensor_view> out) {
  using R = op::eigvals::part_t<T>;
  const auto n = static_cast<std::size_t>(a.shape.n);
  std::vector<tier_counts> counts(static_cast<std::size_t>(a.shape.matrices));
  halfulp::linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) {
    const auto w = out[0].elements<std::complex<R>>().subspan(static_cast<std::size_t>(m) * n, n);
    const auto matrix = halfulp::linalg::matrix_of(a, m);
    if (matrix) {
      counts[static_cast<std::size_t>(m)] = settle_matrix<R>(*matrix, w);
    } else {
      std::fill(w.begin(), w.end(), std::complex<R>(canonical_nan<R>(), canonical_nan<R>()));
      counts[static_cast<std::size_t>(m)][tier::exact] = 2 * a.shape.n;
    }
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace

template <>
tier_counts compute<op::eigvals, float16>(const op::eigvals::args<float16>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, bfloat16>(const op::eigvals::args<bfloat16>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, float>(const op::eigvals::args<float>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, double>(const op::eigvals::args<double>& a, std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, std::complex<float>>(const op::eigvals::args<std::complex<float>>& a,
                                                      std::span<const tensor_view> out) {
  return compute_batch(a, out);
}
template <>
tier_counts compute<op::eigvals, std::complex<double>>(const op::eigvals::args<std::complex<double>>& a,
                                                       std::span<const tensor_view> out) {
  return compute_batch(a, out);
}

}  // namespace halfulp::kernels
