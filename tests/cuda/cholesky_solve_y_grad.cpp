#include <complex>
#include <limits>

#include <halfulp/oracle/ops/cholesky_solve_y_grad.hpp>

#include "cuda/case_turns.hpp"
#include "cuda/cholesky_systems.hpp"

namespace halfulp::tests {
namespace {

using gallery::factor_kind;

/// The bits of the CPU, and every component counted once.
template <class T>
comparison check_gradient(const tensor& dout, const cholesky_batch& b) {
  const auto c = compare<op::cholesky_solve_y_grad, T>(
      call_for<op::cholesky_solve_y_grad>({{dout.view()}, {b.x.view()}, {b.y.view()}, {b.upper}}));
  INFO(name_of(dtype_of<T>) << " " << to_string(dout.shape()) << " by " << to_string(b.y.shape()) << ": "
                            << c.first_wrong);
  check_bits(c, is_complex<T> ? 2 : 1);
  return c;
}

/// `b`'s elements in tensors of other shapes.
template <class T>
tensor reshaped(const tensor& from, const extents& shape) {
  tensor t(dtype_of<T>, shape);
  std::memcpy(t.bytes().data(), from.bytes().data(), t.bytes().size());
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda cholesky_solve_y_grad: every kind of factor in every format has the bits of the CPU", "",
                   float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 140);
  using T = TestType;
  std::size_t turn = 0;
  for (std::size_t kind = 0; kind < gallery::factor_kind_names.size(); ++kind)
    for (const int n : {1, 2, 3, 9}) {
      if (!has_turn(turn++, dtype_of<T>)) continue;
      INFO(gallery::factor_kind_names[kind]);
      const auto b = gallery_batch<T>(r, static_cast<factor_kind>(kind), 2, n, 1 + n % 3, n % 2 == 1);
      const auto d = gallery_batch<T>(r, static_cast<factor_kind>(kind), 2, n, 1 + n % 3, n % 2 == 1);
      check_gradient<T>(d.x, b);
    }
}

TEMPLATE_TEST_CASE("cuda cholesky_solve_y_grad: random systems have the bits of the CPU, and are decided on the GPU",
                   "", float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 141);
  using T = TestType;
  for (std::int64_t k = 0; k < repeats(4); ++k) {
    const std::int64_t count = r.between(1, 9), n = r.between(1, 24), columns = r.between(1, 5);
    const auto b = random_batch<T>(r, count, n, columns);
    const auto c = check_gradient<T>(random_batch<T>(r, count, n, columns).x, b);
    if (format_of<component_t<T>>.precision <= 24) CHECK(c.by_host == 0);
  }
  check_gradient<T>(random_batch<T>(r, 1, 65, 2).x, random_batch<T>(r, 1, 65, 2));
}

TEMPLATE_TEST_CASE("cuda cholesky_solve_y_grad: factors that were broadcast get the sum over all their matrices", "",
                   float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 142);
  using T = TestType;
  const auto b = random_batch<T>(r, 6, 7, 2), d = random_batch<T>(r, 6, 7, 2);
  struct shapes {
    extents dout, x, y;
  };
  for (const auto& s : {shapes{{3, 2, 7, 2}, {3, 1, 7, 2}, {2, 7, 7}}, shapes{{3, 2, 7, 2}, {2, 7, 2}, {3, 1, 7, 7}},
                        shapes{{5, 7, 2}, {5, 7, 2}, {7, 7}}, shapes{{5, 7, 2}, {7, 2}, {5, 7, 7}}})
    check_gradient<T>(reshaped<T>(d.x, s.dout), {reshaped<T>(b.x, s.x), reshaped<T>(b.y, s.y), b.upper});
}

TEST_CASE("cuda cholesky_solve_y_grad: what is not finite touches the triangle of its factor alone; zeros; ties") {
  HALFULP_RANDOM(r, 143);
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const auto b = random_batch<float>(r, 5, 4, 2);
  const tensor dout = random_batch<float>(r, 5, 4, 2).x;
  b.x.elements<float>()[8 + 3] = nan;
  dout.elements<float>()[2 * 8] = inf;
  b.y.elements<float>()[3 * 16 + 5] = 0;  // on a diagonal
  for (int k = 0; k < 8; ++k) b.x.elements<float>()[static_cast<std::size_t>(4 * 8 + k)] = 0;
  check_gradient<float>(dout, b);
  check_gradient<float>(make_tensor<float>({1, 1}, {3}),
                        {make_tensor<float>({1, 1}, {5}), make_tensor<float>({1, 1}, {2}), false});
  check_gradient<double>(make_tensor<double>({1, 1}, {0x1p600}),
                         {make_tensor<double>({1, 1}, {0x1p-600}), make_tensor<double>({1, 1}, {3}), true});
}

TEST_CASE("cuda cholesky_solve_y_grad: what is not finite in one use of a factor makes its gradient NaN") {
  HALFULP_RANDOM(r, 144);
  const auto b = random_batch<float>(r, 3, 4, 2);
  const tensor dout = random_batch<float>(r, 3, 4, 2).x;
  dout.elements<float>()[8 + 3] = std::numeric_limits<float>::infinity();
  const auto c =
      check_gradient<float>(dout, {b.x, reshaped<float>(random_batch<float>(r, 1, 4, 1).y, {4, 4}), b.upper});
  CHECK(c.by_host == 0);
}

TEMPLATE_TEST_CASE("cuda cholesky_solve_y_grad: rounding midpoints, from solutions whose low parts are below binary64",
                   "", double, std::complex<double>) {
  // 27 b / 3^2 and a / 3^2, halves 9 b and a / 3: the gradient is -2 a b, of 54 bits
  for (int k = 0; k < 12; ++k) {
    const double a = 0x1p27 + 2 * k + 1, b = 0x1p26 + 4 * k + 1;
    check_gradient<TestType>(
        make_tensor<TestType>({1, 1}, {27 * b * 0x1p985}),
        {make_tensor<TestType>({1, 1}, {a * 0x1p-1037}), make_tensor<TestType>({1, 1}, {3}), false});
  }
}

TEST_CASE("cuda cholesky_solve_y_grad: empty shapes") {
  struct shapes {
    extents dout, x, y;
  };
  for (const auto& s : {shapes{{0, 0}, {0, 0}, {0, 0}}, shapes{{3, 0}, {3, 0}, {3, 3}}, shapes{{0, 2}, {0, 2}, {0, 0}},
                        shapes{{0, 3, 2}, {0, 3, 2}, {0, 3, 3}}, shapes{{0, 3, 2}, {0, 3, 2}, {3, 3}}})
    check_gradient<float>(tensor(dtype::float32, s.dout),
                          {tensor(dtype::float32, s.x), tensor(dtype::float32, s.y), false});
}

}  // namespace halfulp::tests
