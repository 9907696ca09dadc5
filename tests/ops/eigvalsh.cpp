#include <halfulp/oracle/ops/eigvalsh.hpp>

#include <cfenv>
#include <cmath>
#include <complex>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/oracle/real/real.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::kind;

template <class T>
std::vector<component_t<T>> eigenvalues_of(const extents& shape, const std::vector<T>& x, const char* uplo = "L") {
  const auto a = make_tensor<T>(shape, x);
  const call c = call_of("eigvalsh", {{a.view()}, {std::string(uplo)}});
  (void)bits_of_output<component_t<T>>("eigvalsh", c);  // kernel and oracle agree bit for bit
  return values_of<component_t<T>>(kernels::compute("eigvalsh", c).outputs.at(0));
}

template <class T>
std::vector<component_t<T>> eigenvalues_of(const linalg::hermitian_matrix& a) {
  return eigenvalues_of<T>(extents{a.n, a.n}, gallery::elements<T>(a));
}

template <class R>
std::vector<bits_t<R>> bits(const std::vector<R>& x) {
  std::vector<bits_t<R>> b;
  for (const R v : x) b.push_back(to_bits(v));
  return b;
}

/// Kernel and oracle on one kind of matrix, and every rounding decided.
template <class T>
void check_kind(kind k, int n, std::uint64_t seed) {
  INFO(name_of(k) << " n = " << n << " of " << name_of(dtype_of<T>) << " seed " << seed);
  const auto a = gallery::make<T>(k, n, seed);
  const auto x = make_tensor<T>({n, n}, gallery::elements<T>(a));
  const call c = call_of("eigvalsh", {{x.view()}});
  (void)bits_of_output<component_t<T>>("eigvalsh", c);
  for (const auto& component : evaluate("eigvalsh", c).at(0).components) CHECK(component.decided);
}

template <class T>
void check_near_midpoints(std::int64_t count, std::uint64_t seed) {
  int ties = 0, near_ties = 0;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto c = gallery::near_midpoint<T>(static_cast<int>(k % 4), k % 3 != 0, seed + static_cast<std::uint64_t>(k));
    CHECK(bits(eigenvalues_of<T>(c.matrix)) == bits(c.rounded));
    ties += c.ties;
    near_ties += c.near_ties;
  }
  CHECK(ties > count / 4);
  CHECK(near_ties > count / 4);
}

template <class F>
void for_each_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::eigvalsh::element_types{});
}

}  // namespace

TEST_CASE("eigvalsh: matrices worked out by hand") {
  using floats = std::vector<float>;
  CHECK(eigenvalues_of<float>({1, 1}, {-3}) == floats{-3});
  CHECK(eigenvalues_of<float>({2, 2}, {2, 1, 1, 2}) == floats{1, 3});
  CHECK(eigenvalues_of<float>({2, 2}, {0, 1, 1, 0}) == floats{-1, 1});
  CHECK(eigenvalues_of<float>({3, 3}, {2, -1, 0, -1, 2, -1, 0, -1, 2}) ==
        floats{2 - std::sqrt(2.0F), 2, static_cast<float>(2 + std::sqrt(2.0))});
  using c64 = std::complex<float>;
  CHECK(eigenvalues_of<c64>({2, 2}, {2, {0, -1}, {0, 1}, 2}) == floats{1, 3});
  CHECK(eigenvalues_of<c64>({2, 2}, {0, {3, -4}, {3, 4}, 0}) == floats{-5, 5});
}

