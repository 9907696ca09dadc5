#include <halfulp/oracle/linalg/general_eigenvalues.hpp>

#include <cmath>
#include <optional>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/oracle/linalg/general_bounds.hpp>

#include "general_referee.hpp"
#include "random.hpp"

namespace halfulp::tests {
namespace {

using gallery::general_kind;
using linalg::question;

template <class T>
auto decided_eigenvalues(const linalg::square_matrix& a, question what = question::rounding) {
  auto values = linalg::general_eigenvalues<op::eigvals::part_t<T>>(a, what);
  CHECK(values.size() == static_cast<std::size_t>(a.n));
  for (const auto& v : values) CHECK(v.decided());
  return values;
}

template <class R>
std::vector<std::complex<R>> roundings(const std::vector<linalg::complex_eigenvalue<R>>& values) {
  std::vector<std::complex<R>> w;
  for (const auto& v : values) w.emplace_back(v.re.rounded, v.im.rounded);
  return w;
}

template <class R>
bool same_bits(std::complex<R> x, std::complex<R> y) {
  return to_bits(x.real()) == to_bits(y.real()) && to_bits(x.imag()) == to_bits(y.imag());
}

/// Whether every number of `some` is in `all`, as often.
template <class R>
bool contains(std::vector<std::complex<R>> all, const std::vector<std::complex<R>>& some) {
  for (const auto& x : some) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& y) { return same_bits(x, y); });
    if (at == all.end()) return false;
    all.erase(at);
  }
  return true;
}

template <class T>
void check_prescribed(gallery::general_spectrum s, int n, std::uint64_t seed) {
  INFO(name_of(dtype_of<T>) << " spectrum " << static_cast<int>(s) << " n = " << n << " seed " << seed);
  const auto c = gallery::prescribed<T>(s, n, seed);
  const auto got = roundings(decided_eigenvalues<T>(c.matrix));
  CHECK(std::equal(got.begin(), got.end(), c.rounded.begin(), c.rounded.end(),
                   [](auto x, auto y) { return same_bits(x, y); }));
}

/// The rounding that a ball of Arb gives; 0 of one that holds 0, as those of imaginary parts of real eigenvalues do.
template <class R>
std::optional<R> rounding_of(const enclosure& ball) {
  if (ball.contains_zero()) return zero_of<R>(false);
  const decision<R> d = decide<R>(ball);
  return d.decided() ? std::optional(d.value()) : std::nullopt;
}

/// Every eigenvalue as Arb's balls round, from as many bits as it takes; none where it gives up.
template <class R>
std::vector<std::complex<R>> arb_roundings(const linalg::square_matrix& a) {
  for (long bits = 256; bits <= 2048; bits *= 2) {
    std::vector<std::complex<R>> w;
    for (const auto& ball : arb_general_eigenvalues(a, bits)) {
      const auto re = rounding_of<R>(ball.re), im = rounding_of<R>(ball.im);
      if (re && im) w.emplace_back(*re, *im);
    }
    if (w.size() == static_cast<std::size_t>(a.n)) return w;
  }
  return {};
}

/// What peers get wrong, in both formats: the exact answer is Arb's.
void check_wrong_case(general_kind k, int n) {
  const auto check = [&](auto tag) {
    using T = typename decltype(tag)::type;
    const auto a = gallery::make<T>(k, n, 5);
    const auto want = arb_roundings<T>(a);
    REQUIRE(want.size() == static_cast<std::size_t>(n));
    CHECK(contains(roundings(decided_eigenvalues<T>(a)), want));
  };
  check(type_tag<float>{});
  check(type_tag<double>{});
}

template <class F>
void for_each_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::eigvals::element_types{});
}

}  // namespace

TEST_CASE("general bounds: among subnormal numbers each of 4 n operations may lose half the smallest one") {
  const auto check = []<class R>(R, const linalg::square_matrix& a) {
    const auto bounds = linalg::approx_general_bounds(a, linalg::general_eigenvalues<R>(a, question::rounding));
    for (const auto& b : bounds) {
      CHECK(b.re.componentwise >= 2 * a.n);
      CHECK(b.re.componentwise <= b.re.normwise);
      CHECK(b.im.componentwise >= 2 * a.n);
    }
  };
  const auto matrix = [](std::vector<double> columns, double unit) {
    for (double& x : columns) x *= unit;
    return linalg::square_matrix{2, columns, {}};
  };
  for (const double unit : {0x1p-1074, 0x1p-149}) {
    const auto rotation = matrix({3, 4, -4, 3}, unit);  // normal
    const auto skewed = matrix({40, 3, 1, -20}, unit);  // neither normal nor near a multiple eigenvalue
    if (unit == 0x1p-149) {
      check(0.0f, rotation);
      check(0.0f, skewed);
    } else {
      check(0.0, rotation);
      check(0.0, skewed);
    }
  }
}

