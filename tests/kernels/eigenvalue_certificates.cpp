// The certificates of the eigvalsh kernel against true errors, and their radii against the formulas of docs/bounds.md.
#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

#include <halfulp/analysis/cases/gallery/near_midpoint.hpp>
#include <halfulp/kernels/linalg/rayleigh.hpp>
#include <halfulp/kernels/linalg/reflect.hpp>
#include <halfulp/kernels/linalg/sturm.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/linalg/lapack.hpp>
#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::kernels::linalg;
using gallery::kind;
using halfulp::linalg::hermitian_matrix;
using halfulp::linalg::question;

constexpr double u = unit_roundoff;

template <class T>
hermitian_matrix near_one(kind k, int n, std::uint64_t seed) {
  const auto a = gallery::make<T>(k, n, seed);
  return halfulp::linalg::scaled(a, halfulp::linalg::exponent_of_largest(a));
}

std::vector<std::complex<double>> complex_entries(const hermitian_matrix& a) {
  std::vector<std::complex<double>> z;
  for (std::size_t k = 0; k < a.real.size(); ++k) z.emplace_back(a.real[k], a.imaginary[k]);
  return z;
}

std::vector<enclosure> enclosures_of(const hermitian_matrix& a) {
  std::vector<enclosure> e;
  for (const auto& v : halfulp::linalg::eigenvalues<double>(a, question::error)) e.push_back(v.range);
  return e;
}

hermitian_matrix tridiagonal(const std::vector<double>& d, const std::vector<double>& e) {
  hermitian_matrix t{static_cast<int>(d.size()), std::vector<double>(d.size() * d.size()), {}};
  for (int i = 0; i < t.n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    t.real[t.at(i, i)] = d[k];
    if (i + 1 < t.n) t.real[t.at(i, i + 1)] = t.real[t.at(i + 1, i)] = e[k];
  }
  return t;
}

/// T of random entries between -1 and 1, some of the off-diagonal 0.
struct random_tridiagonal {
  std::vector<double> d, e;

  random_tridiagonal(random_source& r, int n) : d(static_cast<std::size_t>(n)), e(d) {
    for (double& x : d) x = r.uniform();
    for (double& x : e)
      x = r.between(0, 9) == 0 ? 0 : r.uniform() * std::ldexp(1.0, -static_cast<int>(r.between(0, 20)));
    e.back() = 0;
  }
};

void check_inside(const certified_values& c, const std::vector<enclosure>& truth) {
  for (std::size_t k = 0; k < truth.size(); ++k)
    if (std::isfinite(c.radius[k])) CHECK(enclosure_of(c.values[k], c.radius[k]).contains(truth[k]));
}

bool overlap(const enclosure& a, const enclosure& b) {
  return mpfr_lessequal_p(raw(a.lo), raw(b.hi)) != 0 && mpfr_lessequal_p(raw(b.lo), raw(a.hi)) != 0;
}

std::vector<int> all_of(int n) {
  std::vector<int> k(static_cast<std::size_t>(n));
  std::iota(k.begin(), k.end(), 0);
  return k;
}

void add_term(real& sum, double x, double y) {
  real term = make_real(110);
  mpfr_mul(raw(term), raw(to_real(x)), raw(to_real(y)), MPFR_RNDN);
  mpfr_add(raw(sum), raw(sum), raw(term), MPFR_RNDN);
}

/// Enclosures as certificates state them, a little wider than these.
certified_values known(const std::vector<enclosure>& truth) {
  certified_values c(static_cast<int>(truth.size()));
  for (std::size_t k = 0; k < truth.size(); ++k) {
    const double lo = mpfr_get_d(raw(truth[k].lo), MPFR_RNDD), hi = mpfr_get_d(raw(truth[k].hi), MPFR_RNDU);
    c.values[k] = {lo + (hi - lo) / 2, 0};
    c.radius[k] = hi - lo;
  }
  return c;
}

}  // namespace

