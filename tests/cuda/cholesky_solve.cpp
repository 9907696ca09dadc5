#include <complex>
#include <limits>

#include <halfulp/oracle/ops/cholesky_solve_x_grad.hpp>

#include "cuda/case_turns.hpp"
#include "cuda/cholesky_systems.hpp"

namespace halfulp::tests {
namespace {

using gallery::factor_kind;

/// The bits of the CPU, and every component counted once.
template <class T>
comparison check_batch(const cholesky_batch& b) {
  const auto c = compare<op::cholesky_solve, T>(b.solve());
  INFO(name_of(dtype_of<T>) << " " << to_string(b.x.shape()) << " by " << to_string(b.y.shape()) << ": "
                            << c.first_wrong);
  check_bits(c, is_complex<T> ? 2 : 1);
  return c;
}

template <class T>
cholesky_batch batch_of(const extents& xs, const std::vector<T>& x, const extents& ys, const std::vector<T>& y) {
  return {make_tensor<T>(xs, x), make_tensor<T>(ys, y), false};
}

}  // namespace

TEMPLATE_TEST_CASE("cuda cholesky_solve: every kind of factor in every format has the bits of the CPU", "", float16,
                   bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 110);
  using T = TestType;
  std::size_t turn = 0;
  for (std::size_t kind = 0; kind < gallery::factor_kind_names.size(); ++kind)
    for (const int n : {1, 2, 3, 10, 24}) {
      if (!has_turn(turn++, dtype_of<T>)) continue;
      INFO(gallery::factor_kind_names[kind]);
      check_batch<T>(gallery_batch<T>(r, static_cast<factor_kind>(kind), 2, n, 1 + n % 4, n % 2 == 1));
    }
}

TEMPLATE_TEST_CASE("cuda cholesky_solve: random systems of every size, many or few, have the bits of the CPU", "",
                   float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 111);
  using T = TestType;
  for (std::int64_t k = 0; k < repeats(12); ++k)
    check_batch<T>(random_batch<T>(r, r.between(1, 5), r.between(1, 140), r.between(1, 9)));
  check_batch<T>(random_batch<T>(r, 300, r.between(1, 40), 1));
}

TEST_CASE("cuda cholesky_solve: teams of several blocks, their last rows and columns included") {
  HALFULP_RANDOM(r, 112);
  std::int64_t sizes = repeats(4);
  for (const std::int64_t n : {65, 129, 257, 300}) {
    if (sizes-- == 0) break;
    check_batch<float>(random_batch<float>(r, 1, n, 2));
    check_batch<double>(random_batch<double>(r, 1, n, 1));
    check_batch<std::complex<float>>(random_batch<std::complex<float>>(r, 1, n, 1));
  }
  check_batch<double>(random_batch<double>(r, repeats(40), 129, 12));  // more right sides than teams that are at work
}

TEST_CASE("cuda cholesky_solve: tiers do what they are for") {
  HALFULP_RANDOM(r, 113);
  const auto narrow_ones = check_batch<float>(random_batch<float>(r, 50, 20, 3));
  CHECK(narrow_ones.decided[tier::binary64] > narrow_ones.outputs * 9 / 10);
  const auto wide_ones = check_batch<double>(random_batch<double>(r, 50, 20, 3));
  CHECK(wide_ones.decided[tier::double_double] == wide_ones.outputs);
}

TEST_CASE("cuda cholesky_solve: batches are broadcast") {
  HALFULP_RANDOM(r, 114);
  for_each_solve_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    auto b = random_batch<T>(r, 6, 7, 2);
    for (const auto& [xs, ys] : {std::pair<extents, extents>{{3, 1, 7, 2}, {2, 7, 7}},
                                 {{2, 7, 2}, {3, 1, 7, 7}},
                                 {{7, 2}, {5, 7, 7}},
                                 {{5, 7, 2}, {7, 7}}}) {
      cholesky_batch c{tensor(dtype_of<T>, xs), tensor(dtype_of<T>, ys), b.upper};
      std::memcpy(c.x.bytes().data(), b.x.bytes().data(), c.x.bytes().size());
      std::memcpy(c.y.bytes().data(), b.y.bytes().data(), c.y.bytes().size());
      check_batch<T>(c);
    }
  });
}

