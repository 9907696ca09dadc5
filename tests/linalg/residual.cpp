// The oracle's enclosures from residuals, against Arb and against exact values.
#include <halfulp/oracle/linalg/residual.hpp>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/oracle/linalg/rayleigh_quotient.hpp>

#include "random.hpp"
#include "referee.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::linalg;
using gallery::kind;

hermitian_matrix random_matrix(random_source& r, int n, bool is_complex) {
  return is_complex ? gallery::make<std::complex<double>>(kind::uniform, n, r.bits())
                    : gallery::make<double>(kind::uniform, n, r.bits());
}

double width_of(const enclosure& e) {
  real w = make_real(64);
  mpfr_sub(raw(w), raw(e.hi), raw(e.lo), MPFR_RNDU);
  return mpfr_get_d(raw(w), MPFR_RNDU);
}

/// x - from
double beyond(const real& x, double from) {
  real d = make_real(300);
  mpfr_sub_d(raw(d), raw(x), from, MPFR_RNDN);
  return mpfr_get_d(raw(d), MPFR_RNDN);
}

/// Numbers up to `most` added to vectors and values.
approx_eigensystem disturbed(random_source& r, approx_eigensystem s, double most) {
  for (auto* list : {&s.real, &s.imaginary, &s.values})
    for (double& x : *list) x += most * r.uniform();
  std::sort(s.values.begin(), s.values.end());
  return s;
}

/// x^H A x / x^H x in 700 bits, where nothing of a double's product is lost, and ||A x - t x||^2 / x^H x.
struct exact_quotient {
  real t = make_real(700), square = make_real(700);
};
exact_quotient exact_quotient_of(const hermitian_matrix& a, const std::vector<double>& re,
                                 const std::vector<double>& im) {
  exact_quotient q;
  std::vector<real> y;
  real norm = make_real(700), product = make_real(700), term = make_real(700);
  const auto add = [&](real& sum, const real& x, double by) {
    mpfr_mul_d(raw(term), raw(x), by, MPFR_RNDN);
    mpfr_add(raw(sum), raw(sum), raw(term), MPFR_RNDN);
  };
  const auto wide = [](double x) {
    real w = make_real(700);
    mpfr_set_d(raw(w), x, MPFR_RNDN);
    return w;
  };
  for (int i = 0; i < a.n; ++i) {
    real yr = make_real(700), yi = make_real(700);
    for (int j = 0; j < a.n; ++j) {
      const std::size_t at = a.at(i, j), column = static_cast<std::size_t>(j);
      add(yr, wide(a.real[at]), re[column]);
      if (im.empty()) continue;
      add(yr, wide(a.imaginary[at]), -im[column]);
      add(yi, wide(a.real[at]), im[column]);
      add(yi, wide(a.imaginary[at]), re[column]);
    }
    y.push_back(yr);
    if (!im.empty()) y.push_back(yi);
  }
  std::vector<double> x;
  for (std::size_t i = 0; i < re.size(); ++i) {
    x.push_back(re[i]);
    if (!im.empty()) x.push_back(im[i]);
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    add(norm, wide(x[i]), x[i]);
    add(product, y[i], x[i]);
  }
  mpfr_div(raw(q.t), raw(product), raw(norm), MPFR_RNDN);
  for (std::size_t i = 0; i < x.size(); ++i) {
    mpfr_mul_d(raw(term), raw(q.t), -x[i], MPFR_RNDN);
    mpfr_add(raw(term), raw(term), raw(y[i]), MPFR_RNDN);
    mpfr_sqr(raw(term), raw(term), MPFR_RNDN);
    mpfr_add(raw(q.square), raw(q.square), raw(term), MPFR_RNDN);
  }
  mpfr_div(raw(q.square), raw(q.square), raw(norm), MPFR_RNDN);
  return q;
}

}  // namespace

TEST_CASE("Rayleigh quotient: the range holds the exact one, and the residual is an upper bound but no more") {
  HALFULP_RANDOM(r, 151);
  for (std::int64_t k = repeats(60); k > 0; --k) {
    const int n = static_cast<int>(r.between(1, 24));
    const hermitian_matrix a = random_matrix(r, n, k % 2 == 0);
    std::vector<double> re(static_cast<std::size_t>(n)), im(a.is_complex() ? re.size() : 0);
    for (auto* part : {&re, &im})
      for (double& x : *part) x = r.uniform();
    const auto q = quotient_of(a, 2.0 * n, re.data(), a.is_complex() ? im.data() : nullptr);
    REQUIRE(q.has_value());
    const exact_quotient exact = exact_quotient_of(a, re, im);
    CHECK(q->range.contains(exact.t));
    CHECK(width_of(q->range) < n * n * 0x1p-94);
    const double residual = std::sqrt(mpfr_get_d(raw(exact.square), MPFR_RNDN));
    CHECK(q->residual >= residual * (1 - 0x1p-50));
    CHECK(q->residual <= residual * (1 + 0x1p-40) + 0x1p-45);
  }
}

TEST_CASE("Rayleigh quotient: the range covers what double-double may lose") {
  // A = I, x = (1, ..., 1): t = 1, and each of the 2 n sums of n terms may lose 4 u^2 n an addition
  for (const int n : {1, 7, 30}) {
    const auto a = gallery::make<double>(kind::identity, n, 0);
    const std::vector<double> x(static_cast<std::size_t>(n), 1);
    const auto q = quotient_of(a, std::sqrt(n) * (1 + 0x1p-50), x.data(), nullptr);
    REQUIRE(q.has_value());
    const double numerator = 2.0 * n * n + n * std::sqrt(n), denominator = 2.0 * n * n;  // times 4 u^2, over n
    CHECK(width_of(q->range) >= 2 * (numerator + denominator) / n * 0x1p-104 * (1 - 0x1p-20));
    CHECK(width_of(q->range) <= 8 * (numerator + denominator) / n * 0x1p-104);
    CHECK(q->residual >= 4 * 0x1p-53);  // the rounding errors of the check itself
  }
  const auto a = gallery::make<double>(kind::identity, 2, 0);
  const double zero[] = {0, 0};
  CHECK(!quotient_of(a, 2, zero, nullptr));
}