TEST_CASE("general eigenvalues: prescribed spectra, multiple and defective, hidden by exact similarities") {
  HALFULP_RANDOM(r, 211);
  for (std::int64_t times = repeats(4); times > 0; --times)
    for_each_format([&](auto tag) {
      for (int s = 0; s < gallery::general_spectrum_count; ++s)
        check_prescribed<typename decltype(tag)::type>(static_cast<gallery::general_spectrum>(s),
                                                       static_cast<int>(r.between(0, 10)), r.bits());
    });
}

TEST_CASE("general eigenvalues: parts on a rounding midpoint and beside one") {
  HALFULP_RANDOM(r, 213);
  const auto check = [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::int64_t times = repeats(12); times > 0; --times) {
      const auto c = gallery::near_midpoint_general<T>(times % 2 == 0, r.bits());
      CHECK(contains(roundings(decided_eigenvalues<T>(c.matrix)), c.rounded));
      CHECK(c.ties + c.near_ties == 4);
    }
  };
  check(type_tag<float>{});
  check(type_tag<double>{});
  check(type_tag<std::complex<float>>{});
  check(type_tag<std::complex<double>>{});
}

TEST_CASE("general eigenvalues: every kind of the gallery in every format is decided, conjugate pairs exactly") {
  HALFULP_RANDOM(r, 217);
  for_each_format([&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t k = 0; k < gallery::general_kind_names.size(); ++k)
      for (const int n : {0, 1, 2, 3, static_cast<int>(r.between(4, 9))}) {
        const auto seed = r.bits();
        INFO(gallery::general_kind_names[k] << " n = " << n << " of " << name_of(dtype_of<T>) << " seed " << seed);
        const auto w = roundings(decided_eigenvalues<T>(gallery::make<T>(static_cast<general_kind>(k), n, seed)));
        if (is_complex<T>) continue;
        auto mirrored = w;
        for (auto& z : mirrored)
          if (z.imag() != 0) z = std::conj(z);
        CHECK(contains(w, mirrored));
      }
  });
}

TEST_CASE("general eigenvalues: Arb's balls lie inside the enclosures") {
  HALFULP_RANDOM(r, 219);
  int agreed = 0, asked = 0;
  const auto check = [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (std::size_t k = 0; k < gallery::general_kind_names.size(); ++k) {
      const auto n = static_cast<int>(r.between(1, 8));
      const auto seed = r.bits();
      INFO(gallery::general_kind_names[k] << " n = " << n << " of " << name_of(dtype_of<T>) << " seed " << seed);
      const auto a = gallery::make<T>(static_cast<general_kind>(k), n, seed);
      const auto verdict = compare_general_with_arb(a, ranges_of(decided_eigenvalues<T>(a, question::error)));
      CHECK(verdict != referee_verdict::disagrees);
      agreed += verdict == referee_verdict::agrees;
      ++asked;
    }
  };
  for (std::int64_t times = repeats(1); times > 0; --times) {
    check(type_tag<double>{});
    check(type_tag<std::complex<float>>{});
  }
  CHECK(agreed * 2 > asked);
}

// The cases of the table of peers: torch, Paddle and Eigen lose up to 1e24 ULP on them.
TEST_CASE("general eigenvalues: a random matrix of size 64") {
  check_wrong_case(general_kind::uniform, 64);
}
TEST_CASE("general eigenvalues: the Grcar matrix of size 32") {
  check_wrong_case(general_kind::grcar, 32);
}
TEST_CASE("general eigenvalues: the Frank matrix of size 14") {
  check_wrong_case(general_kind::frank, 14);
}
TEST_CASE("general eigenvalues: the companion matrix of Wilkinson's polynomial of degree 20") {
  check_wrong_case(general_kind::wilkinson_companion, 20);
}
TEST_CASE("general eigenvalues: a badly scaled matrix of size 8") {
  check_wrong_case(general_kind::badly_scaled, 8);
}

TEST_CASE("general eigenvalues: every kind of the gallery at a size from 10 to 24 is decided") {
  HALFULP_RANDOM(r, 223);
  for (std::int64_t times = repeats(1); times > 0; --times)
    for (std::size_t k = 0; k < gallery::general_kind_names.size(); ++k) {
      const auto seed = r.bits();
      const auto n = static_cast<int>(r.between(10, 24));
      INFO(gallery::general_kind_names[k] << " n = " << n << " seed " << seed);
      (void)decided_eigenvalues<double>(gallery::make<double>(static_cast<general_kind>(k), n, seed), question::error);
    }
}