TEMPLATE_TEST_CASE("cuda cholesky_solve: solutions on a rounding midpoint, just beside one, and exactly zero", "",
                   float16, bfloat16, float, double, std::complex<float>, std::complex<double>) {
  HALFULP_RANDOM(r, 115);
  using T = TestType;
  for (int k = 0; k < static_cast<int>(repeats(12)); ++k) {
    const auto c = gallery::known_solution<T>(1 + k % 6, k % 2 != 0, r.bits());
    check_batch<T>(batch_of<T>({c.n, 1}, c.given.x, {c.n, c.n}, c.given.y));
  }
}

TEST_CASE("cuda cholesky_solve: what is not finite touches its matrix, or its column, alone") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, -nan, inf, -inf}) {
    check_batch<float>(batch_of<float>({2, 2}, {2, bad, 3, 0}, {2, 2}, {2, 0, 1, 1}));
    check_batch<float>(batch_of<float>({1, 1}, {4}, {3, 1, 1}, {2, bad, 1}));
    check_batch<float>(batch_of<float>({2, 2, 1}, {2, 3, 2, 3}, {2, 2, 2}, {2, 0, bad, 1, 2, bad, 1, 1}));
  }
  check_batch<float>(batch_of<float>({2, 2, 1}, {2, 3, 2, 3}, {2, 2, 2}, {2, 0, 1, 0, 2, 0, 1, 1}));
  check_batch<std::complex<float>>(batch_of<std::complex<float>>({1, 1}, {{1, nan}}, {1, 1}, {2}));
  check_batch<float>(batch_of<float>({2, 2}, {0, -0.0F, 0, 0}, {2, 2}, {2, 0, 1, 1}));
}

TEST_CASE("cuda cholesky_solve: exponents at every border of binary64") {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  check_batch<double>(batch_of<double>({1, 1}, {huge}, {1, 1}, {0.5}));
  check_batch<double>(batch_of<double>({1, 1}, {1}, {1, 1}, {huge}));
  check_batch<double>(batch_of<double>({1, 1}, {huge}, {1, 1}, {0x1p1000}));
  check_batch<double>(batch_of<double>({1, 1}, {tiny}, {1, 1}, {0x1p-537}));
  check_batch<double>(batch_of<double>({1, 1}, {3 * tiny}, {1, 1}, {3}));
  check_batch<double>(batch_of<double>({2, 1}, {0x1p500, 0}, {2, 2}, {0x1p-1000, 0, 0, 1}));
  check_batch<double>(batch_of<double>({2, 1}, {1, 0x1p-1000}, {2, 2}, {0x1p150, 0, 0x1p-150, 0x1p-190}));
}

TEST_CASE("cuda cholesky_solve: the gradient of x has the bits of the CPU, where x was broadcast too") {
  HALFULP_RANDOM(r, 116);
  for_each_solve_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto b = random_batch<T>(r, 3, 9, 2);
    for (const std::vector<std::int64_t>& x_shape : {std::vector<std::int64_t>{3, 9, 2}, {1, 9, 2}, {9, 2}}) {
      const auto c = compare<op::cholesky_solve_x_grad, T>(
          call_for<op::cholesky_solve_x_grad>({{b.x.view()}, {b.y.view()}, list_of(x_shape), {b.upper}}));
      INFO(name_of(dtype_of<T>) << " " << c.first_wrong);
      CHECK(c.wrong == 0);
    }
  });
}

TEST_CASE("cuda cholesky_solve: empty shapes") {
  for (const auto& [xs, ys] : {std::pair<extents, extents>{{0, 0}, {0, 0}},
                               {{3, 0}, {3, 3}},
                               {{0, 2}, {0, 0}},
                               {{0, 3, 2}, {0, 3, 3}},
                               {{2, 3, 0}, {2, 3, 3}},
                               {{0, 3, 2}, {3, 3}},
                               {{1, 3, 2}, {0, 3, 3}},
                               {{5, 0, 3}, {5, 0, 0}}})
    check_batch<float>({tensor(dtype::float32, xs), tensor(dtype::float32, ys), false});
}

}  // namespace halfulp::tests
