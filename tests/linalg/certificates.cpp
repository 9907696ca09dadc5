// The bounds of the certificates against true errors.
#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/kernels/linalg/rayleigh.hpp>
#include <halfulp/kernels/linalg/sliced_product.hpp>
#include <halfulp/kernels/linalg/tridiagonal.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/linalg/pencil.hpp>
#include <halfulp/oracle/linalg/refine.hpp>
#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using gallery::kind;
using kernels::linalg::certified_values;

hermitian_matrix random_matrix(random_source& r, int n, bool is_complex) {
  return is_complex ? gallery::make<std::complex<double>>(kind::uniform, n, r.bits())
                    : gallery::make<double>(kind::uniform, n, r.bits());
}

std::vector<std::complex<double>> complex_entries(const hermitian_matrix& a) {
  std::vector<std::complex<double>> z;
  for (std::size_t k = 0; k < a.real.size(); ++k) z.emplace_back(a.real[k], a.imaginary[k]);
  return z;
}

std::vector<enclosure> enclosures_of(const hermitian_matrix& a) {
  std::vector<enclosure> e;
  for (const auto& v : eigenvalues<double>(a, question::error)) e.push_back(v.range);
  return e;
}

bool overlap(const enclosure& a, const enclosure& b) {
  return mpfr_lessequal_p(raw(a.lo), raw(b.hi)) != 0 && mpfr_lessequal_p(raw(b.lo), raw(a.hi)) != 0;
}

void check_inside(const certified_values& c, const std::vector<enclosure>& truth) {
  for (std::size_t k = 0; k < truth.size(); ++k)
    if (std::isfinite(c.radius[k])) CHECK(enclosure_of(c.values[k], c.radius[k]).contains(truth[k]));
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

TEST_CASE("tridiagonal certificate: the radius holds the true error") {
  HALFULP_RANDOM(r, 103);
  for (std::int64_t k = repeats(60); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 20));
    const hermitian_matrix real_one = random_matrix(r, n, false), complex_one = random_matrix(r, n, true);
    const auto a = scaled(real_one, exponent_of_largest(real_one));
    const auto z = scaled(complex_one, exponent_of_largest(complex_one));
    const auto real_values = kernels::linalg::tridiagonal_certificate(n, a.real);
    const auto complex_values = kernels::linalg::tridiagonal_certificate(n, complex_entries(z));
    check_inside(real_values, enclosures_of(a));
    check_inside(complex_values, enclosures_of(z));
    for (const auto* c : {&real_values, &complex_values})
      for (const double radius : c->radius) CHECK(radius < 0x1p-36);  // every one is proved
  }
}

TEST_CASE("tridiagonal certificate: a wrong T is found out, and the radius is not idle") {
  // A is tridiagonal itself and Q the identity, so that the distance is that of T
  const std::vector<double> a{1, 0.5, 0, 0.5, 2, 0.25, 0, 0.25, 3};
  const std::vector<double> q{1, 0, 0, 0, 1, 0, 0, 0, 1};
  for (const double wrong : {0x1p-4, 0x1p-20, 0x1p-40}) {
    const double radius =
        kernels::linalg::reduction_radius<double>(a, {3, q, {1 + wrong, 2 + wrong, 3 + wrong}, {0.5, 0.25, 0}});
    CHECK(radius >= wrong);  // every eigenvalue moved by as much
    CHECK(radius <= 2 * wrong);
    const double off = kernels::linalg::reduction_radius<double>(a, {3, q, {1, 2, 3}, {0.5, 0.25 + wrong, 0}});
    CHECK(off >= wrong);
    CHECK(off <= 2 * wrong);
  }
  const double right = kernels::linalg::reduction_radius<double>(a, {3, q, {1, 2, 3}, {0.5, 0.25, 0}});
  CHECK(right > 0x1p-52);  // the rounding errors of the check itself, which this Q happens not to make
  CHECK(right < 0x1p-44);
}

