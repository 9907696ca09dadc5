#include <halfulp/oracle/ops/eigvals_grad.hpp>

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/general_gradient.hpp>
#include <halfulp/oracle/linalg/general_gradient_bounds.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::op {
namespace {

/// What is true of the gradient of one matrix, and its roundings, component by component.
template <class T, class R = component_t<T>>
void evaluate_matrix(const eigvals_grad::args<T>& a, std::int64_t m, std::span<component_truth> components,
                     std::span<R> rounded) {
  const auto matrix = linalg::matrix_of(a.forward, m);
  const auto weights = linalg::weights_of(a, m);
  if (!matrix || !weights) {
    std::fill(components.begin(), components.end(),
              component_truth{enclosure::point(to_real(canonical_nan<R>())), tier::exact, true, {}});
    std::fill(rounded.begin(), rounded.end(), canonical_nan<R>());
    return;
  }
  const auto values = linalg::general_gradient<R, eigvals::part_t<T>>(*matrix, *weights, linalg::question::error);
  std::vector<enclosure> ranges;
  for (const auto& v : values) ranges.push_back(v.range);
  const auto bounds = linalg::approx_general_gradient_bounds(format_of<R>, *matrix, *weights, ranges);
  for (std::size_t k = 0; k < values.size(); ++k) {
    components[k] = {values[k].range, values[k].reached, values[k].decided, bounds[k]};
    rounded[k] = values[k].rounded;
  }
}

}  // namespace

template <class T>
std::vector<truth> eigvals_grad::truth_of(const args<T>& a) {
  using R = component_t<T>;
  const auto types = outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  const auto rounded = components_of<T>(t.rounded.view());
  t.components.resize(rounded.size());
  const auto& f = a.shape.forward;
  const auto each = f.matrices == 0 ? 0 : rounded.size() / static_cast<std::size_t>(f.matrices);
  linalg::for_each_matrix(f.matrices, [&](std::int64_t m) {
    const auto first = static_cast<std::size_t>(m) * each;
    evaluate_matrix<T>(a, m, std::span(t.components).subspan(first, each), std::span<R>(rounded.subspan(first, each)));
  });
  return {t};
}

template std::vector<truth> eigvals_grad::truth_of(const args<float16>&);
template std::vector<truth> eigvals_grad::truth_of(const args<bfloat16>&);
template std::vector<truth> eigvals_grad::truth_of(const args<float>&);
template std::vector<truth> eigvals_grad::truth_of(const args<double>&);
template std::vector<truth> eigvals_grad::truth_of(const args<std::complex<float>>&);
template std::vector<truth> eigvals_grad::truth_of(const args<std::complex<double>>&);

}  // namespace halfulp::op
