#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include <halfulp/oracle/linalg/gradient_bounds.hpp>
#include <halfulp/oracle/linalg/gradient_truth.hpp>

namespace halfulp::op {

template <class T>
std::vector<truth> eigvalsh_grad::truth_of(const args<T>& a) {
  using R = component_t<T>;
  return linalg::gradient_truth<eigvalsh_grad, T>(
      a,
      [](const auto& matrix, const auto& weights) {
        return linalg::gradient<R>(matrix, weights, linalg::question::error);
      },
      [](const auto& matrix, const auto& weights, const auto& ranges) {
        return linalg::gradient_bounds(format_of<R>, matrix, weights, ranges);
      });
}

template std::vector<truth> eigvalsh_grad::truth_of(const args<float16>&);
template std::vector<truth> eigvalsh_grad::truth_of(const args<bfloat16>&);
template std::vector<truth> eigvalsh_grad::truth_of(const args<float>&);
template std::vector<truth> eigvalsh_grad::truth_of(const args<double>&);
template std::vector<truth> eigvalsh_grad::truth_of(const args<std::complex<float>>&);
template std::vector<truth> eigvalsh_grad::truth_of(const args<std::complex<double>>&);

}  // namespace halfulp::op
