#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

#include <cfenv>
#include <cmath>
#include <complex>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/midpoint_gradient.hpp>
#include <halfulp/oracle/linalg/gradient.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::kind;

template <class T>
std::vector<component_t<T>> components(const tensor& t) {
  const auto x = components_of<T>(t.view());
  return {x.begin(), x.end()};
}

template <class R>
std::vector<bits_t<R>> bits(const std::vector<R>& x) {
  std::vector<bits_t<R>> b;
  for (const R v : x) b.push_back(to_bits(v));
  return b;
}

/// The kernel's gradient, real before imaginary parts; the oracle must say the same.
template <class T>
std::vector<component_t<T>> gradient_of(const extents& shape, const std::vector<component_t<T>>& dw,
                                        const std::vector<T>& x, const char* uplo = "L") {
  extents w;
  for (int axis = 0; axis + 1 < shape.rank; ++axis) w.push_back(shape[axis]);
  const auto weights = make_tensor<component_t<T>>(w, dw);
  const auto a = make_tensor<T>(shape, x);
  const call c = call_of("eigvalsh_grad", {{weights.view()}, {a.view()}, {std::string(uplo)}});
  const auto got = components<T>(kernels::compute("eigvalsh_grad", c).outputs.at(0));
  CHECK(bits(got) == bits(components<T>(evaluate("eigvalsh_grad", c).at(0).rounded)));
  return got;
}

/// Kernel and oracle on one matrix with random weights, and every rounding decided.
template <class T>
void check_kind(kind k, int n, random_source& r) {
  using R = component_t<T>;
  const std::uint64_t seed = r.bits();
  INFO(name_of(k) << " n = " << n << " of " << name_of(dtype_of<T>) << " seed " << seed);
  std::vector<R> dw;
  for (int i = 0; i < n; ++i) dw.push_back(narrow<R>(r.uniform()));
  const auto x = make_tensor<T>({n, n}, gallery::elements<T>(gallery::make<T>(k, n, seed)));
  const auto w = make_tensor<R>({n}, dw);
  const call c = call_of("eigvalsh_grad", {{w.view()}, {x.view()}});
  const truth t = evaluate("eigvalsh_grad", c).at(0);
  for (const auto& component : t.components) REQUIRE(component.decided);
  CHECK(bits(components<T>(kernels::compute("eigvalsh_grad", c).outputs.at(0))) == bits(components<T>(t.rounded)));
}

template <class F>
void for_each_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::eigvalsh_grad::element_types{});
}

template <class T>
void check_midpoints(int order, random_source& r) {
  const auto c = gallery::midpoint_gradient<T>(order, r.bits());
  CHECK(bits(gradient_of<T>({c.matrix.n, c.matrix.n}, c.weights, gallery::elements<T>(c.matrix))) == bits(c.rounded));
}

}  // namespace

TEST_CASE("eigvalsh_grad: matrices worked out by hand") {
  using floats = std::vector<float>;
  CHECK(gradient_of<float>({1, 1}, {5}, {-3}) == floats{5});
  CHECK(gradient_of<float>({2, 2}, {1, 0}, {2, 1, 1, 2}) == floats{0.5, -0.5, -0.5, 0.5});
  CHECK(gradient_of<float>({2, 2}, {0, 1}, {2, 1, 1, 2}) == floats{0.5, 0.5, 0.5, 0.5});
  CHECK(bits(gradient_of<float>({2, 2}, {-1, 1}, {0, 1, 1, 0})) == bits(floats{0, 1, 1, 0}));
  CHECK(gradient_of<float>({2, 2}, {3, 7}, {4, 0, 0, 1}) == floats{7, 0, 0, 3});
  // (I + (A - I / 2) / (sqrt(5) / 2)) / 2 for A = [[0, 1], [1, 1]]
  const double root = std::sqrt(5.0);
  CHECK(gradient_of<float>({2, 2}, {0, 1}, {0, 1, 1, 1}) ==
        floats{static_cast<float>((1 - 1 / root) / 2), static_cast<float>(1 / root), static_cast<float>(1 / root),
               static_cast<float>((1 + 1 / root) / 2)});
  using c64 = std::complex<float>;
  CHECK(bits(gradient_of<c64>({2, 2}, {0, 1}, {0, {0, -1}, {0, 1}, 0})) ==
        bits(floats{0.5, 0, 0, -0.5, 0, 0.5, 0.5, 0}));
  CHECK(bits(gradient_of<c64>({2, 2}, {0, 1}, {0, {3, -4}, {3, 4}, 0})) ==
        bits(floats{0.5, 0, 0.3F, -0.4F, 0.3F, 0.4F, 0.5, 0}));
}