TEST_CASE("Householder form: its eigenvalues are within the radius of A's, on every kind of matrix") {
  HALFULP_RANDOM(r, 103);
  for (std::int64_t round = repeats(2); round > 0; --round) {
    for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) {
      const int n = static_cast<int>(r.between(2, 20));
      const auto a = near_one<double>(static_cast<kind>(k), n, r.bits());
      const auto z = near_one<std::complex<double>>(static_cast<kind>(k), n, r.bits());
      INFO(gallery::kind_names[k] << " n = " << n);
      check_inside(certificate_of(n, form_of(n, a.real)), enclosures_of(a));
      check_inside(certificate_of(n, form_of(n, complex_entries(z))), enclosures_of(z));
    }
  }
}

TEST_CASE("Householder form: every eigenvalue of a random matrix has a radius, and a small one") {
  HALFULP_RANDOM(r, 113);
  for (const int n : {2, 3, 7, 8, 9, 16, 31, 64, 65, 130}) {
    const auto c = certificate_of(n, form_of(n, near_one<double>(kind::uniform, n, r.bits()).real));
    for (const double radius : c.radius) CHECK(radius < n * n * 0x1p-44);
  }
}

TEST_CASE("Householder form: columns of zeros are left out, wherever they stand") {
  HALFULP_RANDOM(r, 127);
  for (int n = 2; n <= 20; n += 3) {
    for (int cut = 1; cut < n; ++cut) {
      auto a = near_one<double>(kind::uniform, n, r.bits());
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
          if ((i < cut) != (j < cut)) a.real[a.at(i, j)] = 0;
      INFO("n = " << n << ", blocks of " << cut << " and " << n - cut);
      check_inside(tridiagonal_certificate(householder_form(n, a.real)), enclosures_of(a));
    }
  }
}

TEST_CASE("Householder form: a matrix that is tridiagonal already is kept as it is") {
  HALFULP_RANDOM(r, 131);
  for (const int n : {1, 2, 5, 9, 30}) {
    const random_tridiagonal t(r, n);
    const householder_form form(n, tridiagonal(t.d, t.e).real);
    CHECK(form.d() == t.d);
    CHECK(form.e() == t.e);
    CHECK(form.radius() < 0x1p-150);
  }
}

TEST_CASE("Householder form: the radius is that of docs/bounds.md") {
  HALFULP_RANDOM(r, 137);
  for (const int n : {3, 10, 100, 300}) {
    const random_tridiagonal t(r, n);
    const auto length = static_cast<std::size_t>(n);
    std::vector<bool> reflected(length, true);
    reflected[length / 2] = false;
    long double sum = 0;
    for (int m = 1; m < n; ++m) {
      if (!reflected[static_cast<std::size_t>(m)]) continue;
      long double frobenius = 0, rows = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(m); ++i) {
        const long double before = i > 0 ? std::abs(t.e[i - 1]) : 0;
        frobenius += static_cast<long double>(t.d[i]) * t.d[i] + 2 * before * before;
        rows = std::max<long double>(rows, before + std::abs(t.d[i]) + std::abs(t.e[i]));
      }
      sum += u * (static_cast<long double>(2 * symmetric_product_depth(m) + 2) * std::sqrt(frobenius) +
                  static_cast<long double>(8 * reflection_dot_depth(m) + 59) * rows);
    }
    const double radius = reduction_radius(t.d, t.e, reflected);
    CHECK(radius >= sum);
    CHECK(radius <= sum * (1 + 0x1p-16L));
  }
}

TEST_CASE("Householder form: a row's inner product and a column's go through no more roundings than are counted") {
  // by the lanes of the widest vectors, 8, and of the narrowest, 2: tiles of 64 and of 32, steps of 32 and of 8
  for (const int m : {1, 2, 31, 64, 65, 500, 4000}) {
    CHECK(symmetric_product_depth(m) >= 22 + (m + 63) / 64);
    CHECK(symmetric_product_depth(m) <= 22 + (m + 15) / 16);
    CHECK(reflection_dot_depth(m) >= 7 + (m + 31) / 32);
    CHECK(reflection_dot_depth(m) <= 7 + (m + 3) / 4);
  }
}

