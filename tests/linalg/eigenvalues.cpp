#include <halfulp/oracle/linalg/eigenvalues.hpp>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/oracle/linalg/bounds.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/real/ulp_error.hpp>

#include "random.hpp"
#include "referee.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using gallery::kind;

std::vector<enclosure> enclosures_of(const hermitian_matrix& a) {
  std::vector<enclosure> e;
  for (const auto& v : eigenvalues<double>(a, question::error)) e.push_back(v.range);
  return e;
}

}  // namespace

TEST_CASE("eigenvalues: the balls of Arb lie inside the enclosures") {
  HALFULP_RANDOM(r, 127);
  int agreed = 0, all = 0;
  const auto compare = [&](const hermitian_matrix& a) {
    const auto verdict = compare_with_arb(a, enclosures_of(a));
    CHECK(verdict != referee_verdict::disagrees);
    agreed += verdict == referee_verdict::agrees ? 1 : 0;
    ++all;
  };
  for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) {
    for (std::int64_t times = repeats(2); times > 0; --times) {
      const auto which = static_cast<kind>(k);
      const int n = static_cast<int>(r.between(2, 8));
      INFO(name_of(which) << " n = " << n);
      compare(gallery::make<double>(which, n, r.bits()));
      compare(gallery::make<std::complex<float>>(which, n, r.bits()));
    }
  }
  CHECK(10 * agreed >= 8 * all);  // of some matrices with multiple eigenvalues Arb proves nothing
}

TEST_CASE("eigenvalues: enclosures for measuring errors are at most 2^-10 ulp wide") {
  HALFULP_RANDOM(r, 131);
  const auto a = gallery::make<double>(kind::graded_reversed, 8, r.bits());
  for (const auto& v : eigenvalues<double>(a, question::error)) {
    CHECK(v.decided);
    CHECK(error_in_ulps(binary64_format, v.range.lo, v.range).hi <= 0x1p-10);
  }
}

TEST_CASE("eigenvalues: what a budget does not reach is undecided, and an enclosure is still given") {
  const auto c = gallery::near_midpoint<float>(1, false, 3);
  budget small;
  small.vector_bits = 62;
  small.nullity_steps = 0;
  int undecided_ones = 0;
  for (const auto& v : eigenvalues<float>(c.matrix, question::rounding, small)) {
    undecided_ones += v.decided ? 0 : 1;
    CHECK(mpfr_number_p(raw(v.range.lo)) != 0);
    if (!v.decided) CHECK(is_nan(v.rounded));
  }
  CHECK(undecided_ones == c.ties);
}

TEST_CASE("eigenvalues: a multiple of the identity is taken off exactly, and only where that is exact and helps") {
  HALFULP_RANDOM(r, 167);
  const auto a = gallery::make<std::complex<double>>(kind::clustered, 6, r.bits());
  const auto [scalar, rest] = without_scalar(a);
  CHECK(scalar == a.real[0]);
  for (int k = 0; k < a.n; ++k) CHECK(rest.real[rest.at(k, k)] + scalar == a.real[a.at(k, k)]);
  CHECK(rest.imaginary == a.imaginary);
  CHECK(without_scalar({2, {1, 0x1p-60, 0x1p-60, 1 + 0x1p-40}, {}}).rest.real[3] == 0x1p-40);
  CHECK(without_scalar({2, {1, 0x1p-60, 0x1p-60, 0x1p-200}, {}}).scalar == 0);  // the difference rounds
  CHECK(without_scalar({2, {0x1p-60, 1, 1, 0x1p-60}, {}}).scalar == 0);
  // eigenvalues 1 - 2^-68 and 1 + 2^-52 + 2^-68, about: told apart without exact products
  for (const auto& v : eigenvalues<double>({2, {1, 0x1p-60, 0x1p-60, 1 + 0x1p-52}, {}}, question::error)) {
    CHECK(v.decided);
    CHECK(v.reached <= tier::double_double);
  }
  for (const auto& v : eigenvalues<double>(a, question::rounding)) CHECK(v.reached <= tier::double_double);
}

TEST_CASE("eigenvalues: exponents from one end of binary64 to the other") {
  const hermitian_matrix a{3, {0x1p1000, 0, 0x1p-30, 0, 1, 0x1p-500, 0x1p-30, 0x1p-500, 0x1p-1060}, {}};
  const auto values = eigenvalues<double>(a, question::rounding);
  // 2^-1060 - 2^-60 / 2^1000 = 0, less 2^-1000 of the coupling to 1
  CHECK(values[0].rounded == -0x1p-1000);
  CHECK(values[1].rounded == 1);
  CHECK(values[2].rounded == 0x1p1000);
}

