#include <halfulp/oracle/ops/eigvalsh.hpp>

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::op {
namespace {

/// Every eigenvalue of a matrix with a NaN or an infinity.
template <class R>
component_truth undefined_eigenvalue() {
  return {component_range::point(to_real(canonical_nan<R>())), tier::exact, true, {}};
}

/// What is true of the n eigenvalues of one matrix, and their roundings.
template <class T, class R = component_t<T>>
void evaluate_matrix(const eigvalsh::args<T>& a, std::int64_t m, std::span<component_truth> components,
                     std::span<R> rounded) {
  const auto matrix = linalg::matrix_of(a, m);
  if (!matrix) {
    std::fill(components.begin(), components.end(), undefined_eigenvalue<R>());
    std::fill(rounded.begin(), rounded.end(), canonical_nan<R>());
    return;
  }
  const auto values = linalg::eigenvalues<R>(*matrix, linalg::question::error);
  std::vector<enclosure> ranges;
  for (const auto& v : values) ranges.push_back(v.range);
  const auto bounds = linalg::bounds_of(format_of<R>, *matrix, ranges);
  for (std::size_t k = 0; k < values.size(); ++k) {
    components[k] = {component_range(values[k].range), values[k].reached, values[k].decided, bounds[k]};
    rounded[k] = values[k].rounded;
  }
}

}  // namespace

template <class T>
std::vector<truth> eigvalsh::truth_of(const args<T>& a) {
  using R = component_t<T>;
  const auto types = outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  t.components.resize(static_cast<std::size_t>(t.rounded.numel()));
  const auto n = static_cast<std::size_t>(a.shape.n);
  linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) {
    const auto first = static_cast<std::size_t>(m) * n;
    evaluate_matrix<T>(a, m, std::span(t.components).subspan(first, n), t.rounded.elements<R>().subspan(first, n));
  });
  return {t};
}

template std::vector<truth> eigvalsh::truth_of(const args<float16>&);
template std::vector<truth> eigvalsh::truth_of(const args<bfloat16>&);
template std::vector<truth> eigvalsh::truth_of(const args<float>&);
template std::vector<truth> eigvalsh::truth_of(const args<double>&);
template std::vector<truth> eigvalsh::truth_of(const args<std::complex<float>>&);
template std::vector<truth> eigvalsh::truth_of(const args<std::complex<double>>&);

}  // namespace halfulp::op
