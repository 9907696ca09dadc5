#include <halfulp/oracle/ops/cholesky_solve.hpp>

#include <cfenv>
#include <complex>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/known_solution.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::factor_kind;
using c64 = std::complex<float>;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float inf = std::numeric_limits<float>::infinity();

/// The bits of every component, from kernel and oracle alike.
template <class T>
std::vector<bits_t<component_t<T>>> solution_bits(const tensor& x, const tensor& y, bool upper = false) {
  const call c = call_of("cholesky_solve", {{x.view()}, {y.view()}, {upper}});
  using R = component_t<T>;
  const auto parts = [](const tensor& t) {
    std::vector<bits_t<R>> b(static_cast<std::size_t>(t.numel()) * (is_complex<T> ? 2 : 1));
    if (!b.empty()) std::memcpy(b.data(), t.bytes().data(), t.bytes().size());
    return b;
  };
  const auto got = parts(kernels::compute("cholesky_solve", c).outputs.at(0));
  const auto truths = evaluate("cholesky_solve", c);
  CHECK(got == parts(truths.at(0).rounded));
  for (const auto& component : truths.at(0).components) CHECK(component.decided);
  return got;
}

template <class T>
std::vector<T> solve(const extents& xs, const std::vector<T>& x, const extents& ys, const std::vector<T>& y,
                     bool upper = false) {
  const auto bits = solution_bits<T>(make_tensor<T>(xs, x), make_tensor<T>(ys, y), upper);
  std::vector<T> out(bits.size() / (is_complex<T> ? 2 : 1));
  if (!out.empty()) std::memcpy(static_cast<void*>(out.data()), bits.data(), bits.size() * sizeof bits[0]);
  return out;
}

template <class T>
std::vector<bits_t<T>> bits(const std::vector<T>& x) {
  std::vector<bits_t<T>> b;
  for (const T v : x) b.push_back(to_bits(v));
  return b;
}

template <class F>
void for_each_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::cholesky_solve::element_types{});
}

/// Kernel and oracle on one system of a kind, every rounding decided.
template <class T>
void check_kind(factor_kind kind, int n, int k, bool upper, std::uint64_t seed) {
  INFO(name_of(kind) << " n = " << n << " k = " << k << " of " << name_of(dtype_of<T>) << " seed " << seed);
  auto s = gallery::make_system<T>(kind, n, k, seed);
  if (upper) {  // the mirror image, and something above the diagonal that must not be read
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < i; ++j)
        std::swap(s.y[static_cast<std::size_t>(i * n + j)], s.y[static_cast<std::size_t>(j * n + i)]);
  }
  (void)solution_bits<T>(make_tensor<T>({n, k}, s.x), make_tensor<T>({n, n}, s.y), upper);
}

template <class T>
void check_known(std::int64_t count, std::uint64_t seed) {
  int ties = 0, near_ties = 0, zeros = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto c =
        gallery::known_solution<T>(1 + static_cast<int>(k % 6), k % 2 != 0, seed + static_cast<std::uint64_t>(k));
    INFO(name_of(dtype_of<T>) << " seed " << seed + static_cast<std::uint64_t>(k));
    const auto got = solution_bits<T>(make_tensor<T>({c.n, 1}, c.given.x), make_tensor<T>({c.n, c.n}, c.given.y));
    CHECK(got == bits(c.solution));
    ties += c.ties;
    near_ties += c.near_ties;
    zeros += c.zeros;
  }
  CHECK(ties > count / 8);
  CHECK(near_ties > count / 8);
  CHECK(zeros > 0);
}

/// The components of a gradient, from kernel and oracle alike, every one decided.
template <class T>
std::vector<T> gradient(const char* op, const argument::list& positional) {
  const call c = call_of(op, positional);
  const tensor got = kernels::compute(op, c).outputs.at(0);
  const auto truths = evaluate(op, c);
  CHECK(std::memcmp(got.bytes().data(), truths[0].rounded.bytes().data(), got.bytes().size()) == 0);
  for (const auto& component : truths[0].components) CHECK(component.decided);
  return values_of<T>(got);
}

}  // namespace

