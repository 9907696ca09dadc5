#include "cuda/eigenvalue_gradients.hpp"

#include <complex>
#include <limits>

#include <halfulp/analysis/cases/gallery/general.hpp>

#include "cuda/case_turns.hpp"
#include "cuda/general_matrices.hpp"
#include "cuda/hermitian.hpp"

namespace halfulp::tests {
namespace {

/// The bits of the CPU, and every component counted once.
template <class T>
comparison check(const comparison& c) {
  CAPTURE(name_of(dtype_of<T>), c.outputs, c.first_wrong);
  CHECK(c.wrong == 0);
  CHECK(total(c.decided) == c.outputs * (is_complex<T> ? 2 : 1));
  return c;
}
template <class T>
comparison check_hermitian(random_source& r, const tensor& x, const char* uplo = "L") {
  return check<T>(compare_eigvalsh_grad<T>(uniform_weights<component_t<T>>(r, x), x, uplo));
}
template <class T>
comparison check_general(random_source& r, const tensor& x) {
  return check<T>(compare_eigvals_grad<T>(uniform_weights<op::eigvals_grad::weight_t<T>>(r, x), x));
}

}  // namespace

TEMPLATE_TEST_CASE("cuda eigvalsh_grad: every kind of the gallery has the bits of the CPU", "", float16, bfloat16,
                   float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 130);
  const auto kinds = every_kind();
  for (const int n : {1, 2, 3, 6}) {
    CAPTURE(n);
    check_hermitian<TestType>(r, gallery_batch<TestType>(r, kinds, n), n % 2 == 0 ? "U" : "L");
  }
}

TEMPLATE_TEST_CASE("cuda eigvalsh_grad: random matrices, many and few, have the bits of the CPU", "", float16, bfloat16,
                   float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 131);
  for (std::int64_t k = 0; k < repeats(6); ++k)
    check_hermitian<TestType>(r, uniform_batch<TestType>(r, r.between(1, 20), r.between(1, 24)),
                              k % 2 == 0 ? "L" : "U");
  if (has_turn(4, dtype_of<TestType>)) check_hermitian<TestType>(r, uniform_batch<TestType>(r, 3, 33));
  if (has_turn(1, dtype_of<TestType>)) check_hermitian<TestType>(r, uniform_batch<TestType>(r, 1, 49));
}

TEMPLATE_TEST_CASE("cuda eigvals_grad: every kind of the gallery has the bits of the CPU", "", float16, bfloat16, float,
                   double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 132);
  std::size_t turn = 0;
  for (std::size_t kind = 0; kind < gallery::general_kind_names.size(); ++kind)
    for (const int n : {1, 2, 3, 5}) {
      if (!has_turn(turn++, dtype_of<TestType>)) continue;
      INFO(gallery::general_kind_names[kind] << " of " << n << " rows");
      check_general<TestType>(
          r, make_tensor<TestType>({n, n}, gallery::elements<TestType>(gallery::make<TestType>(
                                               static_cast<gallery::general_kind>(kind), n, r.bits()))));
    }
}

TEMPLATE_TEST_CASE("cuda eigvals_grad: random matrices have the bits of the CPU", "", float16, bfloat16, float, double,
                   std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 133);
  for (std::int64_t k = 0; k < repeats(6); ++k)
    check_general<TestType>(r, uniform_matrices<TestType>(r, r.between(1, 12), r.between(1, 20)));
  if (has_turn(2, dtype_of<TestType>)) check_general<TestType>(r, uniform_matrices<TestType>(r, 3, 33));
}

TEST_CASE("cuda gradients of eigenvalues: random matrices are decided on the GPU") {
  HALFULP_RANDOM(r, 134);
  CHECK(check_hermitian<float>(r, uniform_batch<float>(r, 60, 12)).by_host == 0);
  CHECK(check_general<float>(r, uniform_matrices<float>(r, 60, 8)).by_host == 0);
  const auto wide = check_hermitian<double>(r, uniform_batch<double>(r, 60, 12));
  CHECK(20 * wide.by_host <= wide.outputs);
  const auto general = check_general<double>(r, uniform_matrices<double>(r, 60, 8));
  CHECK(20 * general.by_host <= general.outputs);
}

TEST_CASE("cuda gradients of eigenvalues: weights of every size, and some that are 0 or equal") {
  HALFULP_RANDOM(r, 135);
  for (const double size : {0x1p-1060, 0x1p-500, 0x1p1000}) {
    const tensor x = uniform_batch<double>(r, 4, 5), dw = uniform_weights<double>(r, x);
    for (double& w : dw.elements<double>()) w *= size;
    check<double>(compare_eigvalsh_grad<double>(dw, x));
    const tensor z = uniform_weights<std::complex<double>>(r, x);
    for (auto& w : z.elements<std::complex<double>>()) w *= size;
    check<double>(compare_eigvals_grad<double>(z, x));
  }
  const tensor x = uniform_batch<float>(r, 3, 4), dw = uniform_weights<float>(r, x);
  const auto w = dw.elements<float>();
  std::fill(w.begin(), w.begin() + 4, 0.0F);
  std::fill(w.begin() + 4, w.begin() + 8, 0.7F);
  w[8] = 0;
  check<float>(compare_eigvalsh_grad<float>(dw, x));
}

TEST_CASE("cuda gradients of eigenvalues: what is not finite makes its own matrix NaN, in the weights too") {
  HALFULP_RANDOM(r, 136);
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const tensor x = uniform_batch<float>(r, 6, 4), dw = uniform_weights<float>(r, x);
  x.elements<float>()[16 + 4] = nan;      // of the lower triangle
  x.elements<float>()[2 * 16 + 1] = inf;  // of the upper one
  dw.elements<float>()[3 * 4 + 2] = inf;
  dw.elements<float>()[4 * 4] = nan;
  check<float>(compare_eigvalsh_grad<float>(dw, x));
  check<float>(compare_eigvalsh_grad<float>(dw, x, "U"));
  const tensor z = uniform_weights<std::complex<float>>(r, x);
  z.elements<std::complex<float>>()[3 * 4 + 1] = {1, nan};
  z.elements<std::complex<float>>()[5 * 4] = {-inf, 0};
  CHECK(check<float>(compare_eigvals_grad<float>(z, x)).by_host == 0);
}

TEST_CASE("cuda gradients of eigenvalues: equal roundings share their weights, and equal weights give multiples of I") {
  HALFULP_RANDOM(r, 138);
  // 1 + 2^-19, and two within 2^-30 of 1 - 2^-20; the gradient has no zeros
  const float c = 0x1p-20F, d = c + 0x1p-30F, e = c - 0x1p-31F;
  check<float>(compare_eigvals_grad<float>(make_tensor<std::complex<float>>({3}, {{1, 0}, {3, 1}, {-0.7F, 2}}),
                                           make_tensor<float>({3, 3}, {1, c, d, c, 1, e, d, e, 1})));
  const tensor y = uniform_matrices<float>(r, 4, 5), dw = uniform_weights<std::complex<float>>(r, y);
  const auto weights = dw.elements<std::complex<float>>();
  std::fill(weights.begin(), weights.end(), std::complex<float>{0.7F, 0});
  check<float>(compare_eigvals_grad<float>(dw, y));
}

TEST_CASE("cuda gradients of eigenvalues: empty shapes") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}}) {
    HALFULP_RANDOM(r, 137);
    const tensor x(dtype::float32, shape);
    check_hermitian<float>(r, x);
    check_general<float>(r, x);
  }
}

}  // namespace halfulp::tests
