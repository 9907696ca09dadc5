#include <halfulp/oracle/linalg/direct_sum.hpp>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/hermitian.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using blocks = std::vector<std::vector<int>>;

/// The direct sum of both, its rows and columns dealt out at random.
hermitian_matrix shuffled_sum(random_source& r, const hermitian_matrix& a, const hermitian_matrix& b) {
  std::vector<int> place(static_cast<std::size_t>(a.n + b.n));
  for (std::size_t i = 0; i < place.size(); ++i) {
    place[i] = static_cast<int>(i);
    std::swap(place[i], place[static_cast<std::size_t>(r.between(0, static_cast<std::int64_t>(i)))]);
  }
  hermitian_matrix sum{a.n + b.n, std::vector<double>(place.size() * place.size()),
                       std::vector<double>(a.is_complex() ? place.size() * place.size() : 0)};
  const auto add = [&](const hermitian_matrix& block, int first) {
    for (int j = 0; j < block.n; ++j)
      for (int i = 0; i < block.n; ++i) {
        const auto at = sum.at(place[static_cast<std::size_t>(first + i)], place[static_cast<std::size_t>(first + j)]);
        sum.real[at] = block.real[block.at(i, j)];
        if (sum.is_complex()) sum.imaginary[at] = block.imaginary[block.at(i, j)];
      }
  };
  add(a, 0);
  add(b, a.n);
  return sum;
}

eigenvalue<float> between(double lo, double hi) {
  const enclosure e{to_real(lo), to_real(hi)};
  const auto d = decide<float>(e);
  return {e, d.decided() ? d.value() : canonical_nan<float>(), tier::binary64, d.decided()};
}

}  // namespace

TEST_CASE("direct sum: components are found along chains, and through entries that are imaginary only") {
  CHECK(components({0, {}, {}}).empty());
  CHECK(components({2, {1, 0, 0, 2}, {}}) == blocks{{0}, {1}});
  CHECK(components({2, {0, 1, 1, 0}, {}}) == blocks{{0, 1}});
  CHECK(components({2, {0, 0, 0, 0}, {0, -1, 1, 0}}) == blocks{{0, 1}});
  // 0 - 3 - 1 - 4, and 2 alone
  hermitian_matrix chain{5, std::vector<double>(25), {}};
  for (const auto& [i, j] : {std::pair{0, 3}, {3, 1}, {1, 4}})
    chain.real[chain.at(i, j)] = chain.real[chain.at(j, i)] = 1;
  CHECK(components(chain) == blocks{{0, 1, 3, 4}, {2}});
  CHECK(submatrix(chain, {0, 3}).real == std::vector<double>{0, 1, 1, 0});
}

TEST_CASE("direct sum: its eigenvalues are those of the blocks") {
  HALFULP_RANDOM(r, 163);
  for (std::int64_t k = repeats(20); k > 0; --k) {
    const auto draw = [&](int n) {
      return k % 2 == 0 ? gallery::make<double>(gallery::kind::uniform, n, r.bits())
                        : gallery::make<std::complex<double>>(gallery::kind::uniform, n, r.bits());
    };
    const auto a = draw(static_cast<int>(r.between(1, 5))), b = draw(static_cast<int>(r.between(1, 5)));
    std::vector<double> want, got;
    for (const auto* block : {&a, &b})
      for (const auto& v : eigenvalues<double>(*block, question::rounding)) want.push_back(v.rounded);
    std::sort(want.begin(), want.end());
    for (const auto& v : eigenvalues<double>(shuffled_sum(r, a, b), question::rounding)) got.push_back(v.rounded);
    CHECK(got == want);
  }
}

TEST_CASE("direct sum: enclosures that overlap are sorted by their ends") {
  // the second smallest of x in [1, 4] and y in [2, 3] lies in [2, 4], the smallest in [1, 3]
  const auto values = merged<float>({between(1, 4), between(2, 3)});
  CHECK(mpfr_cmp_d(raw(values[0].range.lo), 1) == 0);
  CHECK(mpfr_cmp_d(raw(values[0].range.hi), 3) == 0);
  CHECK(mpfr_cmp_d(raw(values[1].range.lo), 2) == 0);
  CHECK(mpfr_cmp_d(raw(values[1].range.hi), 4) == 0);
  CHECK((!values[0].decided && is_nan(values[0].rounded) && !values[1].decided));
}

TEST_CASE("direct sum: roundings are sorted with -0 before +0, and one that is undecided spoils only its place") {
  const double tiny = 0x1p-200;
  auto zero = between(0, 0);
  const auto values = merged<float>({zero, between(5, 6), between(-tiny, -tiny / 2), between(1, 1), between(7, 7)});
  REQUIRE(values.size() == 5);
  CHECK((values[0].decided && to_bits(values[0].rounded) == to_bits(-0.0F)));
  CHECK((values[1].decided && to_bits(values[1].rounded) == to_bits(0.0F)));
  CHECK((values[2].decided && values[2].rounded == 1));
  CHECK(!values[3].decided);
  CHECK((values[4].decided && values[4].rounded == 7));
}

}  // namespace halfulp::tests
