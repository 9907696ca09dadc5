#include <halfulp/oracle/linalg/general_eigenvalues.hpp>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/general.hpp>

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

template <class F>
void for_each_format(F f) {
  [&]<class... T>(type_list<T...>) { (f(type_tag<T>{}), ...); }(op::eigvals::element_types{});
}

}  // namespace

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

}  // namespace halfulp::tests