TEST_CASE("cholesky_solve: systems worked out by hand") {
  using floats = std::vector<float>;
  // A = [4 2; 2 2], its inverse [1/2 -1/2; -1/2 1]
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {2, 0, 1, 1}) == floats{-0.5, 2});
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {2, 1, 0, 1}, true) == floats{-0.5, 2});
  CHECK(solve<float>({2, 2}, {2, 0, 3, 2}, {2, 2}, {2, 0, 1, 1}) == floats{-0.5, -1, 2, 2});
  CHECK(solve<float>({1, 3}, {1, 2, 9}, {1, 1}, {-3}) == floats{1.0F / 9, 2.0F / 9, 1});
  // A = [1 i; -i 5], its inverse [5 -i; i 1] / 4: the imaginary part of the diagonal counts
  CHECK(solve<c64>({2, 2}, {1, {0, 4}, 0, 0}, {2, 2}, {{0, 1}, 0, 1, 2}) ==
        std::vector<c64>{1.25, {0, 5}, {0, 0.25}, -1});
  // U = L^H
  CHECK(solve<c64>({2, 1}, {1, 0}, {2, 2}, {{0, -1}, 1, 0, 2}, true) == std::vector<c64>{1.25, {0, 0.25}});
}

TEST_CASE("cholesky_solve: one triangle is read, and the diagonal need not be positive") {
  using floats = std::vector<float>;
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {2, nan, 1, 1}) == floats{-0.5, 2});
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {2, 1, inf, 1}, true) == floats{-0.5, 2});
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {-2, 0, 1, 1}) != floats{-0.5, 2});
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {-2, 0, -1, 1}) == floats{-0.5, 2});
  CHECK(solve<float>({2, 1}, {2, 3}, {2, 2}, {2, 7, 1, 1}) == solve<float>({2, 1}, {2, 3}, {2, 2}, {2, -7, 1, 1}));
}

TEST_CASE("cholesky_solve: batches are broadcast") {
  using floats = std::vector<float>;
  CHECK(solve<float>({2, 1, 1}, {8, 4}, {1, 1}, {2}) == floats{2, 1});
  CHECK(solve<float>({1, 1}, {8}, {2, 1, 1}, {2, 1}) == floats{2, 8});
  CHECK(solve<float>({2, 1, 1, 1}, {8, 4}, {2, 1, 1}, {2, 1}) == floats{2, 8, 1, 4});
  const tensor x = make_tensor<float>({2, 1, 1, 3}, std::vector<float>(6, 1));
  const tensor y = make_tensor<float>({1, 5, 1, 1}, std::vector<float>(5, 1));
  CHECK(kernels::compute("cholesky_solve", call_of("cholesky_solve", {{x.view()}, {y.view()}})).outputs[0].shape() ==
        extents{2, 5, 1, 3});
}

TEST_CASE("cholesky_solve: an exact zero is +0, a component that underflows keeps its sign") {
  CHECK(bits(solve<float>({2, 1}, {-0.0F, 0}, {2, 2}, {2, 0, 1, 1})) == bits(std::vector<float>{0, 0}));
  // A^-1 = [2 -1; -1 1]: 2 - 2, -1 + 2
  CHECK(bits(solve<float>({2, 1}, {1, 2}, {2, 2}, {1, 0, 1, 1})) == bits(std::vector<float>{0, 1}));
  const float least = std::numeric_limits<float>::denorm_min();
  CHECK(bits(solve<float>({1, 2}, {-least, least}, {1, 1}, {2})) == bits(std::vector<float>{-0.0F, 0}));
  const c64 z = solve<c64>({1, 1}, {{-least, 0}}, {1, 1}, {2})[0];
  CHECK(bits(std::vector<float>{z.real(), z.imag()}) == bits(std::vector<float>{-0.0F, 0}));
}

TEST_CASE("cholesky_solve: only the solution overflows, never what leads to it") {
  using doubles = std::vector<double>;
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  CHECK(solve<double>({1, 1}, {huge}, {1, 1}, {0.5}) == doubles{std::numeric_limits<double>::infinity()});
  CHECK(solve<double>({1, 1}, {1}, {1, 1}, {huge}) == doubles{0});
  CHECK(solve<double>({1, 1}, {huge}, {1, 1}, {0x1p1000}) == doubles{std::ldexp(2 - 0x1p-52, 1023 - 2000)});
  CHECK(solve<double>({1, 1}, {tiny}, {1, 1}, {0x1p-537}) == doubles{1});
  // y_1 = 2^1500 is out of range, x_1 = y_1 / 2^1000 is not
  CHECK(solve<double>({2, 1}, {0x1p500, 0}, {2, 2}, {0x1p-1000, 0, 0, 1}) ==
        doubles{std::numeric_limits<double>::infinity(), 0});
  CHECK(solve<double>({2, 1}, {0, 0x1p1000}, {2, 2}, {0x1p1000, 0, 0x1p1000, 0x1p-20}) ==
        doubles{std::numeric_limits<double>::infinity() * -1, std::numeric_limits<double>::infinity()});
}

