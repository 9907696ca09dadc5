#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky_gradients.hpp>

namespace halfulp::op {

template <class T>
std::vector<truth> cholesky_solve_y_grad::truth_of(const args<T>& a) {
  const auto types = outputs(a);
  truth t{tensor(types[0].type, types[0].shape), {}, false};
  const linalg::cholesky_gradients<T> gradients(a.shape.forward, a.dout, a.x, a.y);
  linalg::store_truths<T>(
      gradients.matrices_of_y(), [&](std::int64_t m) { return gradients.dy(m, linalg::question::error); }, t);
  return {t};
}

template std::vector<truth> cholesky_solve_y_grad::truth_of(const args<float16>&);
template std::vector<truth> cholesky_solve_y_grad::truth_of(const args<bfloat16>&);
template std::vector<truth> cholesky_solve_y_grad::truth_of(const args<float>&);
template std::vector<truth> cholesky_solve_y_grad::truth_of(const args<double>&);
template std::vector<truth> cholesky_solve_y_grad::truth_of(const args<std::complex<float>>&);
template std::vector<truth> cholesky_solve_y_grad::truth_of(const args<std::complex<double>>&);

}  // namespace halfulp::op