TEST_CASE("bounds: LAPACK's errors stay within the normwise one on every kind of matrix, and the other is no larger") {
  HALFULP_RANDOM(r, 137);
  for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) {
    const auto which = static_cast<kind>(k);
    if (which == kind::huge) continue;  // LAPACK is given no scaled matrix here
    for (const int n : {2, 8, 33}) {
      const auto a = gallery::make<double>(which, n, r.bits());
      const auto truth = enclosures_of(a);
      const auto bounds = bounds_of(binary64_format, a, truth);
      const auto peer = approx_eigensystem_of(a).values;
      for (std::size_t i = 0; i < truth.size(); ++i) {
        INFO(name_of(which) << " n = " << n << " eigenvalue " << i);
        CHECK(error_in_ulps(binary64_format, to_real(peer[i]), truth[i]).hi <= bounds[i].normwise);
        CHECK(bounds[i].componentwise <= bounds[i].normwise);
      }
    }
  }
}

namespace {

/// The matrix with the signs of every second row and column turned about the diagonal: D (E + N) D, E = +1, -1, ...
hermitian_matrix with_signs(hermitian_matrix a) {
  for (int i = 1; i < a.n; i += 2) a.real[a.at(i, i)] = -a.real[a.at(i, i)];
  return a;
}

/// What an algorithm that knows each entry of B to a relative u may give: eigenvalues of D (B + dB) D.
hermitian_matrix disturbed(random_source& r, hermitian_matrix a) {
  for (int j = 0; j < a.n; ++j)
    for (int i = j; i < a.n; ++i) {
      double& x = a.real[a.at(i, j)];
      x *= 1 + 0x1p-52 * static_cast<double>(r.between(-1, 1));
      a.real[a.at(j, i)] = x;
    }
  return a;
}

}  // namespace

TEST_CASE("bounds: on graded matrices LAPACK is avoidable, and what accurate algorithms lose is explained") {
  HALFULP_RANDOM(r, 149);
  for (const kind which : {kind::graded, kind::graded_reversed}) {
    for (const bool indefinite : {false, true}) {
      auto a = gallery::make<double>(which, 8, r.bits());
      if (indefinite) a = with_signs(a);
      INFO(name_of(which) << (indefinite ? " indefinite" : ""));
      const auto truth = enclosures_of(a);
      const auto bounds = bounds_of(binary64_format, a, truth);
      const auto peer = approx_eigensystem_of(a).values;
      const auto accurate = eigenvalues<double>(disturbed(r, a), question::rounding);
      int avoidable = 0;
      for (std::size_t i = 0; i < truth.size(); ++i) {
        CHECK(bounds[i].componentwise < 4000);  // 4 n / 2 ulps, times ||B|| / s
        CHECK(bounds[i].componentwise >= 4 * 8 / 2);
        const double error = error_in_ulps(binary64_format, to_real(peer[i]), truth[i]).lo;
        avoidable += error > bounds[i].componentwise && error <= bounds[i].normwise ? 1 : 0;
        CHECK(error_in_ulps(binary64_format, to_real(accurate[i].rounded), truth[i]).hi <= bounds[i].componentwise);
      }
      if (which == kind::graded_reversed) CHECK(avoidable > 0);
    }
  }
}

TEST_CASE("bounds: the scaled ones are what their formulas give") {
  const auto bounds_with = [](double corner, double coupling) {
    // B = [[1, c], [c, +-1]] behind D = diag(1, 2^-20)
    const hermitian_matrix a{2, {1, coupling * 0x1p-20, coupling * 0x1p-20, corner * 0x1p-40}, {}};
    const auto truth = enclosures_of(a);
    return bounds_of(binary64_format, a, truth)[0].componentwise;  // of about 2^-40
  };
  const double loss = 4 * 2 * 0x1p-53;
  // definite: kappa = (1 + c) / (1 - c); the least eigenvalue is (1 - c^2) 2^-40, its ulp 2^-93
  CHECK(bounds_with(1, 0.5) >= loss * 3 * 0.75 * 0x1p53 * (1 - 0x1p-20));
  CHECK(bounds_with(1, 0.5) <= loss * 3 * 0.75 * 0x1p53 * (1 + 0x1p-20));
  // dominant: ||B|| = sqrt(1 + c^2), s = 1 - c; the eigenvalue is -(1 + c^2) 2^-40, its ulp 2^-92
  const double condition = std::sqrt(1.25) / 0.5;
  CHECK(bounds_with(-1, 0.5) >= loss * condition * 1.25 * 0x1p52 * (1 - 0x1p-20));
  CHECK(bounds_with(-1, 0.5) <= loss * condition * 1.25 * 0x1p52 * (1 + 0x1p-20));
  // neither: the normwise bound, with ||A|| about 1; the eigenvalue is -3.25 2^-40, its ulp 2^-91
  CHECK(bounds_with(-1, 1.5) == Approx(loss * 0x1p91).epsilon(1e-9));
}

}  // namespace halfulp::tests
