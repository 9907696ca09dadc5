#include <halfulp/oracle/linalg/general_gradient.hpp>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/analysis/cases/gallery/known_gradient.hpp>
#include <halfulp/oracle/core/fp_environment.hpp>
#include <halfulp/oracle/linalg/function_separation.hpp>
#include <halfulp/oracle/linalg/general_weights.hpp>

#include "general_referee.hpp"
#include "random.hpp"

namespace halfulp::tests {
namespace {

using gallery::general_kind;
using linalg::question;
using linalg::square_matrix;
using c128 = std::complex<double>;

std::vector<c128> random_weights(int n, random_source& r) {
  std::vector<c128> w;
  for (int k = 0; k < n; ++k) {
    const double re = r.uniform();
    w.emplace_back(re, r.uniform());
  }
  return w;
}

template <class R>
std::vector<enclosure> ranges_of(const std::vector<linalg::gradient_component<R>>& all) {
  std::vector<enclosure> ranges;
  for (const auto& c : all) ranges.push_back(c.range);
  return ranges;
}

template <class T>
std::vector<c128> widened(const gallery::known_gradient_case<T>& c) {
  return {c.weights.begin(), c.weights.end()};
}

/// A basis from 128 bits, with entry `at` of X moved by 2^-by.
linalg::spectral_basis disturbed_basis(const linalg::integer_matrix& b, const linalg::weighted_spectrum& s,
                                       std::size_t at, long by) {
  auto basis = *linalg::approx_basis(b, 128, s.boxes);
  linalg::integer noise;
  mpz_setbit(linalg::raw(noise), static_cast<mp_bitcnt_t>(-basis.x.exponent - by));
  basis.x.real[at] += noise;
  return basis;
}

}  // namespace

TEST_CASE("general gradient: the balls of Arb's own eigenvectors lie inside the enclosures") {
  const fp_environment environment;
  HALFULP_RANDOM(r, 401);
  int inside = 0;
  for (const general_kind k : {general_kind::uniform, general_kind::frank, general_kind::grcar, general_kind::companion,
                               general_kind::badly_scaled, general_kind::rotations})
    for (const int n : {2, 4, 7}) {
      const std::uint64_t seed = r.bits();
      INFO(name_of(k) << " n = " << n << " seed " << seed);
      const auto w = random_weights(n, r);
      const auto a = gallery::make<double>(k, n, seed);
      const auto z = gallery::make<c128>(k, n, seed);
      for (const auto verdict :
           {compare_general_gradient_with_arb<double>(
                a, w, ranges_of(linalg::general_gradient<double, double>(a, w, question::error))),
            compare_general_gradient_with_arb<double>(
                z, w, ranges_of(linalg::general_gradient<double, double>(z, w, question::error)))}) {
        CHECK(verdict != referee_verdict::disagrees);
        inside += verdict == referee_verdict::agrees;
      }
    }
  CHECK(inside >= 24);
}

TEST_CASE("general gradient: enclosures for measuring errors are at most 2^-10 ulp wide") {
  const fp_environment environment;
  HALFULP_RANDOM(r, 409);
  const auto a = gallery::make<float>(general_kind::uniform, 6, r.bits());
  for (const auto& c : linalg::general_gradient<float, float>(a, random_weights(6, r), question::error)) {
    REQUIRE(c.decided);
    real width = make_real(64);
    mpfr_sub(raw(width), raw(c.range.hi), raw(c.range.lo), MPFR_RNDU);
    CHECK(mpfr_cmp_ld(raw(width), 0x1p-10L * mpfr_get_ld(raw(ulp(format_of<float>, c.range.hi)), MPFR_RNDU)) <= 0);
  }
}

TEST_CASE("general gradient: what a budget does not reach is undecided, and an enclosure is still given") {
  const fp_environment environment;
  HALFULP_RANDOM(r, 419);
  const auto c = gallery::known_gradient<double>(gallery::general_spectrum::distinct, 6, r.bits());
  linalg::general_gradient_budget none;
  none.vector_bits = 0;
  int undecided = 0;
  const auto all = linalg::general_gradient<double, double>(c.matrix, widened(c), question::rounding, none);
  for (std::size_t k = 0; k < all.size(); ++k) {
    undecided += !all[k].decided;
    CHECK(all[k].range.contains(to_real(c.rounded[k])));
  }
  CHECK(undecided > 0);
}

TEST_CASE("general gradient: bases of any quality give an enclosure of the truth, or none") {
  const fp_environment environment;
  HALFULP_RANDOM(r, 421);
  int found = 0;
  for (const auto spectrum :
       {gallery::general_spectrum::distinct, gallery::general_spectrum::multiple, gallery::general_spectrum::defective})
    for (long by = 10; by <= 120; by += 10) {
      const auto c = gallery::known_gradient<c128>(spectrum, 5, r.bits());
      const auto values = linalg::general_eigenvalues<double>(c.matrix, question::rounding);
      const auto s = linalg::general_weights(values, widened(c)).all();
      if (s.weights.size() == 1) continue;
      const auto b = linalg::exact_integers(c.matrix);
      const auto basis = disturbed_basis(b, s, static_cast<std::size_t>(by / 10), by);
      const auto f = linalg::enclose_function(b, basis, s);
      if (!f) continue;
      ++found;
      for (int i = 0; i < 5; ++i)
        for (int j = 0; j < 5; ++j) {
          // dx_ij is the conjugate of f_ji, and exact in binary64
          const std::size_t k = f->middle.at(j, i), at = static_cast<std::size_t>(2 * (5 * i + j));
          const auto around = [&](const linalg::integer& x) {
            return enclosure::around(linalg::to_real(x, f->middle.exponent), f->radius(j, i), 600);
          };
          CHECK(around(f->middle.real[k]).contains(to_real(c.rounded[at])));
          CHECK(around(f->middle.imaginary[k]).contains(to_real(-c.rounded[at + 1])));
        }
    }
  CHECK(found > 5);
}

TEST_CASE("general gradient: a column taken for the wrong box proves nothing") {
  const fp_environment environment;
  square_matrix a{2, {1, 0, 1, 2}, {}};
  const auto values = linalg::general_eigenvalues<double>(a, question::rounding);
  const std::vector<c128> w{1, 5};
  const auto s = linalg::general_weights(values, w).symmetric();
  const auto b = linalg::exact_integers(a);
  auto basis = *linalg::approx_basis(b, 128, s.boxes);
  CHECK(linalg::enclose_function(b, basis, s));
  std::swap(basis.box[0], basis.box[1]);
  CHECK_FALSE(linalg::enclose_function(b, basis, s));
}

TEST_CASE("general gradient: numbers of other polynomials are no closer than the separation says") {
  const fp_environment environment;
  // f(A)_ij = 1 / 3 for A with the eigenvalues 0 and 3: its distance from 1/4 + 2^-60 and from 11 / 32
  square_matrix a{2, {0, 0, 1, 3}, {}};
  const auto values = linalg::general_eigenvalues<double>(a, question::rounding);
  const std::vector<c128> w{0, 1};
  const auto s = linalg::general_weights(values, w).symmetric();
  const auto b = linalg::exact_integers(a);
  const auto separation = linalg::function_separation::of(b, s, linalg::distinct_roots(b));
  REQUIRE(separation);
  for (const double c : {0.25, 0.34375, 0.3333282470703125, 0x1.5555555555555p-2}) {
    const double distance = std::abs(static_cast<double>(1.0L / 3 - static_cast<long double>(c)));
    CHECK(distance >= std::exp2(-separation->bits(to_real(c), 2)));
  }
}

TEST_CASE("general gradient: a root is no integer for having one in its box") {
  const fp_environment environment;
  const square_matrix a{2, {0, 2, 1, 0}, {}};  // the square roots of 2
  const auto b = linalg::exact_integers(a);
  const auto bits_with = [&](double low, double high) {
    const auto box = [](double lo, double hi, int weight) {
      return linalg::eigenvalue_box{{to_real(lo), to_real(hi)}, enclosure::point(to_real(0.0)), 1, weight};
    };
    const linalg::weighted_spectrum s{{box(-high, -low, 0), box(low, high, 1)}, {{0, 0, 1}, {1, 0, 1}}, 0};
    const auto separation = linalg::function_separation::of(b, s, linalg::distinct_roots(b));
    REQUIRE(separation);
    return separation->bits(to_real(0.25), 2);
  };
  CHECK(bits_with(1, 1.9) >= bits_with(1.41, 1.42));
}

}  // namespace halfulp::tests