TEST_CASE("residual certificate: with vectors and values of any quality the enclosures hold the balls of Arb") {
  HALFULP_RANDOM(r, 157);
  int normwise = 0, separate = 0, narrower = 0;
  for (std::int64_t k = repeats(80); k > 0; --k) {
    const hermitian_matrix a = random_matrix(r, static_cast<int>(r.between(2, 7)), k % 2 == 0);
    const auto truth = arb_eigenvalues(a, 256);
    REQUIRE(static_cast<int>(truth.size()) == a.n);
    const auto s = disturbed(r, approx_eigensystem_of(a), std::ldexp(1.0, -static_cast<int>(r.between(2, 40))));
    const residual_certificate c(a, s, 0);
    for (int i = 0; i < a.n; ++i) {
      const auto wide = c.normwise(i), narrow = c.separate(i);
      if (wide) CHECK(wide->contains(truth[static_cast<std::size_t>(i)]));
      if (narrow) CHECK(narrow->contains(truth[static_cast<std::size_t>(i)]));
      normwise += wide ? 1 : 0;
      separate += narrow ? 1 : 0;
      narrower += narrow && width_of(*narrow) < width_of(*wide) ? 1 : 0;
    }
  }
  CHECK(separate > normwise / 2);
  CHECK(narrower > separate / 2);
}

TEST_CASE("residual certificate: a wrong value or vector is found out, and the radius is not idle") {
  const hermitian_matrix a{2, {1, 0, 0, 3}, {}};
  const auto radius = [&](std::vector<double> values, std::vector<double> x) {
    return residual_certificate(a, {std::move(values), std::move(x), {}, true}, 0).radius();
  };
  for (const double wrong : {0x1p-4, 0x1p-20, 0x1p-40}) {
    CHECK(radius({1 + wrong, 3 + wrong}, {1, 0, 0, 1}) >= wrong);
    CHECK(radius({1 + wrong, 3 + wrong}, {1, 0, 0, 1}) <= 2 * wrong);
  }
  CHECK(radius({1, 3}, {1, 0, 0, 1}) > 0x1p-51);  // the rounding errors of the check itself
  CHECK(radius({1, 3}, {1, 0, 0, 1}) < 0x1p-45);
  // X = c I has no residual: what is left is the loss of orthogonality, 2 (c - 1) sqrt(2), squared
  const double c = 1 + 0x1p-12;
  CHECK(radius({1, 3}, {c, 0, 0, c}) > 0x1p-21);
  CHECK(radius({1, 3}, {c, 0, 0, c}) < 0x1p-17);
  CHECK(std::isinf(radius({1, 3}, {1.5, 0, 0, 1.5})));
  CHECK(std::isinf(radius({1, 1}, {1, 0, 1, 0})));  // twice the same vector: there is no second eigenvalue 1
}

TEST_CASE("residual certificate: a separate eigenvalue is enclosed to the square of its residual over the gap") {
  // eigenvalues of [[0, e], [e, 1]]: about -e^2 and 1 + e^2; X = I has residuals e and gaps 1
  for (const double e : {0x1p-10, 0x1p-20}) {
    const hermitian_matrix a{2, {0, e, e, 1}, {}};
    const approx_eigensystem s{{0, 1}, {1, 0, 0, 1}, {}, true};
    const residual_certificate c(a, s, 0);
    const auto low = c.separate(0), high = c.separate(1);
    REQUIRE((low && high));
    CHECK(beyond(low->lo, 0) <= -e * e * (1 - 2 * e * e));
    CHECK(beyond(low->lo, 0) >= -e * e * (1 + 4 * e));
    CHECK(beyond(low->hi, 0) <= 0x1p-90);  // nothing lies below it
    CHECK(beyond(high->hi, 1) >= e * e * (1 - 2 * e * e));
    CHECK(beyond(high->hi, 1) <= e * e * (1 + 4 * e));
    CHECK(beyond(high->lo, 1) >= -0x1p-90);
  }
  // eigenvalues 1 and 1 + 2^-40 with vectors off by 2^-20: too close to be told apart
  const hermitian_matrix close{2, {1, 0, 0, 1 + 0x1p-40}, {}};
  const approx_eigensystem turned{{1, 1 + 0x1p-40}, {1, 0x1p-8, -0x1p-8, 1}, {}, true};
  const residual_certificate c(close, turned, 0);
  CHECK((!c.separate(0) && !c.separate(1)));
}

TEST_CASE("residual certificate: what the matrix lacks widens every enclosure") {
  const hermitian_matrix a{2, {1, 0, 0, 3}, {}};
  const approx_eigensystem s{{1, 3}, {1, 0, 0, 1}, {}, true};
  const residual_certificate c(a, s, 0x1p-20);
  // the matrix that is meant may be a + 2^-20 times ones, with the eigenvalue 1 + 2^-20 and more
  CHECK(c.radius() >= 0x1p-19);
  for (int k = 0; k < 2; ++k) {
    const auto e = c.separate(k);
    REQUIRE(e.has_value());
    CHECK(width_of(*e) >= 2 * 0x1p-19);
  }
}

}  // namespace halfulp::tests
