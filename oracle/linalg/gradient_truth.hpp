#pragma once

#include <algorithm>
#include <vector>

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/gradient.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::linalg {

/// What is true of the gradient of eigenvalues for each matrix of a batch: gradient_of(matrix, weights) are its components
/// enclosed, bounds_of(matrix, weights, ranges) what others could lose on each. NaN everywhere where the matrix or its
/// weights are not finite.
template <class Op, class T, class G, class B>
std::vector<truth> gradient_truth(const typename Op::template args<T>& a, G gradient_of, B bounds_of) {
  using R = component_t<T>;
  const auto types = Op::outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  const auto rounded = components_of<T>(t.rounded.view());
  const component_truth undefined{component_range::point(to_real(canonical_nan<R>())), tier::exact, true, {}};
  t.components.resize(rounded.size());
  const auto& f = a.shape.forward;
  const auto each = f.matrices == 0 ? 0 : rounded.size() / static_cast<std::size_t>(f.matrices);
  for_each_matrix(f.matrices, [&](std::int64_t m) {
    const auto components = std::span(t.components).subspan(static_cast<std::size_t>(m) * each, each);
    const auto roundings = rounded.subspan(static_cast<std::size_t>(m) * each, each);
    const auto matrix = matrix_of(a.forward, m);
    const auto weights = weights_of(a, m);
    if (!matrix || !weights) {
      std::fill(components.begin(), components.end(), undefined);
      std::fill(roundings.begin(), roundings.end(), canonical_nan<R>());
      return;
    }
    const std::vector<gradient_component<R>> values = gradient_of(*matrix, *weights);
    std::vector<enclosure> ranges;
    for (const auto& v : values) ranges.push_back(v.range);
    const std::vector<ulp_bounds> bounds = bounds_of(*matrix, *weights, ranges);
    for (std::size_t k = 0; k < values.size(); ++k) {
      components[k] = {component_range(values[k].range), values[k].reached, values[k].decided, bounds[k]};
      roundings[k] = values[k].rounded;
    }
  });
  return {t};
}

}  // namespace halfulp::linalg