TEST_CASE("general eigenvalues: a disc that holds two nearby eigenvalues of a real matrix does not make them real") {
  // x^2 - 2 x + 1 + t^2: 1 +- i t
  for (const double t : {0x1p-30, 0x1p-200, 0x1p-500}) {
    const auto w = roundings(decided_eigenvalues<double>({2, {1, t, -t, 1}, {}}));
    CHECK(contains(w, {{1, t}, {1, -t}}));
  }
  // (1 - x)^2 = t^2
  const auto v = roundings(decided_eigenvalues<double>({2, {1, 0x1p-40, 0x1p-40, 1}, {}}));
  CHECK(contains(v, {{1 - 0x1p-40, 0}, {1 + 0x1p-40, 0}}));
  // t = 2^-60 is lost beside 1, not beside 0
  const auto u = roundings(decided_eigenvalues<double>({2, {1, -0x1p-120, 1, 1}, {}}));
  CHECK(contains(u, {{1, 0x1p-60}, {1, -0x1p-60}}));
}

TEST_CASE("general eigenvalues: defective ones whose common value has no finite expansion") {
  // the companion matrix of (x^2 - 2)^2 = x^4 - 4 x^2 + 4, and of (x^2 + 2)^3
  const double root = std::sqrt(2.0);
  const auto companion = [](const std::vector<double>& c) {
    const int n = static_cast<int>(c.size());
    linalg::square_matrix a{n, std::vector<double>(c.size() * c.size()), {}};
    for (int j = 0; j < n; ++j) {
      a.real[a.at(0, j)] = -c[static_cast<std::size_t>(j)];
      if (j + 1 < n) a.real[a.at(j + 1, j)] = 1;
    }
    return a;
  };
  CHECK(contains(roundings(decided_eigenvalues<double>(companion({0, -4, 0, 4}))),
                 {{-root, 0}, {-root, 0}, {root, 0}, {root, 0}}));
  const auto w = roundings(decided_eigenvalues<double>(companion({0, 6, 0, 12, 0, 8})));
  CHECK(contains(w, {{0, root}, {0, root}, {0, root}, {0, -root}, {0, -root}, {0, -root}}));
}

TEST_CASE("general eigenvalues: a simple one inside the disc of a defective one is not taken for it") {
  HALFULP_RANDOM(r, 227);
  // 0 twelve times in one Jordan block, and 1, beside 2^16 above the diagonal
  constexpr int n = 13;
  gallery::unimodular_similarity s(n);
  for (std::size_t k = 0; k + 2 < n; ++k) s.re(k, k + 1) = 1 << 16;
  s.re(n - 1, n - 1) = 1;
  for (int times = 24; times > 0; --times) {
    const auto i = static_cast<std::size_t>(r.between(0, n - 1)), j = static_cast<std::size_t>(r.between(0, n - 1));
    if (i != j) s.shear(i, j, 1);
  }
  linalg::square_matrix a{n, {}, {}};
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < n; ++i) a.real.push_back(static_cast<double>(s.re(i, j)));
  std::vector<std::complex<double>> want(n, 0);
  want[0] = 1;
  CHECK(contains(roundings(decided_eigenvalues<double>(a)), want));
}

TEST_CASE(
    "general eigenvalues: where vectors of the matrix leave wide discs, those of a disturbed one leave narrow ones") {
  // Their vectors come out so nearly equal that the disc of a defective pair holds every eigenvalue, at any precision.
  constexpr auto kind = gallery::general_spectrum::defective;
  check_prescribed<std::complex<float>>(kind, 3, 1394);
  check_prescribed<std::complex<float>>(kind, 5, 1178);
  check_prescribed<std::complex<float>>(kind, 6, 2528);
}

TEST_CASE("general eigenvalues: three that 128 bits of vectors do not tell apart are not taken for one") {
  // the companion matrix of (x - 1) (x - e) (x + 2 e) (x - 3 e) but for what is below an ulp of its coefficients
  const double e = 0x1p-200;
  const linalg::square_matrix a{4, {1, 1, 0, 0, -2 * e, 0, 1, 0, -5 * e * e, 0, 0, 1, 6 * e * e * e, 0, 0, 0}, {}};
  CHECK(contains(roundings(decided_eigenvalues<double>(a)), {{-2 * e, 0}, {e, 0}, {3 * e, 0}, {1, 0}}));
}

TEST_CASE("general eigenvalues: a budget that is used up leaves them undecided, and inside their enclosures") {
  // the companion matrix of (x^2 - 4)^2
  const linalg::square_matrix a{4, {0, 1, 0, 0, 8, 0, 1, 0, 0, 0, 0, 1, -16, 0, 0, 0}, {}};
  for (const auto& v : linalg::general_eigenvalues<double>(a, question::rounding, {128, 1, 128})) {
    CHECK_FALSE(v.decided());
    CHECK((v.re.range.contains(to_real(2.0)) || v.re.range.contains(to_real(-2.0))));
    CHECK(v.im.range.contains(to_real(0.0)));
  }
  CHECK(contains(roundings(decided_eigenvalues<double>(a)), {{-2, 0}, {-2, 0}, {2, 0}, {2, 0}}));
}

}  // namespace halfulp::tests