TEST_CASE("Sturm counts: the count of T's eigenvalues, beside every one of them") {
  HALFULP_RANDOM(r, 149);
  for (std::int64_t k = repeats(60); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 24));
    const random_tridiagonal t(r, n);
    const auto truth = enclosures_of(tridiagonal(t.d, t.e));
    std::vector<double> points;
    for (const enclosure& e : truth) {
      points.push_back(mpfr_get_d(raw(e.lo), MPFR_RNDD) - 2 * sturm_error(1));
      points.push_back(mpfr_get_d(raw(e.hi), MPFR_RNDU) + 2 * sturm_error(1));
    }
    std::vector<int> below(points.size());
    sturm_counts(t.d, t.e, points, below);
    for (std::size_t p = 0; p < points.size(); ++p) {
      int sure = 0, possible = 0;  // those more than the error below the point, and those not as much above it
      for (const enclosure& e : truth) {
        sure += mpfr_cmp_d(raw(e.hi), points[p] - sturm_error(1)) < 0 ? 1 : 0;
        possible += mpfr_cmp_d(raw(e.lo), points[p] + sturm_error(1)) < 0 ? 1 : 0;
      }
      CHECK(sure <= below[p]);
      CHECK(below[p] <= possible);
    }
  }
}

TEST_CASE("Sturm counts: exact on integers, and a pivot of 0 counts as negative") {
  // T = tridiag(1, 0, 1) of size 5: eigenvalues 0, -1, 1, -sqrt 3, sqrt 3
  const std::vector<double> d(5, 0), e{1, 1, 1, 1, 0};
  const std::vector<double> points{-2, -1.5, -1 - 0x1p-30, -1 + 0x1p-30, -0x1p-30, 0x1p-30, 1.5, 2};
  std::vector<int> below(points.size());
  sturm_counts(d, e, points, below);
  CHECK(below == std::vector<int>{0, 1, 1, 2, 2, 3, 4, 5});
  // a diagonal entry equal to the point
  sturm_counts(std::vector<double>{3, 5}, std::vector<double>{0, 0}, std::vector<double>{3, 4, 5, 6},
               std::span(below).first(4));
  CHECK(below[1] == 1);
  CHECK(below[3] == 2);
}

TEST_CASE("Sturm counts: the error counted is three roundings of the largest off-diagonal entry on either side") {
  CHECK(sturm_error(1) >= 6 * u);
  CHECK(sturm_error(1) <= 7 * u);
  CHECK(sturm_error(0) > 0);
  CHECK(sturm_error(4) >= 24 * u);
}

TEST_CASE("tridiagonal certificate: the radius counts the distance of T, the counts and the points") {
  HALFULP_RANDOM(r, 151);
  for (const int n : {3, 12, 40}) {
    const householder_form form(n, near_one<double>(kind::uniform, n, r.bits()).real);
    const double off = *std::max_element(form.e().begin(), form.e().end(),
                                         [](double x, double y) { return std::abs(x) < std::abs(y); });
    const auto c = tridiagonal_certificate(form);
    for (const double radius : c.radius) {
      CHECK(radius >= form.radius() * (1 + 0x1p-4) + sturm_error(std::abs(off)));
      CHECK(radius <= form.radius() * (1 + 0x1p-3) + 0x1p-44);
    }
  }
}

TEST_CASE("tridiagonal certificate: approximations of other eigenvalues get no radius") {
  // T = tridiag(1, 0, 1) of size 5: eigenvalues -sqrt 3, -1, 0, 1, sqrt 3
  const householder_form form(5, tridiagonal(std::vector<double>(5, 0), {1, 1, 1, 1, 0}).real);
  const double last = std::sqrt(3.0);
  const auto proved = [&](const std::vector<double>& values) {
    std::vector<bool> finite;
    for (const double radius : tridiagonal_certificate(form, values).radius) finite.push_back(std::isfinite(radius));
    return finite;
  };
  CHECK(proved({-last, -1, 0, 1, last}) == std::vector<bool>(5, true));
  CHECK(proved({-1, 0, 1, last, 2}) == std::vector<bool>(5, false));
  CHECK(proved({-2, -last, -1, 0, 1}) == std::vector<bool>(5, false));
  CHECK(proved({-last, -1, 0x1p-20, 1, last}) == std::vector<bool>{true, true, false, true, true});
}

TEST_CASE("Householder form: small entries beside large ones are not left out") {
  HALFULP_RANDOM(r, 163);
  for (int shift = 4; shift < 60; shift += 5) {
    const int n = static_cast<int>(r.between(3, 12));
    const random_tridiagonal t(r, n);
    auto a = tridiagonal(t.d, t.e);
    const auto noise = near_one<double>(kind::uniform, n, r.bits());
    for (std::size_t k = 0; k < a.real.size(); ++k) a.real[k] += std::ldexp(noise.real[k], -shift);
    check_inside(tridiagonal_certificate(householder_form(n, a.real)), enclosures_of(a));
  }
}

