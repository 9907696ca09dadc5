// The bounds of the pencil against true errors.
#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/linalg/pencil.hpp>
#include <halfulp/oracle/linalg/refine.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using gallery::kind;

hermitian_matrix random_matrix(random_source& r, int n, bool is_complex) {
  return is_complex ? gallery::make<std::complex<double>>(kind::uniform, n, r.bits())
                    : gallery::make<double>(kind::uniform, n, r.bits());
}

std::vector<enclosure> enclosures_of(const hermitian_matrix& a) {
  std::vector<enclosure> e;
  for (const auto& v : eigenvalues<double>(a, question::error)) e.push_back(v.range);
  return e;
}

}  // namespace

TEST_CASE("pencil: with vectors of any quality a bracket holds its eigenvalue, and good vectors have one") {
  HALFULP_RANDOM(r, 101);
  int found = 0, narrow_ones = 0;
  for (std::int64_t k = repeats(400); k > 0; --k) {
    const hermitian_matrix a = random_matrix(r, static_cast<int>(r.between(2, 6)), k % 2 == 0);
    const auto truth = enclosures_of(a);
    integer_matrix x = first_vectors(approx_eigensystem_of(a), a.n);
    const auto error = static_cast<mp_bitcnt_t>(62 - r.between(1, 30));  // in the vectors: 2^-1 to 2^-30
    for (auto* part : {&x.real, &x.imaginary})
      for (integer& entry : *part) entry += integer(r.between(-8, 8)) << error >> 3;
    const pencil p(exact_integers(a), std::move(x));
    for (int i = 0; i < a.n; ++i) {
      const auto bracket = p.enclose(i);
      if (!bracket) continue;
      ++found;
      CHECK(bracket->contains(truth[static_cast<std::size_t>(i)]));
    }
    ++narrow_ones;
  }
  CHECK(found > narrow_ones);
}

TEST_CASE("pencil: overlapping vectors do not hide an eigenvalue") {
  // both columns nearly the same: G and S are nearly singular, and nothing may be claimed that is not so
  hermitian_matrix a{2, {1, 0, 0, 3}, {}};
  for (const long shift : {1L, 2L, 3L, 8L, 20L}) {
    integer_matrix x(2, -20, false);
    x.real = {integer(1) << 20, 0, integer(1) << 20, integer(1) << (20 - shift)};
    const pencil p(exact_integers(a), x);
    const real exact[] = {to_real(1.0), to_real(3.0)};
    for (int k = 0; k < 2; ++k)
      if (const auto b = p.enclose(k)) CHECK(b->contains(exact[k]));
  }
}

TEST_CASE("pencil: nothing is claimed from vectors that are linearly dependent") {
  const hermitian_matrix a{2, {1, 0, 0, 3}, {}};
  integer_matrix x(2, -20, false);
  x.real = {integer(1) << 20, integer(1) << 18, integer(1) << 20, integer(1) << 18};
  const pencil p(exact_integers(a), x);
  for (int k = 0; k < 2; ++k) CHECK(!p.enclose(k));
}

}  // namespace halfulp::tests