TEST_CASE("eigvalsh_grad: equal eigenvalues share the mean of their weights") {
  using floats = std::vector<float>;
  CHECK(bits(gradient_of<float>({3, 3}, {1, 2, 6}, {1, 0, 0, 0, 1, 0, 0, 0, 1})) ==
        bits(floats{3, 0, 0, 0, 3, 0, 0, 0, 3}));
  const float third = 1.0F / 3;
  CHECK(bits(gradient_of<float>({3, 3}, {0, 0, 1}, {7, 0, 0, 0, 7, 0, 0, 0, 7})) ==
        bits(floats{third, 0, 0, 0, third, 0, 0, 0, third}));
  // eigenvalues 1, 1, 4: the mean of 0 and 2 on the plane orthogonal to (1, 1, 1), 4 along it
  CHECK(bits(gradient_of<float>({3, 3}, {0, 2, 4}, {2, 1, 1, 1, 2, 1, 1, 1, 2})) ==
        bits(floats{2, 1, 1, 1, 2, 1, 1, 1, 2}));
  // one 2 x 2 block twice, eigenvalues 1, 1, 3, 3
  CHECK(bits(gradient_of<float>({4, 4}, {0, 4, 5, 7}, {2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 2, 1, 0, 0, 1, 2})) ==
        bits(floats{4, 2, 0, 0, 2, 4, 0, 0, 0, 0, 4, 2, 0, 0, 2, 4}));
  // irrational eigenvalues, each twice: (0, 1) and (1, 1) of [[0, 1], [1, 1]], and the same permuted
  const auto g = gradient_of<float>({4, 4}, {0, 2, 3, 5}, {0, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1});
  const double root = std::sqrt(5.0);
  CHECK(g[0] == static_cast<float>(1 + 3 * (1 - 1 / root) / 2));
  CHECK(g[3] == static_cast<float>(3 / root));
  CHECK(g[10] == g[0]);
  CHECK(to_bits(g[1]) == 0);
}

TEST_CASE("eigvalsh_grad: eigenvalues that nearly agree keep their own weights") {
  // they differ by 2 d; the vectors are (1, 1) and (1, -1)
  const float d = 0x1p-24F;
  CHECK(gradient_of<float>({2, 2}, {0, 1}, {1, d, d, 1}) == std::vector<float>{0.5, 0.5, 0.5, 0.5});
  const double e = 0x1p-1074;
  CHECK(gradient_of<double>({2, 2}, {0, 1}, {1, -e, -e, 1}) == std::vector<double>{0.5, -0.5, -0.5, 0.5});
  // a diagonal that decides: 1 and the next number, coupled by less than that
  const auto g = gradient_of<double>({2, 2}, {0, 1}, {1, 0x1p-100, 0x1p-100, 1 + 0x1p-52});
  CHECK(g == std::vector<double>{0x1p-96, 0x1p-48, 0x1p-48, 1});
}

TEST_CASE("eigvalsh_grad: equal weights give a multiple of the identity, exactly") {
  HALFULP_RANDOM(r, 211);
  for (const kind k : {kind::uniform, kind::clustered, kind::wilkinson}) {
    const auto x = gallery::elements<float>(gallery::make<float>(k, 6, r.bits()));
    const auto g = gradient_of<float>({6, 6}, std::vector<float>(6, 0.1F), x);
    for (std::size_t i = 0; i < g.size(); ++i) CHECK(to_bits(g[i]) == to_bits(i % 7 == 0 ? 0.1F : 0.0F));
  }
}

TEST_CASE("eigvalsh_grad: zero weights give +0, and so does -0") {
  CHECK(bits(gradient_of<float>({1, 1}, {-0.0F}, {2})) == bits(std::vector<float>{0}));
  CHECK(bits(gradient_of<float>({2, 2}, {-0.0F, 0}, {2, 1, 1, 3})) == bits(std::vector<float>(4, 0)));
}

TEST_CASE("eigvalsh_grad: exact ties go to even, with rational eigenvectors") {
  HALFULP_RANDOM(r, 223);
  for (std::int64_t times = repeats(3); times > 0; --times)
    for_each_format([&](auto tag) {
      for (const int order : {1, 2}) check_midpoints<typename decltype(tag)::type>(order, r);
    });
}