TEST_CASE("tridiagonal certificate: a Q that is not orthogonal counts") {
  const std::vector<double> a{1, 0, 0, 3};
  const std::vector<double> t{1.0, 3.0};
  // Q = c I turns A into itself: only the loss of orthogonality is left, in second order
  const auto radius = [&](double c) {
    return kernels::linalg::reduction_radius<double>(a, {2, {c, 0, 0, c}, t, {0, 0}});
  };
  CHECK(radius(1 + 0x1p-12) > 0x1p-24);
  CHECK(radius(1 + 0x1p-12) < 0x1p-16);
  CHECK(std::isinf(radius(1.5)));
  // both columns the same: T = (1, 1) has no residual, and A has no second eigenvalue 1
  CHECK(std::isinf(kernels::linalg::reduction_radius<double>(a, {2, {1, 0, 1, 0}, {1, 1}, {0, 0}})));
}

TEST_CASE("Rayleigh certificate: the radius holds the true error, and most eigenvalues have one") {
  HALFULP_RANDOM(r, 107);
  int proved = 0, all = 0;
  for (std::int64_t k = repeats(60); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 20));
    const kind which = k % 3 == 0 ? kind::clustered : (k % 3 == 1 ? kind::wilkinson : kind::uniform);
    const auto a = gallery::make<double>(which, n, r.bits());
    const auto near_one = scaled(a, exponent_of_largest(a));
    const auto c = kernels::linalg::rayleigh_certificate(n, near_one.real);
    const auto truth = enclosures_of(near_one);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      all += 1;
      proved += std::isfinite(c.radius[i]) ? 1 : 0;
      if (std::isfinite(c.radius[i])) CHECK(overlap(enclosure_of(c.values[i], c.radius[i]), truth[i]));
    }
  }
  CHECK(2 * proved > all);
}

TEST_CASE("Rayleigh certificate: with vectors of any quality and in any order a radius holds the true error") {
  HALFULP_RANDOM(r, 139);
  int proved = 0;
  for (std::int64_t k = repeats(400); k > 0; --k) {
    const int n = static_cast<int>(r.between(2, 6));
    const hermitian_matrix drawn = random_matrix(r, n, false);
    const auto a = scaled(drawn, exponent_of_largest(drawn));
    std::vector<double> x = approx_eigensystem_of(a).real;
    const double error = std::ldexp(1.0, -static_cast<int>(r.between(1, 30)));
    for (double& entry : x) entry += error * 0.5 * r.uniform();
    if (k % 4 == 0) std::swap_ranges(x.begin(), x.begin() + n, x.end() - n);
    const auto c = kernels::linalg::rayleigh_certificate(n, a.real, x);
    const auto truth = enclosures_of(a);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (!std::isfinite(c.radius[i])) continue;
      ++proved;
      CHECK(overlap(enclosure_of(c.values[i], c.radius[i]), truth[i]));
    }
  }
  CHECK(proved > repeats(400));
}

TEST_CASE("sliced product: the error bound holds the true error, and the leading slices leave little") {
  HALFULP_RANDOM(r, 109);
  for (std::int64_t k = repeats(40); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 24));
    const auto a = random_matrix(r, n, false), x = random_matrix(r, n, false);
    const kernels::linalg::sliced_product<double> p(n, a.real, x.real, 0.5 * n);
    double greatest = 0;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        real sum = make_real(400);
        for (int m = 0; m < n; ++m) {
          real term = make_real(110);
          mpfr_mul(raw(term), raw(to_real(a.real[a.at(i, m)])), raw(to_real(x.real[x.at(m, j)])), MPFR_RNDN);
          mpfr_add(raw(sum), raw(sum), raw(term), MPFR_RNDN);
        }
        mpfr_sub_d(raw(sum), raw(sum), p.high[a.at(i, j)], MPFR_RNDN);
        mpfr_sub_d(raw(sum), raw(sum), p.low[a.at(i, j)], MPFR_RNDN);
        greatest = std::max(greatest, std::abs(mpfr_get_d(raw(sum), MPFR_RNDA)));
      }
    CHECK(greatest <= p.error);
    CHECK(p.error < 0x1p-80);
  }
}

}  // namespace halfulp::tests