TEST_CASE("cholesky_solve: what is not finite touches its matrix, or its column, alone") {
  const float q = canonical_nan<float>();
  using floats = std::vector<float>;
  for (const float bad : {nan, -nan, inf, -inf}) {
    CHECK(bits(solve<float>({2, 2}, {2, bad, 3, 0}, {2, 2}, {2, 0, 1, 1})) == bits(floats{-0.5, q, 2, q}));
    CHECK(bits(solve<float>({1, 1}, {4}, {3, 1, 1}, {2, bad, 1})) == bits(floats{1, q, 4}));
    CHECK(bits(solve<float>({2, 2, 1}, {2, 3, 2, 3}, {2, 2, 2}, {2, 0, bad, 1, 2, bad, 1, 1})) ==
          bits(floats{q, q, -0.5, 2}));
  }
  CHECK(bits(solve<float>({2, 2, 1}, {2, 3, 2, 3}, {2, 2, 2}, {2, 0, 1, 0, 2, 0, 1, 1})) ==
        bits(floats{q, q, -0.5, 2}));
  CHECK(bits(solve<float>({1, 1}, {0}, {1, 1}, {-0.0F})) == bits(floats{q}));
  const auto z = solve<c64>({1, 1}, {{1, nan}}, {1, 1}, {2});
  CHECK(to_bits(z[0].real()) == to_bits(q));
  CHECK(to_bits(z[0].imag()) == to_bits(q));
}

TEST_CASE("cholesky_solve: empty batches, matrices and right sides") {
  struct row {
    extents x, y, out;
  };
  for (const row& r : std::initializer_list<row>{{{0, 0}, {0, 0}, {0, 0}},
                                                 {{3, 0}, {3, 3}, {3, 0}},
                                                 {{0, 2}, {0, 0}, {0, 2}},
                                                 {{0, 3, 2}, {0, 3, 3}, {0, 3, 2}},
                                                 {{2, 3, 0}, {2, 3, 3}, {2, 3, 0}},
                                                 {{2, 0, 2}, {2, 0, 0}, {2, 0, 2}},
                                                 {{0, 3, 2}, {3, 3}, {0, 3, 2}},
                                                 {{1, 3, 2}, {0, 3, 3}, {0, 3, 2}},
                                                 {{0, 2, 4, 3}, {0, 2, 4, 4}, {0, 2, 4, 3}},
                                                 {{5, 0, 3}, {5, 0, 0}, {5, 0, 3}}}) {
    for_each_format([&](auto tag) {
      using T = typename decltype(tag)::type;
      const tensor x(dtype_of<T>, r.x), y(dtype_of<T>, r.y);
      const call c = call_of("cholesky_solve", {{x.view()}, {y.view()}});
      const tensor got = kernels::compute("cholesky_solve", c).outputs.at(0);
      CHECK(got.shape() == r.out);
      CHECK(got.type() == dtype_of<T>);
      CHECK(evaluate("cholesky_solve", c).at(0).rounded.shape() == r.out);
    });
  }
}

TEST_CASE("cholesky_solve: shapes that do not go together are refused by name") {
  const auto refused = [](const extents& xs, const extents& ys) {
    const tensor x(dtype::float32, xs), y(dtype::float32, ys);
    return refusal_of("cholesky_solve", {{x.view()}, {y.view()}});
  };
  const auto has = [](const std::string& text, const char* words) { return text.find(words) != std::string::npos; };
  CHECK(has(refused({3}, {3, 3}), "rank of x is 1; x must have at least 2 dimensions"));
  CHECK(has(refused({3, 1}, {}), "rank of y is 0; y must have at least 2 dimensions"));
  CHECK(has(refused({4, 1}, {4, 0}), "y.shape[0] is 4, y.shape[1] is 0; the factors must be square"));
  CHECK(has(refused({3, 2}, {0, 0}), "x.shape[0] is 3, y.shape[1] is 0; x must have as many rows as y"));
  CHECK(has(refused({0, 2}, {20, 20}), "as many rows"));
  CHECK(has(refused({5, 2, 4, 3}, {5, 0, 4, 4}), "x.shape[1] is 2, y.shape[1] is 0; dimensions of x and y"));
  CHECK(has(refused({0, 4, 3}, {5, 4, 4}), "x.shape[0] is 0, y.shape[0] is 5"));
  CHECK(refused({0, 4, 3}, {1, 4, 4}) == "");
  const tensor x(dtype::float32, {2, 1}), y(dtype::float64, {2, 2}), i(dtype::int64, {2, 2});
  CHECK(has(refusal_of("cholesky_solve", {{x.view()}, {y.view()}}), "y must be of dtype float32"));
  CHECK(has(refusal_of("cholesky_solve", {{i.view()}, {i.view()}}), "x must be of dtype float16, bfloat16"));
  CHECK(has(refusal_of("cholesky_solve", {{x.view()}, {x.view()}, {std::int64_t{1}}}), "upper must be True or False"));
}