TEST_CASE("eigvalsh_grad: beside a tie the side decides") {
  const float a = 1, b = 1 + 0x1p-23F, d = 0x1p-80F;  // the mean of the weights is a midpoint
  const float up = 1 + 0x1p-23F;
  CHECK(gradient_of<float>({2, 2}, {a, b}, {0, 1, 1, 0}) == std::vector<float>{1, 0x1p-24F, 0x1p-24F, 1});
  CHECK(gradient_of<float>({2, 2}, {a, b}, {0, 1, 1, d}) == std::vector<float>{1, 0x1p-24F, 0x1p-24F, up});
  CHECK(gradient_of<float>({2, 2}, {a, b}, {0, 1, 1, -d}) == std::vector<float>{up, 0x1p-24F, 0x1p-24F, 1});
}

TEST_CASE("eigvalsh_grad: exact zeros in irrational projectors") {
  // second differences, n = 3: eigenvalues 2 - r, 2, 2 + r, r = sqrt(2); the vector of 2 is (1, 0, -1)
  const std::vector<double> x{2, -1, 0, -1, 2, -1, 0, -1, 2};
  CHECK(bits(gradient_of<double>({3, 3}, {0, 1, 0}, x)) ==
        bits(std::vector<double>{0.5, 0, -0.5, 0, 0, 0, -0.5, 0, 0.5}));
  // r (P_+ - P_-) = A - 2 I, whose diagonal is 0
  const double q = std::sqrt(0.5);
  CHECK(bits(gradient_of<double>({3, 3}, {-1, 0, 1}, x)) == bits(std::vector<double>{0, -q, 0, -q, 0, -q, 0, -q, 0}));
}

TEST_CASE("eigvalsh_grad: a complex matrix that is real but for powers of i has no other parts") {
  using c64 = std::complex<float>;
  // D^H A D for D = diag(1, i, -1): entries 1, 2 and 3 beside the diagonal of A
  const auto g = gradient_of<c64>({3, 3}, {1, 5, 2}, {1, {0, 1}, -2, {0, -1}, 4, {0, 3}, -2, {0, -3}, -1});
  for (std::size_t k = 0; k < 9; ++k) {
    const bool imaginary = k % 3 + k / 3 == 1 || k % 3 + k / 3 == 3;
    CHECK(to_bits(g[2 * k + (imaginary ? 0 : 1)]) == 0);
    CHECK(g[2 * k + (imaginary ? 1 : 0)] != 0);
  }
}

TEST_CASE("eigvalsh_grad: odd and even weights of a bipartite matrix leave a checkerboard of zeros") {
  // far too many conjugates for the general test of equality
  constexpr int n = 20;
  const auto x = gallery::elements<float>(gallery::make<float>(kind::second_difference, n, 0));
  std::vector<float> odd, even;
  for (int k = 0; k < n; ++k) {
    const auto w = static_cast<float>(std::abs(2 * k + 1 - n));
    odd.push_back(2 * k < n ? -w * w : w * w);
    even.push_back(w);
  }
  const auto of_odd = gradient_of<float>({n, n}, odd, x), of_even = gradient_of<float>({n, n}, even, x);
  for (std::size_t k = 0; k < of_odd.size(); ++k) {
    const bool across = (k / n + k % n) % 2 == 1;
    CHECK((to_bits(of_odd[k]) == 0) == !across);
    CHECK((to_bits(of_even[k]) == 0) == across);
  }
}

TEST_CASE("eigvalsh_grad: one triangle is read, and of the diagonal the real parts") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> half{0.5, -0.5, -0.5, 0.5};
  CHECK(gradient_of<float>({2, 2}, {1, 0}, {1, nan, 2, 1}, "L") == half);
  CHECK(gradient_of<float>({2, 2}, {1, 0}, {1, 2, nan, 1}, "U") == half);
  using c64 = std::complex<float>;
  const std::vector<float> want{0.5, 0, 0, 0.5, 0, -0.5, 0.5, 0};
  CHECK(gradient_of<c64>({2, 2}, {1, 0}, {{1, nan}, nan, {0, 1}, {1, 7}}, "L") == want);
  CHECK(gradient_of<c64>({2, 2}, {1, 0}, {{1, nan}, {0, -1}, nan, {1, 7}}, "U") == want);
}

