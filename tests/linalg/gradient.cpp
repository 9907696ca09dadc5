#include <halfulp/oracle/linalg/gradient.hpp>

#include <cmath>
#include <optional>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/midpoint_gradient.hpp>
#include <halfulp/oracle/linalg/characteristic.hpp>
#include <halfulp/oracle/linalg/gradient_bounds.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/real/ulp_error.hpp>

#include "random.hpp"
#include "referee.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using gallery::kind;

std::vector<double> random_weights(random_source& r, int n) {
  std::vector<double> w;
  for (int k = 0; k < n; ++k) w.push_back(r.uniform());
  return w;
}

std::vector<enclosure> enclosures_of(const hermitian_matrix& a, std::span<const double> w,
                                     question what = question::error) {
  std::vector<enclosure> e;
  for (const auto& c : gradient<double>(a, w, what)) e.push_back(c.range);
  return e;
}

}  // namespace

TEST_CASE("gradient: the balls of Arb's own eigenvectors lie inside the enclosures") {
  HALFULP_RANDOM(r, 241);
  int agreed = 0, all = 0;
  const auto compare = [&](const hermitian_matrix& a) {
    const auto w = random_weights(r, a.n);
    for (const question what : {question::rounding, question::error}) {
      const auto verdict = compare_gradient_with_arb(a, w, enclosures_of(a, w, what));
      CHECK(verdict != referee_verdict::disagrees);
      agreed += verdict == referee_verdict::agrees ? 1 : 0;
      ++all;
    }
  };
  for (const kind k : {kind::uniform, kind::graded, kind::graded_reversed, kind::clustered, kind::hilbert,
                       kind::wilkinson, kind::direct_sum, kind::ties, kind::distinct_integers, kind::lapack_9}) {
    for (std::int64_t times = repeats(3); times > 0; --times) {
      const auto n = static_cast<int>(r.between(2, 7));
      INFO(name_of(k) << " n = " << n);
      compare(gallery::make<double>(k, n, r.bits()));
      compare(gallery::make<std::complex<float>>(k, n, r.bits()));
    }
  }
  CHECK(10 * agreed >= 8 * all);  // of multiple eigenvalues Arb has no vectors
}

TEST_CASE("gradient: enclosures for measuring errors are at most 2^-10 ulp wide") {
  HALFULP_RANDOM(r, 251);
  const auto a = gallery::make<double>(kind::graded_reversed, 6, r.bits());
  for (const auto& c : gradient<double>(a, random_weights(r, 6), question::error)) {
    CHECK(c.decided);
    CHECK(error_in_ulps(binary64_format, c.range.lo, c.range).hi <= 0x1p-10);
  }
}

TEST_CASE("gradient: what a budget does not reach is undecided, and an enclosure is still given") {
  const auto c = gallery::midpoint_gradient<float>(1, 5);
  std::vector<double> w;
  for (const float x : c.weights) w.push_back(x);
  gradient_budget small;
  small.vector_bits = small.hopeful_bits = 62;
  small.polynomial_steps = 0;
  int undecided_ones = 0;
  for (const auto& x : gradient<float>(c.matrix, w, question::rounding, small)) {
    undecided_ones += x.decided ? 0 : 1;
    CHECK(mpfr_number_p(raw(x.range.lo)) != 0);
    if (!x.decided) CHECK(is_nan(x.rounded));
  }
  CHECK(undecided_ones == 2);  // the diagonal
}

namespace {

/// LAPACK's vectors of a matrix, made worse by about d: by noise, by turning two neighbours into each other, which leaves
/// them orthogonal, or by their lengths, which leaves them eigenvectors.
integer_matrix spoiled_vectors(const hermitian_matrix& a, int how, double d, random_source& r) {
  std::vector<double> x = approx_eigensystem_of(a).real;
  const auto n = static_cast<std::size_t>(a.n), first = n * static_cast<std::size_t>(r.between(0, a.n - 2));
  for (double& v : x) v = how == 0 ? v + d * r.uniform() : how == 2 ? v * (1 + d) : v;
  for (std::size_t i = first; how == 1 && i < first + n; ++i) {
    const double u = x[i], v = x[i + n], c = std::sqrt(1 - d * d);
    x[i] = c * u + d * v;
    x[i + n] = c * v - d * u;
  }
  integer_matrix vectors(a.n, -62, false);
  for (std::size_t k = 0; k < x.size(); ++k) vectors.real[k] = fixed_point(x[k], 62);
  return vectors;
}

/// Every eigenvalue with its own weight; none where a bracket is missing.
std::optional<spectral_sum> sum_of(const pencil& p, const std::vector<double>& w) {
  const eigenvalue_weights weights(w);
  grouped_weights g{{}, {}, weights.exponent()};
  std::vector<enclosure> values;
  for (int k = 0; k < p.n(); ++k) {
    const auto e = p.enclose(k);
    if (!e) return std::nullopt;
    values.push_back(*e);
    g.group.push_back(k);
    g.means.push_back(weights.over(k, k + 1));
  }
  return enclose_sum(p, values, g);
}

}  // namespace

