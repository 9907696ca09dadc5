#include <halfulp/oracle/ops/eigvals_grad.hpp>

#include <cfenv>
#include <cmath>
#include <complex>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/analysis/cases/gallery/known_gradient.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::general_kind;
using c64 = std::complex<float>;
using c128 = std::complex<double>;

template <class T>
using weight_t = op::eigvals_grad::weight_t<T>;

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
std::vector<component_t<T>> gradient_of(const extents& shape, const std::vector<weight_t<T>>& dw,
                                        const std::vector<T>& x) {
  extents w;
  for (int axis = 0; axis + 1 < shape.rank; ++axis) w.push_back(shape[axis]);
  const auto weights = make_tensor<weight_t<T>>(w, dw);
  const auto a = make_tensor<T>(shape, x);
  const call c = call_of("eigvals_grad", {{weights.view()}, {a.view()}});
  const auto got = components<T>(kernels::compute("eigvals_grad", c).outputs.at(0));
  CHECK(bits(got) == bits(components<T>(evaluate("eigvals_grad", c).at(0).rounded)));
  return got;
}

template <class T>
std::vector<weight_t<T>> random_weights(int n, random_source& r) {
  using P = typename weight_t<T>::value_type;
  std::vector<weight_t<T>> w;
  for (int k = 0; k < n; ++k) {
    const P re = narrow<P>(r.uniform());
    w.emplace_back(re, narrow<P>(r.uniform()));
  }
  return w;
}

/// Kernel and oracle on one matrix with random weights, and every rounding decided.
template <class T>
void check_kind(general_kind k, int n, random_source& r) {
  const std::uint64_t seed = r.bits();
  INFO(name_of(k) << " n = " << n << " of " << name_of(dtype_of<T>) << " seed " << seed);
  const auto x = make_tensor<T>({n, n}, gallery::elements<T>(gallery::make<T>(k, n, seed)));
  const auto w = make_tensor<weight_t<T>>({n}, random_weights<T>(n, r));
  const call c = call_of("eigvals_grad", {{w.view()}, {x.view()}});
  const truth t = evaluate("eigvals_grad", c).at(0);
  for (const auto& component : t.components) CHECK(component.decided);
  CHECK(bits(components<T>(kernels::compute("eigvals_grad", c).outputs.at(0))) == bits(components<T>(t.rounded)));
}

template <class F>
void for_each_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::eigvals_grad::element_types{});
}

template <class T>
int check_known(gallery::general_spectrum s, int n, random_source& r) {
  const std::uint64_t seed = r.bits();
  INFO("spectrum " << static_cast<int>(s) << " n = " << n << " of " << name_of(dtype_of<T>) << " seed " << seed);
  const auto c = gallery::known_gradient<T>(s, n, seed);
  CHECK(bits(gradient_of<T>({n, n}, c.weights, gallery::elements<T>(c.matrix))) == bits(c.rounded));
  return c.ties;
}

}  // namespace

TEST_CASE("eigvals_grad: matrices worked out by hand") {
  using floats = std::vector<float>;
  CHECK(gradient_of<float>({1, 1}, {{5, 2}}, {-3}) == floats{5});
  CHECK(gradient_of<c64>({1, 1}, {{5, 2}}, {{-3, 1}}) == floats{5, 2});
  CHECK(gradient_of<float>({2, 2}, {1, 0}, {2, 1, 1, 2}) == floats{0.5, -0.5, -0.5, 0.5});
  // P_1 = [[1, -1], [0, 0]], P_2 = [[0, 1], [0, 1]], and the gradient is the transpose
  CHECK(bits(gradient_of<float>({2, 2}, {1, 0}, {1, 1, 0, 2})) == bits(floats{1, 0, -1, 0}));
  CHECK(bits(gradient_of<float>({2, 2}, {0, 1}, {1, 1, 0, 2})) == bits(floats{0, 0, 1, 1}));
  CHECK(bits(gradient_of<float>({2, 2}, {3, 7}, {1, 1, 0, 2})) == bits(floats{3, 0, 4, 7}));
  // (A - l_2) / (l_1 - l_2) for A = [[0, 1], [1, 1]]; irrational
  const double root = std::sqrt(5.0);
  CHECK(gradient_of<float>({2, 2}, {0, 1}, {0, 1, 1, 1}) ==
        floats{static_cast<float>((1 - 1 / root) / 2), static_cast<float>(1 / root), static_cast<float>(1 / root),
               static_cast<float>((1 + 1 / root) / 2)});
}