TEST_CASE("eigvalsh: one triangle is read, and of the diagonal the real parts") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(eigenvalues_of<float>({2, 2}, {1, 99, 2, 1}, "L") == std::vector<float>{-1, 3});
  CHECK(eigenvalues_of<float>({2, 2}, {1, 99, 2, 1}, "U") == std::vector<float>{-98, 100});
  CHECK(eigenvalues_of<float>({2, 2}, {1, nan, 2, 1}, "l") == std::vector<float>{-1, 3});
  CHECK(eigenvalues_of<float>({2, 2}, {1, 2, nan, 1}, "u") == std::vector<float>{-1, 3});
  using c64 = std::complex<float>;
  CHECK(eigenvalues_of<c64>({2, 2}, {{1, nan}, nan, {3, 4}, {1, 7}}) == std::vector<float>{-4, 6});
  // the two triangles of a complex matrix: conjugates of each other, so that i and -i make a difference in size 3
  const std::vector<c64> lower{0, 9, 9, {1, 1}, 0, 9, {0, 1}, {2, -1}, 0},
      upper{0, {1, -1}, {0, -1}, 9, 0, {2, 1}, 9, 9, 0};
  CHECK(eigenvalues_of<c64>({3, 3}, lower, "L") == eigenvalues_of<c64>({3, 3}, upper, "U"));
  const std::vector<c64> conjugate{0, {1, 1}, {0, -1}, 9, 0, {2, 1}, 9, 9, 0};
  CHECK(eigenvalues_of<c64>({3, 3}, lower, "L") != eigenvalues_of<c64>({3, 3}, conjugate, "U"));
}

TEST_CASE("eigvalsh: an exact zero is +0, a result that underflows keeps its sign") {
  CHECK(bits(eigenvalues_of<float>({2, 2}, {1, 1, 1, 1})) == bits(std::vector<float>{0, 2}));
  CHECK(bits(eigenvalues_of<float>({2, 2}, {-1, -1, -1, -1})) == bits(std::vector<float>{-2, 0}));
  CHECK(bits(eigenvalues_of<double>({3, 3}, std::vector<double>(9, -0.0))) == bits(std::vector<double>(3, 0)));
  const float least = std::numeric_limits<float>::denorm_min();
  // the small eigenvalue is -least^2 to first order
  CHECK(bits(eigenvalues_of<float>({2, 2}, {0, least, least, 1})) == bits(std::vector<float>{-0.0F, 1}));
  CHECK(bits(eigenvalues_of<float>({2, 2}, {0, least, least, -1})) == bits(std::vector<float>{-1, 0}));
  CHECK(eigenvalues_of<float>({2, 2}, {least, least, least, least}) == std::vector<float>{0, 2 * least});
}

TEST_CASE("eigvalsh: ties go to even, and only the result overflows") {
  const auto halves = [](std::vector<double> x) {
    std::vector<float16> h;
    for (const double v : x) h.push_back(narrow<float16>(v));
    return h;
  };
  // 2047 + 2 = 2049 lies between 2048 and 2050; 2047 + 4 = 2051 between 2050 and 2052
  CHECK(eigenvalues_of<float16>({2, 2}, halves({2047, 2, 2, 2047})) == halves({2045, 2048}));
  CHECK(eigenvalues_of<float16>({2, 2}, halves({2047, 4, 4, 2047})) == halves({2043, 2052}));
  // 65504 + 16 is the midpoint to 2^16, which overflows
  CHECK(eigenvalues_of<float16>({2, 2}, halves({65504, 16, 16, 65504})) ==
        halves({65504 - 16, std::numeric_limits<double>::infinity()}));
  CHECK(eigenvalues_of<float16>({2, 2}, halves({65504, 15, 15, 65504})) == halves({65504 - 15, 65504}));
  const double huge = std::numeric_limits<double>::max();
  CHECK(eigenvalues_of<double>({2, 2}, {huge, huge, huge, huge}) ==
        std::vector<double>{0, std::numeric_limits<double>::infinity()});
}

TEST_CASE("eigvalsh: a NaN or an infinity makes all eigenvalues of its matrix NaN, and of no other") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const float nan = -std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {nan, inf, -inf}) {
    const auto got = eigenvalues_of<float>({3, 2, 2}, {2, 1, 1, 2, 2, 0, bad, 2, 0, 1, 1, 0});
    const float q = canonical_nan<float>();
    CHECK(bits(got) == bits(std::vector<float>{1, 3, q, q, -1, 1}));
  }
}

