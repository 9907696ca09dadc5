#include <halfulp/oracle/linalg/nullity.hpp>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>

#include <flint/fmpz_mat.h>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using gallery::kind;

constexpr std::int64_t steps = std::int64_t{1} << 36;

int nullity_of(const hermitian_matrix& a, double c) {
  const auto answer = nullity(exact_integers(a), halfulp::to_real(c), steps);
  REQUIRE(answer.has_value());
  return *answer;
}

/// FLINT's rank of a matrix of small integers; of [[Re, -Im], [Im, Re]] for a complex one, which has twice the nullity.
int flint_nullity(const hermitian_matrix& a) {
  const int n = a.is_complex() ? 2 * a.n : a.n;
  fmpz_mat_t m;
  fmpz_mat_init(m, n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const std::size_t at = a.at(i % a.n, j % a.n);
      const bool diagonal_block = i / a.n == j / a.n;
      const double x = diagonal_block ? a.real[at] : (i < a.n ? -a.imaginary[at] : a.imaginary[at]);
      fmpz_set_d(fmpz_mat_entry(m, i, j), x);
    }
  const auto rank = static_cast<int>(fmpz_mat_rank(m));
  fmpz_mat_clear(m);
  return (n - rank) / (n / a.n);
}

}  // namespace

TEST_CASE("nullity: agrees with FLINT's rank on integer matrices of every rank") {
  HALFULP_RANDOM(r, 113);
  for (std::int64_t k = repeats(60); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 14));
    const auto a = gallery::make<double>(kind::integer_singular, n, r.bits());
    CHECK(nullity_of(a, 0) == flint_nullity(a));
    const auto z = gallery::make<std::complex<double>>(kind::integer_singular, n, r.bits());
    CHECK(nullity_of(z, 0) == flint_nullity(z));
  }
}

TEST_CASE("nullity: a multiple eigenvalue counts as often as it occurs, and only where it is") {
  const auto ones = gallery::make<double>(kind::ones, 5, 0);
  CHECK(nullity_of(ones, 0) == 4);
  CHECK(nullity_of(ones, 5) == 1);
  CHECK(nullity_of(ones, 4.999) == 0);
  CHECK(nullity_of(gallery::make<float>(kind::identity, 6, 0), 1) == 6);
  CHECK(nullity_of(gallery::make<float>(kind::zero, 6, 0), 0) == 6);
}

TEST_CASE("nullity: a determinant that the first prime divides is not taken for 0") {
  const double p = 2147483629;  // the largest prime = 1 mod 4 below 2^31, the first that is tried
  const hermitian_matrix a{2, {p, 0, 0, 1}, {}};
  CHECK(nullity_of(a, 0) == 0);
  // det = p^2
  CHECK(nullity_of({2, {p, 0, 0, p}, {}}, 0) == 0);
  CHECK(nullity_of({2, {p, 0, 0, 0}, {}}, 0) == 1);
}

TEST_CASE("nullity: exponents from one end of binary64 to the other") {
  const hermitian_matrix a{2, {0x1p1000, 0x1p-20, 0x1p-20, 0x1p-1040}, {}};  // det = 2^-40 - 2^-40
  CHECK(nullity_of(a, 0) == 1);
  const hermitian_matrix b{2, {0x1p1000, 0x1p-20, 0x1p-20, 0x1.0000001p-1040}, {}};
  CHECK(nullity_of(b, 0) == 0);
}

TEST_CASE("nullity: beyond the budget there is no answer") {
  const auto a = gallery::make<double>(kind::integer_singular, 12, 1);
  CHECK(!nullity(exact_integers(a), halfulp::to_real(0.0), 10).has_value());
  CHECK(nullity(exact_integers(a), halfulp::to_real(0.3), 10) == 0);  // regular modulo the first prime
}

}  // namespace halfulp::tests