TEST_CASE("Temple's certificate: the neighbours are where their enclosures are nearest") {
  const std::vector<double> a{1, 0, 0, 0, 3, 0, 0, 0, 5};
  constexpr double s = 0x1p-6;
  const std::vector<double> x{s, std::sqrt(1 - 2 * s * s), s};  // meant for 3
  certified_values wide(3);
  wide.values = {{1, 0}, {3, 0}, {5, 0}};
  wide.radius = {1.5, 0.25, 0.5};
  const rayleigh_quotients<double> q(3, a, x);
  const int middle = 1;
  const double residual = 2 * s * std::sqrt(2.0);
  const double radius = temple_certificate(q, std::span(&middle, 1), wide).radius[1];
  CHECK(radius >= 0.99 * residual * residual / 0.5);
  CHECK(radius <= 1.02 * residual * residual / 0.5);
  wide.radius = {0.5, 0.25, 1.5};
  CHECK(temple_certificate(q, std::span(&middle, 1), wide).radius[1] >= 0.99 * residual * residual / 0.5);
  wide.radius = {1.8, 0.25, 0.5};  // they touch
  CHECK(std::isinf(temple_certificate(q, std::span(&middle, 1), wide).radius[1]));
}

TEST_CASE("Temple's radius: sharp for two eigenvalues") {
  // A = diag(1, 3), x = (c, s): the quotient is 1 + 2 s^2, and r^2 = 4 s^2 c^2
  const std::vector<double> a{1, 0, 0, 3};
  for (const double s : {0x1p-3, 0x1p-10, 0x1p-20}) {
    const double c = std::sqrt(1 - s * s);
    const rayleigh_quotients<double> q(2, a, {c, s});
    CHECK(q.approx_quotient(0).hi == Approx(1 + 2 * s * s));
    const double radius = q.temple_radius(0, -1e300, 3);
    CHECK(radius >= 2 * s * s);
    CHECK(radius <= 2 * s * s * (1 + 0x1p-40) + 0x1p-90);
    CHECK(std::isinf(q.temple_radius(0, -1e300, 1 + s * s)));  // the quotient is not below `above`
    CHECK(std::isinf(q.temple_radius(0, 1 + 4 * s * s, 3)));
  }
}

TEST_CASE("Temple's radius: at least the errors of the sums, where the vector is exact") {
  const rayleigh_quotients<double> q(2, {1, 0, 0, 3}, {1, 0});
  CHECK(q.g_error() > 0);
  CHECK(q.temple_radius(0, -1e300, 3) >= q.g_error() + q.s_error());
  CHECK(q.temple_radius(0, -1e300, 3) < 0x1p-80);
}

TEST_CASE("Temple's radius: infinite for a vector of zeros or NaNs, and for one that is lost beside others") {
  const std::vector<double> a{1, 0, 0, 3};
  CHECK(std::isinf(rayleigh_quotients<double>(2, a, {0x1p-60, 0, 0, 1}).temple_radius(0, -9, 3)));
  CHECK(std::isinf(rayleigh_quotients<double>(2, a, {0, 0}).temple_radius(0, -9, 3)));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isinf(rayleigh_quotients<double>(2, a, {nan, 0}).temple_radius(0, -9, 3)));
}

TEST_CASE("Temple's radius: with vectors of any quality it holds the true error") {
  HALFULP_RANDOM(r, 157);
  int proved = 0;
  for (std::int64_t k = repeats(200); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 8));
    const auto a = near_one<double>(kind::uniform, n, r.bits());
    const auto z = near_one<std::complex<double>>(kind::uniform, n, r.bits());
    const double error = std::ldexp(1.0, -static_cast<int>(r.between(2, 55)));
    const auto check = [&]<class E>(const hermitian_matrix& matrix, const std::vector<E>& entries) {
      const auto truth = enclosures_of(matrix);
      const certified_values apart = known(truth);
      auto x = approx_vectors<E>(n, form_of(n, entries), apart, all_of(n));
      for (E& entry : x) entry += error * 0.5 * r.uniform();
      const auto c = temple_certificate(rayleigh_quotients<E>(n, entries, x), all_of(n), apart);
      for (std::size_t i = 0; i < truth.size(); ++i) {
        if (!std::isfinite(c.radius[i])) continue;
        ++proved;
        CHECK(overlap(enclosure_of(c.values[i], c.radius[i]), truth[i]));
      }
    };
    check(a, a.real);
    check(z, complex_entries(z));
  }
  CHECK(proved > repeats(200));
}