TEST_CASE("eigvalsh: a NaN or an infinity in any place that is read, and in none that is not, in every format") {
  for_each_format([](auto tag) {
    using T = typename decltype(tag)::type;
    using R = component_t<T>;
    constexpr int n = 3;
    for (const R bad : {canonical_nan<R>(), infinity_of<R>(false), infinity_of<R>(true)}) {
      for (int place = 0; place < n * n * (is_complex<T> ? 2 : 1); ++place) {
        const int row = place / n % n, column = place % n;
        const bool imaginary = place >= n * n;
        std::vector<T> x(static_cast<std::size_t>(n * n), T(narrow<R>(0.0)));
        T& entry = x[static_cast<std::size_t>(row * n + column)];
        if constexpr (is_complex<T>) {
          entry = imaginary ? T(0, bad) : T(bad, 0);
        } else {
          entry = bad;
        }
        const bool read = row > column || (row == column && !imaginary);
        INFO(name_of(dtype_of<T>) << " place " << place);
        CHECK(bits(eigenvalues_of<T>({n, n}, x)) ==
              bits(std::vector<R>(n, read ? canonical_nan<R>() : zero_of<R>(false))));
      }
    }
  });
}

TEST_CASE("eigvalsh: empty batches and empty matrices") {
  for (const extents& shape : {extents{0, 0}, extents{0, 5, 5}, extents{2, 0, 0}, extents{3, 0, 2, 2}}) {
    const auto x = make_tensor<std::complex<float>>(shape, {});
    const auto w = kernels::compute("eigvalsh", call_of("eigvalsh", {{x.view()}})).outputs.at(0);
    extents want;
    for (int axis = 0; axis + 1 < shape.rank; ++axis) want.push_back(shape[axis]);
    CHECK(w.shape() == want);
    CHECK(w.type() == dtype::float32);
  }
}

TEST_CASE("eigvalsh: what is no batch of square matrices is refused, and an unknown triangle") {
  const auto refused = [](const extents& shape) {
    const tensor x(dtype::float32, shape);
    return refusal_of("eigvalsh", {{x.view()}});
  };
  CHECK(refused({}).find("at least 2 dimensions") != std::string::npos);
  CHECK(refused({4}).find("at least 2 dimensions") != std::string::npos);
  CHECK(refused({5, 0}).find("square") != std::string::npos);
  CHECK(refused({2, 0, 5}).find("square") != std::string::npos);
  CHECK(refused({2, 3, 4}).find("square") != std::string::npos);
  const tensor x(dtype::float32, {2, 2}), integers(dtype::int32, {2, 2});
  CHECK(refusal_of("eigvalsh", {{x.view()}, {std::string("X")}}).find("must be \"L\" or \"U\"") != std::string::npos);
  CHECK(!refusal_of("eigvalsh", {{integers.view()}}).empty());
}

TEST_CASE("eigvalsh: every kind of the gallery in every format, kernel and oracle alike") {
  HALFULP_RANDOM(r, 71);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t k = 0; k < gallery::kind_names.size(); ++k)
      for (const int n : {0, 1, 2, 7}) check_kind<T>(static_cast<kind>(k), n, r.bits());
  });
}

TEST_CASE("eigvalsh: every kind of the gallery at a size from 8 to 32") {
  HALFULP_RANDOM(r, 101);
  for (std::int64_t times = repeats(1); times > 0; --times)
    for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) {
      const auto n = static_cast<int>(r.between(8, 32));
      check_kind<float>(static_cast<kind>(k), n, r.bits());
      check_kind<std::complex<double>>(static_cast<kind>(k), static_cast<int>(r.between(8, 32)), r.bits());
    }
}

TEST_CASE("eigvalsh: prescribed spectra, hidden by exact similarities") {
  HALFULP_RANDOM(r, 103);
  for (std::int64_t times = repeats(2); times > 0; --times)
    for_each_format([&](auto tag) {
      using T = typename decltype(tag)::type;
      for (int s = 0; s < gallery::spectrum_count; ++s) {
        const auto n = static_cast<int>(r.between(0, 12));
        const auto c = gallery::prescribed<T>(static_cast<gallery::spectrum>(s), n, r.bits());
        INFO(name_of(dtype_of<T>) << " spectrum " << s << " n = " << n);
        CHECK(bits(eigenvalues_of<T>(c.matrix)) == bits(c.rounded));
      }
    });
}