TEST_CASE("cholesky_solve: every kind of factor in every format, kernel and oracle alike") {
  HALFULP_RANDOM(r, 91);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t k = 0; k < gallery::factor_kind_names.size(); ++k)
      for (const int n : {1, 3, 10}) check_kind<T>(static_cast<factor_kind>(k), n, 1 + n % 4, n == 3, r.bits());
  });
}

TEST_CASE("cholesky_solve: random systems of every size and width") {
  HALFULP_RANDOM(r, 93);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::int64_t k = 0; k < repeats(20); ++k)
      check_kind<T>(static_cast<factor_kind>(r.between(0, 11)), static_cast<int>(r.between(1, 24)),
                    static_cast<int>(r.between(1, 20)), r.between(0, 1) == 1, r.bits());
  });
}

// The cases of the table of peers, condition 10^5 and 10^12: torch, Paddle and Eigen lose up to 2.7e4 ULP on them.
TEST_CASE("cholesky_solve: ill-conditioned factors of size 32, float32 and float64") {
  check_kind<float>(factor_kind::ill_conditioned, 32, 8, false, 1);
  check_kind<double>(factor_kind::ill_conditioned, 32, 8, false, 2);
}
TEST_CASE("cholesky_solve: a full random matrix of size 30 for a factor") {
  check_kind<double>(factor_kind::full, 30, 2, true, 3);
  check_kind<float>(factor_kind::full, 30, 2, true, 4);
}

TEST_CASE("cholesky_solve: binary64 decides nothing within its radius of a midpoint") {
  // x_1 is 2^-21 below a midpoint at 2^24, which binary64 resolves; its radius is greater
  const auto x = make_tensor<float>({3, 1}, {0x1p-22F, 0x1p23F + 1, 1});
  const auto y = make_tensor<float>({3, 3}, {1, 0, 0, 1, 1, 0, 0, 1, 1});
  const auto decided = kernels::compute("cholesky_solve", call_of("cholesky_solve", {{x.view()}, {y.view()}})).decided;
  CHECK(decided[tier::double_double] >= 1);
  CHECK(decided[tier::binary64] + decided[tier::double_double] == 3);
  // the same, 2^-2 below: binary64 decides it
  const auto far = make_tensor<float>({3, 1}, {0x1p-3F, 0x1p23F + 1, 1});
  CHECK(kernels::compute("cholesky_solve", call_of("cholesky_solve", {{far.view()}, {y.view()}}))
            .decided[tier::binary64] == 3);
}

TEST_CASE("cholesky_solve: solutions on a rounding midpoint, just beside one, and exactly zero") {
  HALFULP_RANDOM(r, 97);
  const auto count = repeats(100);
  for_each_format([&](auto tag) { check_known<typename decltype(tag)::type>(count, r.bits()); });
}

TEST_CASE("cholesky_solve: a solution beside a midpoint by less than a relative 2^-170 is not taken for it") {
  // x_1 = 2 b_1 - b_2 - 2 t, where 2 b_1 - b_2 is the midpoint above 2^p; x_2 = b_2 - b_1 + t
  const auto check = [](auto one, int p, int depth) {
    using T = decltype(one);
    const T half = static_cast<T>(std::ldexp(1.0, p - 1)), below = 2 * half, above = below + 2;
    for (const T t :
         {static_cast<T>(std::ldexp(1.0, -depth)), static_cast<T>(0), static_cast<T>(-std::ldexp(1.0, -depth))}) {
      const auto x = solve<T>({3, 1}, {t, half + 1, 1}, {3, 3}, {1, 0, 0, 1, 1, 0, 0, 1, 1});
      CHECK(x[1] == (t < 0 ? above : below));
      CHECK(x[2] == -half);
    }
  };
  check(1.0F, 24, 149);
  check(1.0, 53, 300);
}

