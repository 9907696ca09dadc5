#include <halfulp/oracle/core/expansion.hpp>

#include <halfulp/oracle/real/real.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

constexpr mpfr_prec_t exact_bits = 4400;  // any sum or product of a few binary64 numbers

real exact(double_double x) {
  real r = make_real(exact_bits);
  mpfr_set_d(raw(r), x.hi, MPFR_RNDN);
  mpfr_add_d(raw(r), raw(r), x.lo, MPFR_RNDN);
  return r;
}
real exact(double x) {
  return exact(double_double{x, 0});
}

real sum(const real& a, const real& b) {
  real r = make_real(exact_bits);
  mpfr_add(raw(r), raw(a), raw(b), MPFR_RNDN);
  return r;
}
real product(const real& a, const real& b) {
  real r = make_real(exact_bits);
  mpfr_mul(raw(r), raw(a), raw(b), MPFR_RNDN);
  return r;
}

/// |got - want| / |want| in units of u^2
double error_in_u2(double_double got, const real& want) {
  if (mpfr_zero_p(raw(want))) return mpfr_zero_p(raw(exact(got))) ? 0 : INFINITY;
  real e = make_real(exact_bits);
  mpfr_sub(raw(e), raw(exact(got)), raw(want), MPFR_RNDN);
  mpfr_div(raw(e), raw(e), raw(want), MPFR_RNDN);
  return std::abs(mpfr_get_d(raw(e), MPFR_RNDN)) * 0x1p106;
}

double of_exponent(random_source& r, int lowest, int highest) {
  return std::ldexp(r.uniform(), static_cast<int>(r.between(lowest, highest)));
}
double_double pair(random_source& r, int lowest, int highest) {
  const double hi = of_exponent(r, lowest, highest);
  return fast_two_sum(hi, hi * 0x1p-53 * r.uniform());
}

}  // namespace

TEST_CASE("error-free transformations lose nothing after the compiler") {
  HALFULP_RANDOM(r, 3);
  for (std::int64_t k = repeats(20000); k > 0; --k) {
    const double a = of_exponent(r, -300, 300);
    const double b = of_exponent(r, -300, 300);
    const double near = of_exponent(r, -60, 60) * a;
    CHECK(exact(two_sum(a, b)) == sum(exact(a), exact(b)));
    CHECK(exact(two_sum(a, near)) == sum(exact(a), exact(near)));
    CHECK(exact(two_product(a, b)) == product(exact(a), exact(b)));
    const double larger = std::abs(a) > std::abs(b) ? a : b;
    const double smaller = std::abs(a) > std::abs(b) ? b : a;
    CHECK(exact(fast_two_sum(larger, smaller)) == sum(exact(a), exact(b)));
  }
}

TEST_CASE("double-double arithmetic stays within the errors it states") {
  HALFULP_RANDOM(r, 5);
  for (std::int64_t k = repeats(20000); k > 0; --k) {
    const double_double x = pair(r, -100, 100);
    const double_double y = pair(r, -100, 100);
    const double_double opposite = add(pair(r, -60, 0), double_double{-x.hi, 0});  // cancels
    CHECK(error_in_u2(add(x, y.hi), sum(exact(x), exact(y.hi))) <= 2);
    CHECK(error_in_u2(add(x, y), sum(exact(x), exact(y))) <= 3.0000001);
    CHECK(error_in_u2(add(x, opposite), sum(exact(x), exact(opposite))) <= 3.0000001);
    CHECK(error_in_u2(multiply(x, y.hi), product(exact(x), exact(y.hi))) <= 2);
    CHECK(error_in_u2(multiply(x, y), product(exact(x), exact(y))) <= 5);
  }
}

TEST_CASE("two_product near underflow is off by at most what it states") {
  HALFULP_RANDOM(r, 9);
  for (std::int64_t k = repeats(5000); k > 0; --k) {
    const double a = of_exponent(r, -600, -400);
    const double b = of_exponent(r, -600, -400);
    real e = make_real(exact_bits);
    mpfr_sub(raw(e), raw(exact(two_product(a, b))), raw(product(exact(a), exact(b))), MPFR_RNDN);
    mpfr_mul_2ui(raw(e), raw(e), 1075, MPFR_RNDN);
    CHECK(mpfr_cmpabs(raw(e), raw(exact(1.0))) <= 0);
  }
}

TEST_CASE("up bounds from above, and by little") {
  HALFULP_RANDOM(r, 13);
  for (std::int64_t k = repeats(2000); k > 0; --k) {
    const double x = std::abs(r.any_finite<double>());
    CHECK(up(x) > x);
    if (x >= 0x1p-1000 && x < 0x1p1000) CHECK(up(x) <= x * (1 + 0x1p-51));
  }
  CHECK(up(0.0) > 0);
}

}  // namespace halfulp::tests