TEST_CASE("eigvalsh: LAPACK's diagonal types have their diagonals for eigenvalues") {
  for_each_format([&](auto tag) {
    using R = component_t<typename decltype(tag)::type>;
    for (int type = 1; type <= 7; ++type) {
      const auto k = static_cast<kind>(static_cast<int>(kind::lapack_1) + type - 1);
      const auto a = gallery::make<typename decltype(tag)::type>(k, 9, 3);
      std::vector<double> d;
      for (int i = 0; i < a.n; ++i) d.push_back(a.real[a.at(i, i)]);
      std::sort(d.begin(), d.end());
      std::vector<R> want;
      for (const double x : d) want.push_back(narrow<R>(x));
      INFO(name_of(k));
      CHECK(bits(eigenvalues_of<typename decltype(tag)::type>(a)) == bits(want));
    }
  });
}

TEST_CASE("eigvalsh: the eigenvalues of difference operators are squares of sines") {
  // second_difference: 4 sin(k pi / (2 n + 2))^2; frank: 1 / (4 sin((2 k - 1) pi / (4 n + 2))^2), k = n .. 1
  const auto four_squared_sines = [](int numerator, int denominator) {
    real x = make_real(256);
    mpfr_const_pi(raw(x), MPFR_RNDN);
    mpfr_mul_si(raw(x), raw(x), numerator, MPFR_RNDN);
    mpfr_div_si(raw(x), raw(x), denominator, MPFR_RNDN);
    mpfr_sin(raw(x), raw(x), MPFR_RNDN);
    mpfr_sqr(raw(x), raw(x), MPFR_RNDN);
    mpfr_mul_si(raw(x), raw(x), 4, MPFR_RNDN);
    return x;
  };
  for (const int n : {3, 7, 12}) {
    std::vector<double> differences, inverses;
    for (int k = 1; k <= n; ++k) {
      const bool rational = k * 3 == n + 1 || k * 2 == n + 1 || k * 3 == 2 * (n + 1);  // 1, 2, 3
      const real x = four_squared_sines(k, 2 * n + 2);
      differences.push_back(rational ? std::round(mpfr_get_d(raw(x), MPFR_RNDN)) : mpfr_get_d(raw(x), MPFR_RNDN));
      real y = four_squared_sines(2 * (n + 1 - k) - 1, 4 * n + 2);
      mpfr_ui_div(raw(y), 1, raw(y), MPFR_RNDN);
      inverses.push_back(mpfr_get_d(raw(y), MPFR_RNDN));
    }
    CHECK(bits(eigenvalues_of<double>(gallery::make<double>(kind::second_difference, n, 0))) == bits(differences));
    CHECK(bits(eigenvalues_of<double>(gallery::make<double>(kind::frank, n, 0))) == bits(inverses));
  }
}

TEST_CASE("eigvalsh: a NaN or an infinity in any place of the triangle that is read, and in none of the other") {
  constexpr int n = 4;
  const auto a = gallery::elements<double>(gallery::make<double>(kind::uniform, n, 1));
  const auto want = bits(eigenvalues_of<double>({n, n}, a));
  const auto nans = bits(std::vector<double>(n, canonical_nan<double>()));
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()})
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        auto x = a;
        x[static_cast<std::size_t>(n * i + j)] = bad;
        CHECK(bits(eigenvalues_of<double>({n, n}, x, "L")) == (i >= j ? nans : want));
        CHECK(bits(eigenvalues_of<double>({n, n}, x, "U")) == (i <= j ? nans : want));
      }
}