TEST_CASE("cholesky_solve: a batch has the bits of its matrices one by one") {
  HALFULP_RANDOM(r, 101);
  constexpr int n = 7, k = 9, batch = 6;
  std::vector<float> x, y;
  std::vector<std::uint32_t> one_by_one;
  for (int m = 0; m < batch; ++m) {
    const auto s =
        gallery::make_system<float>(m % 2 == 0 ? factor_kind::ill_conditioned : factor_kind::kahan, n, k, r.bits());
    x.insert(x.end(), s.x.begin(), s.x.end());
    y.insert(y.end(), s.y.begin(), s.y.end());
    const auto b = solution_bits<float>(make_tensor<float>({n, k}, s.x), make_tensor<float>({n, n}, s.y));
    one_by_one.insert(one_by_one.end(), b.begin(), b.end());
  }
  CHECK(solution_bits<float>(make_tensor<float>({2, 3, n, k}, x), make_tensor<float>({2, 3, n, n}, y)) == one_by_one);
}

TEST_CASE("cholesky_solve: the caller's rounding mode has no influence, and is put back") {
  const auto s = gallery::make_system<float>(factor_kind::ill_conditioned, 12, 3, 5);
  const auto x = make_tensor<float>({12, 3}, s.x), y = make_tensor<float>({12, 12}, s.y);
  const auto want = solution_bits<float>(x, y);
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const auto got = solution_bits<float>(x, y);
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(got == want);
    CHECK(after == mode);
  }
}

TEST_CASE("cholesky_solve_x_grad: worked out by hand, and summed where x was broadcast") {
  using floats = std::vector<float>;
  const auto y = make_tensor<float>({2, 2}, {2, 0, 1, 1}), one = make_tensor<float>({2, 1}, {2, 3});
  const argument::list shape{{std::int64_t{2}}, {std::int64_t{1}}};
  CHECK(gradient<float>("cholesky_solve_x_grad", {{one.view()}, {y.view()}, {shape}}) == floats{-0.5, 2});
  // two factors, 2 and 1: 8 / 4 + 3 / 1
  const auto factors = make_tensor<float>({2, 1, 1}, {2, 1}), d = make_tensor<float>({2, 1, 1}, {8, 3});
  const argument::list single{{std::int64_t{1}}, {std::int64_t{1}}};
  CHECK(gradient<float>("cholesky_solve_x_grad", {{d.view()}, {factors.view()}, {single}}) == floats{5});
  // cancelled exactly: 8 / 4 - 2 / 1
  const auto opposite = make_tensor<float>({2, 1, 1}, {8, -2});
  CHECK(bits(gradient<float>("cholesky_solve_x_grad", {{opposite.view()}, {factors.view()}, {single}})) ==
        bits(floats{0}));
}

TEST_CASE("cholesky_solve_y_grad: worked out by hand, of the triangle that is read") {
  using floats = std::vector<float>;
  // b = L^-1 x = (1, 2), X = (-1/2, 2), v = L^-1 dout = (1/2, -1/2), Z = (1/2, -1/2)
  const auto x = make_tensor<float>({2, 1}, {2, 3}), d = make_tensor<float>({2, 1}, {1, 0});
  const auto lower = make_tensor<float>({2, 2}, {2, nan, 1, 1}), upper = make_tensor<float>({2, 2}, {2, 1, nan, 1});
  CHECK(gradient<float>("cholesky_solve_y_grad", {{d.view()}, {x.view()}, {lower.view()}}) ==
        floats{-0.25, 0, -0.5, 2});
  CHECK(gradient<float>("cholesky_solve_y_grad", {{d.view()}, {x.view()}, {upper.view()}, {true}}) ==
        floats{-0.25, -0.5, 0, 2});
  // one number: -2 Re(conj(dout) x) l / |l|^4, for l = 1 + i, x = 2, dout = 3: -12 (1 + i) / 4; for U = conj(l) its
  // conjugate
  const auto cx = make_tensor<c64>({1, 1}, {2}), cd = make_tensor<c64>({1, 1}, {3});
  const auto l = make_tensor<c64>({1, 1}, {{1, 1}}), u = make_tensor<c64>({1, 1}, {{1, -1}});
  CHECK(gradient<c64>("cholesky_solve_y_grad", {{cd.view()}, {cx.view()}, {l.view()}}) == std::vector<c64>{{-3, -3}});
  CHECK(gradient<c64>("cholesky_solve_y_grad", {{cd.view()}, {cx.view()}, {u.view()}, {true}}) ==
        std::vector<c64>{{-3, 3}});
  // a factor of two right sides: the sum of -2 dout x / l^3
  const auto xs = make_tensor<float>({2, 1, 1}, {1, 5}), ds = make_tensor<float>({2, 1, 1}, {4, 8});
  const auto two = make_tensor<float>({1, 1}, {2});
  CHECK(gradient<float>("cholesky_solve_y_grad", {{ds.view()}, {xs.view()}, {two.view()}}) == floats{-11});
}