TEST_CASE("approx vectors: those of T turned back are vectors of A, real and complex") {
  HALFULP_RANDOM(r, 181);
  const int n = 12;
  const auto check = [&]<class E>(const std::vector<E>& entries) {
    const householder_form form = form_of(n, entries);
    const certified_values values = certificate_of(n, form);
    const auto x = approx_vectors<E>(n, form, values, all_of(n));
    const auto c = temple_certificate(rayleigh_quotients<E>(n, entries, x), all_of(n), values);
    for (const double radius : c.radius) CHECK(radius < 0x1p-66);  // the square of what the vectors lack, over a gap
  };
  check(near_one<double>(kind::uniform, n, r.bits()).real);
  check(complex_entries(near_one<std::complex<double>>(kind::uniform, n, r.bits())));
}

TEST_CASE("Rayleigh certificate: the radius holds the true error, and most eigenvalues have one") {
  HALFULP_RANDOM(r, 107);
  int proved = 0, all = 0;
  for (std::int64_t k = repeats(60); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 20));
    const kind which = k % 3 == 0 ? kind::clustered : (k % 3 == 1 ? kind::wilkinson : kind::uniform);
    const auto a = near_one<double>(which, n, r.bits());
    const rayleigh_quotients<double> q(n, a.real, halfulp::linalg::approx_eigensystem_of(a).real);
    const auto c = rayleigh_certificate(q, all_of(n));
    const auto truth = enclosures_of(a);
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
    const auto a = near_one<double>(kind::uniform, n, r.bits());
    std::vector<double> x = halfulp::linalg::approx_eigensystem_of(a).real;
    const double error = std::ldexp(1.0, -static_cast<int>(r.between(1, 30)));
    for (double& entry : x) entry += error * 0.5 * r.uniform();
    if (k % 4 == 0) std::swap_ranges(x.begin(), x.begin() + n, x.end() - n);
    const auto c = rayleigh_certificate(rayleigh_quotients<double>(n, a.real, x), all_of(n));
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
    const int n = static_cast<int>(r.between(1, 24)), columns = static_cast<int>(r.between(1, n));
    auto a = gallery::make<double>(kind::uniform, n, r.bits());
    const auto b = gallery::make<double>(kind::uniform, n, r.bits());
    // exponents apart, so that the last slice has more bits than products can hold
    for (double& entry : a.real) entry = std::ldexp(entry, -static_cast<int>(r.between(0, 30)));
    const std::vector<double> x(b.real.begin(), b.real.begin() + n * columns);
    const sliced_product<double> p(n, a.real, x, 0.5 * n);
    double greatest = 0, greatest_rest = 0;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < columns; ++j) {
        const std::size_t at = a.at(i, j);
        real sum = to_real(-p.high[at]), rest = to_real(-p.rest[at]);
        for (real* r0 : {&sum, &rest}) mpfr_prec_round(raw(*r0), 400, MPFR_RNDN);
        mpfr_sub_d(raw(sum), raw(sum), p.low[at], MPFR_RNDN);
        for (int m = 0; m < n; ++m) {
          const double left = a.real[a.at(i, m)], small = p.x_rest[a.at(m, j)], leading = x[a.at(m, j)] - small;
          add_term(sum, left, leading);
          add_term(rest, left, small);
        }
        greatest = std::max(greatest, std::abs(mpfr_get_d(raw(sum), MPFR_RNDA)));
        greatest_rest = std::max(greatest_rest, std::abs(mpfr_get_d(raw(rest), MPFR_RNDA)));
      }
    }
    CHECK(greatest <= p.error);
    CHECK(greatest_rest <= p.rest_error);
    CHECK(p.error < 0x1p-80);
    CHECK(p.rest_error < 0x1p-60);
  }
}

}  // namespace halfulp::tests