TEST_CASE("gradient: vectors of any quality give an enclosure of the truth, or none") {
  HALFULP_RANDOM(r, 257);
  constexpr int n = 4;
  int enclosed = 0;
  for (std::int64_t times = repeats(90); times > 0; --times) {
    // the gaps differ by a factor of some hundred
    auto a = gallery::make<double>(kind::uniform, n, r.bits());
    for (double& x : a.real) x *= 0x1p-8;
    for (int i = 2; i < n; ++i) a.real[a.at(i, i)] += 3 * i - 5;
    const auto w = random_weights(r, n);
    const double d = std::ldexp(1.0, -static_cast<int>(r.between(10, 40)));
    const auto sum = sum_of(pencil(exact_integers(a), spoiled_vectors(a, static_cast<int>(times % 3), d, r)), w);
    if (!sum) continue;
    ++enclosed;
    const auto truth = enclosures_of(a, w);
    INFO("spoiled in way " << times % 3 << " by " << d);
    for (int j = 0; j < n; ++j)
      for (int i = 0; i <= j; ++i) {
        const real middle = to_real(sum->middle.real[sum->middle.at(i, j)], sum->middle.exponent);
        const auto e = enclosure::around(middle, sum->radius, 200);
        CHECK(e.contains(truth[static_cast<std::size_t>(n * i + j)]));
      }
  }
  CHECK(enclosed > 30);
}

TEST_CASE("gradient: equal eigenvalues beside close ones do not stall the refinement") {
  HALFULP_RANDOM(r, 269);
  for (std::uint64_t seed : {157U, 697U}) {
    const auto a = gallery::make<std::complex<double>>(kind::clustered_integers, 4, seed);
    for (const auto& c : gradient<double>(a, random_weights(r, 4), question::error)) CHECK(c.decided);
  }
}

TEST_CASE("gradient: the number of distinct eigenvalues, and how close to a number an entry may come") {
  const auto roots_of = [](const hermitian_matrix& a) { return *characteristic_roots::of(exact_integers(a), 1 << 30); };
  CHECK(roots_of(gallery::make<float>(kind::identity, 5, 0)).count() == 1);
  CHECK(roots_of(gallery::make<float>(kind::ones, 5, 0)).count() == 2);
  CHECK(roots_of(gallery::make<std::complex<float>>(kind::uniform, 5, 1)).count() == 5);
  CHECK(roots_of(gallery::make<float>(kind::second_difference, 5, 0)).count() == 5);
  const auto ones = roots_of(gallery::make<float>(kind::ones, 3, 0)),
             identity = roots_of(gallery::make<float>(kind::identity, 3, 0));
  CHECK(characteristic_roots::distinct({ones, identity}) == 3);
  CHECK(characteristic_roots::distinct({ones, ones}) == 2);
  CHECK_FALSE(characteristic_roots::of(exact_integers(gallery::make<float>(kind::ones, 3, 0)), 10));
  // [[0, 1], [1, 1]] and weights 0, 1: (1 -+ 1 / sqrt(5)) / 2 and 1 / sqrt(5) are no closer to 0 than the bound says
  const hermitian_matrix golden{2, {0, 1, 1, 1}, {}};
  const std::vector<enclosure> values{{to_real(-0.75), to_real(-0.5)}, {to_real(1.5), to_real(1.75)}};
  const grouped_weights w{{0, 1}, {{0, 1}, {1, 1}}, 0};
  const double bits = roots_of(golden).separation_bits(values, w, make_real(2));
  CHECK(bits > 1.9);  // log2 of 1 / 0.276
  CHECK(bits < 20);
  const double rational = roots_of(golden).separation_bits(values, {{0, 0}, {{1, 1}}, 0}, make_real(2));
  CHECK(rational + 1 < bits);  // equal weights have no conjugates
}

TEST_CASE("gradient: LAPACK's errors stay within the normwise bound, and the componentwise one is no larger") {
  HALFULP_RANDOM(r, 263);
  for (const kind which : {kind::uniform, kind::hilbert, kind::graded, kind::graded_reversed, kind::wilkinson}) {
    const int n = 7;
    const auto a = gallery::make<double>(which, n, r.bits());
    const auto w = random_weights(r, n);
    const auto truth = enclosures_of(a, w);
    const auto bounds = gradient_bounds(binary64_format, a, w, truth);
    const auto s = approx_eigensystem_of(a);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        double sum = 0;
        for (int k = 0; k < n; ++k) sum += w[static_cast<std::size_t>(k)] * s.real[a.at(i, k)] * s.real[a.at(j, k)];
        const auto at = static_cast<std::size_t>(n * i + j);
        INFO(name_of(which) << " component " << i << ", " << j);
        CHECK(error_in_ulps(binary64_format, to_real(sum), truth[at]).hi <= bounds[at].normwise);
        CHECK(bounds[at].componentwise <= bounds[at].normwise);
      }
  }
}

}  // namespace halfulp::tests