TEST_CASE("cholesky_solve's gradients: NaN stays in its column or matrix, and empty shapes give zeros") {
  const float q = canonical_nan<float>();
  using floats = std::vector<float>;
  const auto y = make_tensor<float>({2, 1, 1}, {2, nan}), d = make_tensor<float>({2, 1, 2}, {4, 8, 4, 8});
  const argument::list whole{{std::int64_t{2}}, {std::int64_t{1}}, {std::int64_t{2}}};
  const argument::list one{{std::int64_t{1}}, {std::int64_t{2}}};
  CHECK(bits(gradient<float>("cholesky_solve_x_grad", {{d.view()}, {y.view()}, {whole}})) == bits(floats{1, 2, q, q}));
  CHECK(bits(gradient<float>("cholesky_solve_x_grad", {{d.view()}, {y.view()}, {one}})) == bits(floats{q, q}));
  CHECK(bits(gradient<float>("cholesky_solve_y_grad", {{d.view()}, {d.view()}, {y.view()}})) == bits(floats{-20, q}));
  const auto bad = make_tensor<float>({2, 1}, {inf, 1}), l = make_tensor<float>({2, 2}, {2, 0, 1, 1});
  CHECK(bits(gradient<float>("cholesky_solve_y_grad", {{bad.view()}, {bad.view()}, {l.view()}})) ==
        bits(floats{q, 0, q, q}));
  const tensor none(dtype::float32, {0, 3, 2}), factors(dtype::float32, {0, 3, 3}), x(dtype::float32, {1, 3, 2});
  const argument::list single{{std::int64_t{1}}, {std::int64_t{3}}, {std::int64_t{2}}};
  CHECK(gradient<float>("cholesky_solve_x_grad", {{none.view()}, {factors.view()}, {single}}) == floats(6));
  CHECK(gradient<float>("cholesky_solve_y_grad", {{none.view()}, {x.view()}, {factors.view()}}).empty());
  const tensor narrow_x(dtype::float32, {3, 0}), factor(dtype::float32, {3, 3});
  CHECK(gradient<float>("cholesky_solve_y_grad", {{narrow_x.view()}, {narrow_x.view()}, {factor.view()}}) == floats(9));
  CHECK(refusal_of("cholesky_solve_y_grad", {{x.view()}, {narrow_x.view()}, {factor.view()}})
            .find("dout must have the shape") != std::string::npos);
}

TEST_CASE("cholesky_solve's gradients: kernel and oracle alike in every format, batched and broadcast") {
  HALFULP_RANDOM(r, 103);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t kind = 0; kind < gallery::factor_kind_names.size(); ++kind) {
      const int n = static_cast<int>(r.between(1, 6)), k = static_cast<int>(r.between(1, 3));
      const auto s = gallery::make_system<T>(static_cast<factor_kind>(kind), n, k, r.bits());
      const auto d = gallery::make_system<T>(factor_kind::well_conditioned, n, 2 * k, r.bits());
      const auto x = make_tensor<T>({n, k}, s.x), y = make_tensor<T>({1, n, n}, s.y),
                 dout = make_tensor<T>({2, n, k}, d.x);
      const auto two = make_tensor<T>({2, n, k}, d.x);
      INFO(gallery::factor_kind_names[kind] << " n = " << n << " k = " << k << " of " << name_of(dtype_of<T>));
      const argument::list shape{{std::int64_t{2}}, {std::int64_t{n}}, {std::int64_t{k}}};
      const bool upper = kind % 2 == 1;
      (void)gradient<T>("cholesky_solve_x_grad", {{dout.view()}, {y.view()}, {shape}, {upper}});
      (void)gradient<T>("cholesky_solve_y_grad", {{dout.view()}, {two.view()}, {y.view()}, {upper}});
    }
  });
}

}  // namespace halfulp::tests