// The cases of the table of peers: torch, Paddle and Eigen lose up to 1e28 ULP on them.
TEST_CASE("eigvalsh: random matrices of size 8 and 128, float32 and float64") {
  for (const int n : {8, 128}) {
    check_kind<float>(kind::uniform, n, 1);
    check_kind<double>(kind::uniform, n, 2);
  }
}
TEST_CASE("eigvalsh: a graded positive definite matrix, float32 and float64") {
  check_kind<float>(kind::graded, 8, 3);
  check_kind<double>(kind::graded, 8, 4);
}
TEST_CASE("eigvalsh: a graded positive definite matrix from small to large, float32 and float64") {
  check_kind<float>(kind::graded_reversed, 8, 5);
  check_kind<double>(kind::graded_reversed, 8, 6);
}
TEST_CASE("eigvalsh: the Hilbert matrix of size 12, float32 and float64") {
  check_kind<float>(kind::hilbert, 12, 0);
  check_kind<double>(kind::hilbert, 12, 0);
}

TEST_CASE("eigvalsh: eigenvalues on a rounding midpoint and within a relative 2^-60 of one") {
  HALFULP_RANDOM(r, 73);
  const auto count = repeats(48);
  for_each_format([&](auto tag) { check_near_midpoints<typename decltype(tag)::type>(count, r.bits()); });
}

TEST_CASE("eigvalsh: an eigenvalue on a midpoint beside one that is off it by a relative 2^-187") {
  const float a = 0x1p24F - 1, b = 2, t = 0x1p-70F;
  // a + b = 2^24 + 1 twice; the second is coupled to 0, which moves it up by 2 t^2 / (a + b)
  const std::vector<float> x{a, b, 0, 0, 0,  //
                             b, a, 0, 0, 0,  //
                             0, 0, a, b, t,  //
                             0, 0, b, a, t,  //
                             0, 0, t, t, 0};
  CHECK(bits(eigenvalues_of<float>({5, 5}, x)) == bits(std::vector<float>{-0.0F, a - b, a - b, 0x1p24F, 0x1p24F + 2}));
}

TEST_CASE("eigvalsh: a batch has the bits of its matrices one by one") {
  HALFULP_RANDOM(r, 79);
  constexpr int n = 9, batch = 6;
  std::vector<float> all;
  std::vector<float> one_by_one;
  for (int k = 0; k < batch; ++k) {
    const auto a = gallery::make<float>(k % 2 == 0 ? kind::uniform : kind::clustered, n, r.bits());
    const auto x = gallery::elements<float>(a);
    all.insert(all.end(), x.begin(), x.end());
    const auto w = eigenvalues_of<float>({n, n}, x);
    one_by_one.insert(one_by_one.end(), w.begin(), w.end());
  }
  CHECK(bits(eigenvalues_of<float>({2, batch / 2, n, n}, all)) == bits(one_by_one));
}

// torch on a GPU returned 256 wrong matrices of 512.
TEST_CASE("eigvalsh: 512 matrices of complex64 in a batch have the bits of each alone") {
  HALFULP_RANDOM(r, 83);
  constexpr int n = 4, batch = 512;
  std::vector<std::complex<float>> all;
  std::vector<float> one_by_one;
  for (int k = 0; k < batch; ++k) {
    const auto x =
        gallery::elements<std::complex<float>>(gallery::make<std::complex<float>>(kind::uniform, n, r.bits()));
    all.insert(all.end(), x.begin(), x.end());
    const auto w = eigenvalues_of<std::complex<float>>({n, n}, x);
    one_by_one.insert(one_by_one.end(), w.begin(), w.end());
  }
  CHECK(bits(eigenvalues_of<std::complex<float>>({batch, n, n}, all)) == bits(one_by_one));
}

TEST_CASE("eigvalsh: the caller's rounding mode has no influence, and is put back") {
  const auto a = gallery::make<float>(kind::graded_reversed, 12, 5);
  const auto want = bits(eigenvalues_of<float>(a));
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const auto got = bits(eigenvalues_of<float>(a));
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(got == want);
    CHECK(after == mode);
  }
}

}  // namespace halfulp::tests