TEST_CASE("eigvals_grad: a rotation, whose eigenvalues are i and -i") {
  using floats = std::vector<float>;
  // sqrt(-b c) is the imaginary part for [[0, b], [c, 0]], the mean of a and d the real one
  CHECK(bits(gradient_of<float>({2, 2}, {1, 0}, {0, -1, 1, 0})) == bits(floats{0.5, 0, 0, 0.5}));
  CHECK(bits(gradient_of<float>({2, 2}, {c64(0, 1), 0}, {0, -1, 1, 0})) == bits(floats{0, -0.5, 0.5, 0}));
  CHECK(bits(gradient_of<float>({2, 2}, {0, c64(0, 1)}, {0, -1, 1, 0})) == bits(floats{0, 0.5, -0.5, 0}));
  // of a complex matrix with the same entries: y x^H for x = (1, -i), y = (1, -i) / 2
  CHECK(bits(gradient_of<c64>({2, 2}, {1, 0}, {0, -1, 1, 0})) == bits(floats{0.5, 0, 0, 0.5, 0, -0.5, 0.5, 0}));
}

TEST_CASE("eigvals_grad: equal eigenvalues share the mean of their weights, defective or not") {
  using floats = std::vector<float>;
  CHECK(bits(gradient_of<float>({2, 2}, {2, 4}, {1, 0, 0, 1})) == bits(floats{3, 0, 0, 3}));
  CHECK(bits(gradient_of<float>({2, 2}, {2, 4}, {1, 1, 0, 1})) == bits(floats{3, 0, 0, 3}));
  CHECK(bits(gradient_of<float>({3, 3}, {1, 3, 5}, {1, 1, 1, 0, 1, 0, 0, 0, 2})) ==
        bits(floats{2, 0, 0, 0, 2, 0, 3, 0, 5}));
  const float third = 1.0F / 3;
  CHECK(bits(gradient_of<float>({3, 3}, {0, 0, 1}, {7, 1, 0, 0, 7, 1, 0, 0, 7})) ==
        bits(floats{third, 0, 0, 0, third, 0, 0, 0, third}));
  // an eigenvalue and the next one agree when rounded to float32: complex64 has no more to tell them apart by
  const auto g = gradient_of<c64>({2, 2}, {0, 2}, {{1, 0x1p-80F}, 0, 1, {1, 0x1.8p-80F}});
  CHECK(g[0] != 1);
  const auto h = gradient_of<float>({2, 2}, {0, 2}, {1, 0x1p-60F, 0x1p-60F, 1});
  CHECK(bits(h) == bits(floats{1, 0, 0, 1}));
}

TEST_CASE("eigvals_grad: equal weights give a multiple of the identity, exactly") {
  HALFULP_RANDOM(r, 311);
  for (const general_kind k : {general_kind::uniform, general_kind::grcar, general_kind::jordan}) {
    const auto x = gallery::elements<c64>(gallery::make<c64>(k, 6, r.bits()));
    const auto g = gradient_of<c64>({6, 6}, std::vector<c64>(6, {0.1F, -0.2F}), x);
    for (std::size_t i = 0; i < g.size(); ++i) {
      const float want = i / 2 % 7 != 0 ? 0.0F : i % 2 == 0 ? 0.1F : -0.2F;
      CHECK(to_bits(g[i]) == to_bits(want));
    }
  }
}

TEST_CASE("eigvals_grad: a matrix whose entries span the exponent range") {
  // the eigenvalues of [[1, b], [c, 1]] are 1 -+ sqrt(b c); here b c = 1
  const auto g = gradient_of<double>({2, 2}, {0, 1}, {1, 0x1p1000, 0x1p-1000, 1});
  CHECK(g == std::vector<double>{0.5, 0x1p-1001, 0x1p999, 0.5});
}

TEST_CASE("eigvals_grad: gradients known by exact similarities, ties and defective matrices among them") {
  HALFULP_RANDOM(r, 313);
  int ties = 0;
  for (std::int64_t times = repeats(2); times > 0; --times)
    for_each_format([&](auto tag) {
      for (int s = 0; s < gallery::general_spectrum_count; ++s)
        for (const int n : {2, 3, 5, 7})
          ties += check_known<typename decltype(tag)::type>(static_cast<gallery::general_spectrum>(s), n, r);
    });
  CHECK(ties > 20);
}

