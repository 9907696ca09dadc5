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

TEST_CASE("eigenvalues: exponents from one end of binary64 to the other") {
  const hermitian_matrix a{3, {0x1p1000, 0, 0x1p-30, 0, 1, 0x1p-500, 0x1p-30, 0x1p-500, 0x1p-1060}, {}};
  const auto values = eigenvalues<double>(a, question::rounding);
  // 2^-1060 - 2^-60 / 2^1000 = 0, less 2^-1000 of the coupling to 1
  CHECK(values[0].rounded == -0x1p-1000);
  CHECK(values[1].rounded == 1);
  CHECK(values[2].rounded == 0x1p1000);
}

TEST_CASE(
    "eigenvalues: LAPACK's errors stay within the normwise bound, and on definite graded matrices it tells more") {
  HALFULP_RANDOM(r, 137);
  for (const kind which : {kind::uniform, kind::hilbert, kind::graded, kind::graded_reversed, kind::frank}) {
    const auto a = gallery::make<double>(which, 8, r.bits());
    const auto truth = enclosures_of(a);
    const auto bounds = bounds_of(binary64_format, a, truth);
    const auto peer = approx_eigensystem_of(a).values;
    for (std::size_t k = 0; k < truth.size(); ++k) {
      INFO(name_of(which) << " eigenvalue " << k);
      CHECK(error_in_ulps(binary64_format, to_real(peer[k]), truth[k]).hi <= bounds[k].normwise);
      CHECK(bounds[k].componentwise <= bounds[k].normwise);
    }
    if (which == kind::graded) CHECK(bounds[0].componentwise < 0x1p-20 * bounds[0].normwise);
  }
}

}  // namespace halfulp::tests
