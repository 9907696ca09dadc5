// The long comparison of the gradients of eigenvalues with the CPU: halfulp_tests_cuda "[campaign]".
#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include "cuda/campaign.hpp"
#include "cuda/cholesky_systems.hpp"
#include "cuda/eigenvalue_gradients.hpp"
#include "cuda/general_matrices.hpp"
#include "cuda/hermitian.hpp"

namespace halfulp::tests {
namespace {

/// How many matrices of a size: fewer of the large ones, which the CPU takes long for.
std::int64_t matrices_of(std::int64_t n) {
  return repeats(2 + 4000 / (n * n));
}

}  // namespace

TEMPLATE_TEST_CASE("cuda campaign: eigvalsh_grad of random matrices", "[.campaign]", float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 72);
  comparison all;
  for (std::int64_t n = 1; n <= 48; ++n) {
    const tensor x = uniform_batch<TestType>(r, matrices_of(n), n), dw = uniform_weights<component_t<TestType>>(r, x);
    all += compare_eigvalsh_grad<TestType>(dw, x, n % 2 == 0 ? "L" : "U");
  }
  report(op::eigvalsh_grad::name, dtype_of<TestType>, ", random", all, true);
}

TEMPLATE_TEST_CASE("cuda campaign: eigvals_grad of random matrices", "[.campaign]", float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 73);
  comparison all;
  for (std::int64_t n = 1; n <= 32; ++n) {
    const tensor x = uniform_matrices<TestType>(r, matrices_of(n), n);
    all += compare_eigvals_grad<TestType>(uniform_weights<op::eigvals_grad::weight_t<TestType>>(r, x), x);
  }
  report(op::eigvals_grad::name, dtype_of<TestType>, ", random", all, true);
}

TEMPLATE_TEST_CASE("cuda campaign: gradients of eigenvalues of single matrices of 128 rows", "[.campaign]", float,
                   double, std::complex<double>) {
  HALFULP_RANDOM(r, 75);
  using W = op::eigvals_grad::weight_t<TestType>;
  comparison hermitian, general;
  for (std::int64_t k = 0; k < repeats(10); ++k) {
    const tensor x = uniform_batch<TestType>(r, 1, 128), y = uniform_matrices<TestType>(r, 1, 128);
    hermitian += compare_eigvalsh_grad<TestType>(uniform_weights<component_t<TestType>>(r, x), x);
    general += compare_eigvals_grad<TestType>(uniform_weights<W>(r, y), y);
  }
  report(op::eigvalsh_grad::name, dtype_of<TestType>, ", 128 rows", hermitian, true);
  report(op::eigvals_grad::name, dtype_of<TestType>, ", 128 rows", general, true);
}

TEMPLATE_TEST_CASE("cuda campaign: cholesky_solve_y_grad of random systems", "[.campaign]", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 74);
  comparison all;
  for (std::int64_t n = 1; n <= 48; ++n) {
    const auto b = random_batch<TestType>(r, matrices_of(n), n, 1 + n % 3);
    const auto d = random_batch<TestType>(r, matrices_of(n), n, 1 + n % 3);
    all += compare<op::cholesky_solve_y_grad, TestType>(
        call_for<op::cholesky_solve_y_grad>({{d.x.view()}, {b.x.view()}, {b.y.view()}, {b.upper}}));
  }
  report(op::cholesky_solve_y_grad::name, dtype_of<TestType>, ", random", all, true);
}

}  // namespace halfulp::tests
