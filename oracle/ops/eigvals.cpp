#include <halfulp/oracle/ops/eigvals.hpp>

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/general_bounds.hpp>
#include <halfulp/oracle/linalg/matrix_of.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp::op {
namespace {

/// Both parts of every eigenvalue of a matrix with a NaN or an infinity.
template <class R>
component_truth undefined_eigenvalue() {
  return {component_range::point(to_real(canonical_nan<R>())), tier::exact, true, {}};
}

/// What is true of the n eigenvalues of one matrix, part by part, and their roundings.
template <class T, class R = eigvals::part_t<T>>
void evaluate_matrix(const eigvals::args<T>& a, std::int64_t m, std::span<component_truth> components,
                     std::span<std::complex<R>> rounded) {
  const auto matrix = linalg::matrix_of(a, m);
  if (!matrix) {
    std::fill(components.begin(), components.end(), undefined_eigenvalue<R>());
    std::fill(rounded.begin(), rounded.end(), std::complex<R>(canonical_nan<R>(), canonical_nan<R>()));
    return;
  }
  const auto values = linalg::general_eigenvalues<R>(*matrix, linalg::question::error);
  const auto bounds = linalg::approx_general_bounds(*matrix, values);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const auto& [re, im] = values[k];
    components[2 * k] = {component_range(re.range), re.reached, re.decided, bounds[k].re};
    components[2 * k + 1] = {component_range(im.range), im.reached, im.decided, bounds[k].im};
    rounded[k] = {re.rounded, im.rounded};
  }
}

}  // namespace

template <class T>
std::vector<truth> eigvals::truth_of(const args<T>& a) {
  const auto types = outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false, true};
  const auto n = static_cast<std::size_t>(a.shape.n);
  t.components.resize(2 * static_cast<std::size_t>(t.rounded.numel()));
  linalg::for_each_matrix(a.shape.matrices, [&](std::int64_t m) {
    const auto first = static_cast<std::size_t>(m) * n;
    evaluate_matrix<T>(a, m, std::span(t.components).subspan(2 * first, 2 * n),
                       t.rounded.elements<std::complex<part_t<T>>>().subspan(first, n));
  });
  return {t};
}

template std::vector<truth> eigvals::truth_of(const args<float16>&);
template std::vector<truth> eigvals::truth_of(const args<bfloat16>&);
template std::vector<truth> eigvals::truth_of(const args<float>&);
template std::vector<truth> eigvals::truth_of(const args<double>&);
template std::vector<truth> eigvals::truth_of(const args<std::complex<float>>&);
template std::vector<truth> eigvals::truth_of(const args<std::complex<double>>&);

}  // namespace halfulp::op