TEST_CASE("eigvalsh_grad: NaN or infinity in x or in dw makes that matrix's gradient NaN, and no other") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float q = canonical_nan<float>(), nan = -std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {nan, inf, -inf}) {
    const auto got =
        gradient_of<float>({4, 2, 2}, {1, 0, 1, 0, bad, 0, 1, 0}, {2, 1, 1, 2, 2, 0, bad, 2, 2, 1, 1, 2, 2, 1, 1, 2});
    CHECK(bits(got) == bits(std::vector<float>{0.5, -0.5, -0.5, 0.5, q, q, q, q, q, q, q, q, 0.5, -0.5, -0.5, 0.5}));
  }
}

TEST_CASE("eigvalsh_grad: empty batches and empty matrices") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}, extents{3, 0, 2, 2}}) {
    extents w;
    for (int axis = 0; axis + 1 < shape.rank; ++axis) w.push_back(shape[axis]);
    const auto x = make_tensor<std::complex<double>>(shape, {});
    const auto dw = make_tensor<double>(w, {});
    const call c = call_of("eigvalsh_grad", {{dw.view()}, {x.view()}});
    const auto dx = kernels::compute("eigvalsh_grad", c).outputs.at(0);
    CHECK(dx.shape() == shape);
    CHECK(dx.type() == dtype::complex128);
    CHECK(evaluate("eigvalsh_grad", c).at(0).components.empty());
  }
}

TEST_CASE("eigvalsh_grad: what eigvalsh refuses is refused, and a dw of another shape or dtype") {
  const auto refused = [](const extents& w, const extents& shape, dtype type = dtype::float32) {
    const tensor dw(type, w), x(dtype::float32, shape);
    return refusal_of("eigvalsh_grad", {{dw.view()}, {x.view()}});
  };
  using Catch::Contains;
  CHECK_THAT(refused({5}, {5, 0}), Contains("square"));
  CHECK_THAT(refused({}, {4}), Contains("at least 2 dimensions"));
  CHECK_THAT(refused({3}, {2, 2}), Contains("dw must have the shape of eigvalsh's result"));
  CHECK_THAT(refused({2, 2}, {2, 2}), Contains("dw must have the shape of eigvalsh's result"));
  CHECK_THAT(refused({0}, {0, 0, 0}), Contains("dw must have the shape of eigvalsh's result"));
  CHECK_THAT(refused({2}, {2, 2}, dtype::float64), Contains("must be of dtype float32"));
  const tensor dw(dtype::float32, {2}), x(dtype::float32, {2, 2});
  CHECK_THAT(refusal_of("eigvalsh_grad", {{dw.view()}, {x.view()}, {std::string("X")}}),
             Contains("must be \"L\" or \"U\""));
}

TEST_CASE("eigvalsh_grad: every kind of the gallery in every format, kernel and oracle alike") {
  HALFULP_RANDOM(r, 227);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t k = 0; k < gallery::kind_names.size(); ++k)
      for (const int n : {0, 1, 2, 5}) check_kind<T>(static_cast<kind>(k), n, r);
  });
}

TEST_CASE("eigvalsh_grad: random matrices of size 24, float32 and float64") {
  HALFULP_RANDOM(r, 229);
  check_kind<float>(kind::uniform, 24, r);
  check_kind<double>(kind::uniform, 24, r);
}

TEST_CASE("eigvalsh_grad: a batch has the bits of its matrices one by one") {
  HALFULP_RANDOM(r, 233);
  constexpr int n = 5, batch = 4;
  std::vector<float> all, weights, one_by_one;
  for (int k = 0; k < batch; ++k) {
    const auto x =
        gallery::elements<float>(gallery::make<float>(k % 2 == 0 ? kind::uniform : kind::clustered, n, r.bits()));
    std::vector<float> dw;
    for (int i = 0; i < n; ++i) dw.push_back(static_cast<float>(r.uniform()));
    all.insert(all.end(), x.begin(), x.end());
    weights.insert(weights.end(), dw.begin(), dw.end());
    const auto g = gradient_of<float>({n, n}, dw, x);
    one_by_one.insert(one_by_one.end(), g.begin(), g.end());
  }
  CHECK(bits(gradient_of<float>({2, batch / 2, n, n}, weights, all)) == bits(one_by_one));
}

TEST_CASE("eigvalsh_grad: the caller's rounding mode has no influence, and is put back") {
  const auto x = gallery::elements<float>(gallery::make<float>(kind::graded_reversed, 6, 5));
  const std::vector<float> dw{1, -2, 3, 0.1F, 0.2F, 0.3F};
  const auto want = bits(gradient_of<float>({6, 6}, dw, x));
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const auto got = bits(gradient_of<float>({6, 6}, dw, x));
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(got == want);
    CHECK(after == mode);
  }
}

}  // namespace halfulp::tests
