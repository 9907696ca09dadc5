#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/gradient.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>

namespace halfulp::kernels::linalg {

/// The gradient of eigenvalues for each matrix of a batch: gradient_of(matrix, weights) are its components with their
/// roundings. NaN everywhere where the matrix or its weights are not finite. Throws `undecided` where a component is.
template <class Op, class T, class F>
tier_counts settle_gradients(const typename Op::template args<T>& a, std::span<const tensor_view> out, F gradient_of) {
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
    if (!matrix || !weights) {
      std::fill(g.begin(), g.end(), canonical_nan<R>());
      decided[tier::exact] = static_cast<std::int64_t>(each);
      return;
    }
    const std::vector<halfulp::linalg::gradient_component<R>> components = gradient_of(*matrix, *weights);
    for (std::size_t k = 0; k < g.size(); ++k) {
      if (!components[k].decided)
        throw undecided(Op::name, "component " + std::to_string(k) + " of a matrix is not decided");
      g[k] = components[k].rounded;
      ++decided[components[k].reached];
    }
  });
  tier_counts total;
  for (const tier_counts& c : counts) total += c;
  return total;
}

}  // namespace halfulp::kernels::linalg