TEST_CASE("eigvals_grad: every kind of the gallery in every format, kernel and oracle alike") {
  HALFULP_RANDOM(r, 317);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t k = 0; k < gallery::general_kind_names.size(); ++k)
      for (const int n : {0, 1, 2, 5}) check_kind<T>(static_cast<general_kind>(k), n, r);
  });
}

TEST_CASE("eigvals_grad: random matrices of size 16, float32 and float64") {
  HALFULP_RANDOM(r, 331);
  check_kind<float>(general_kind::uniform, 16, r);
  check_kind<double>(general_kind::uniform, 16, r);
}

TEST_CASE("eigvals_grad: NaN or infinity in x or in dw makes that matrix's gradient NaN, and no other") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float q = canonical_nan<float>(), nan = -std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {nan, inf, -inf}) {
    const std::vector<c64> dw{1, 0, 1, 0, {0, bad}, 0, 1, 0};
    const auto got = gradient_of<float>({4, 2, 2}, dw, {1, 1, 0, 2, 2, 0, bad, 2, 1, 1, 0, 2, 1, 1, 0, 2});
    CHECK(bits(got) == bits(std::vector<float>{1, 0, -1, 0, q, q, q, q, q, q, q, q, 1, 0, -1, 0}));
  }
}

TEST_CASE("eigvals_grad: empty batches and empty matrices") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}, extents{3, 0, 2, 2}}) {
    extents w;
    for (int axis = 0; axis + 1 < shape.rank; ++axis) w.push_back(shape[axis]);
    const auto x = make_tensor<double>(shape, {});
    const auto dw = make_tensor<c128>(w, {});
    const call c = call_of("eigvals_grad", {{dw.view()}, {x.view()}});
    const auto dx = kernels::compute("eigvals_grad", c).outputs.at(0);
    CHECK(dx.shape() == shape);
    CHECK(dx.type() == dtype::float64);
    CHECK(evaluate("eigvals_grad", c).at(0).components.empty());
  }
}

TEST_CASE("eigvals_grad: what eigvals refuses is refused, and a dw of another shape or dtype") {
  const auto refused = [](const extents& w, const extents& shape, dtype type = dtype::complex64) {
    const tensor dw(type, w), x(dtype::float32, shape);
    return refusal_of("eigvals_grad", {{dw.view()}, {x.view()}});
  };
  using Catch::Contains;
  CHECK_THAT(refused({5}, {5, 0}), Contains("square"));
  CHECK_THAT(refused({}, {4}), Contains("at least 2 dimensions"));
  CHECK_THAT(refused({3}, {2, 2}), Contains("dw must have the shape of eigvals's result"));
  CHECK_THAT(refused({2, 2}, {2, 2}), Contains("dw must have the shape of eigvals's result"));
  CHECK_THAT(refused({2}, {2, 2}, dtype::float32), Contains("must be of dtype complex64"));
  CHECK_THAT(refused({2}, {2, 2}, dtype::complex128), Contains("must be of dtype complex64"));
}

TEST_CASE("eigvals_grad: a batch has the bits of its matrices one by one") {
  HALFULP_RANDOM(r, 337);
  constexpr int n = 4, batch = 4;
  std::vector<float> all, one_by_one;
  std::vector<c64> weights;
  for (int k = 0; k < batch; ++k) {
    const auto x = gallery::elements<float>(
        gallery::make<float>(k % 2 == 0 ? general_kind::uniform : general_kind::frank, n, r.bits()));
    const auto dw = random_weights<float>(n, r);
    all.insert(all.end(), x.begin(), x.end());
    weights.insert(weights.end(), dw.begin(), dw.end());
    const auto g = gradient_of<float>({n, n}, dw, x);
    one_by_one.insert(one_by_one.end(), g.begin(), g.end());
  }
  CHECK(bits(gradient_of<float>({2, batch / 2, n, n}, weights, all)) == bits(one_by_one));
}

TEST_CASE("eigvals_grad: the caller's rounding mode has no influence, and is put back") {
  const auto x = gallery::elements<float>(gallery::make<float>(general_kind::grcar, 5, 5));
  const std::vector<c64> dw{1, {0, 2}, 3, 0.1F, {-0.2F, 1}};
  const auto want = bits(gradient_of<float>({5, 5}, dw, x));
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const auto got = bits(gradient_of<float>({5, 5}, dw, x));
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(got == want);
    CHECK(after == mode);
  }
}

}  // namespace halfulp::tests
