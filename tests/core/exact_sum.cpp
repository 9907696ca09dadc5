#include <halfulp/oracle/core/exact_sum.hpp>

#include <arb.h>

#include <vector>

#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

template <class T>
struct factors {
  T a, b;
};

/// sum a b by FLINT's arb_dot at a precision that holds every bit, then rounded by MPFR's directed conversions.
template <class T>
real arb_sum(const std::vector<factors<T>>& terms) {
  const auto n = static_cast<slong>(terms.size());
  arb_ptr a = _arb_vec_init(n);
  arb_ptr b = _arb_vec_init(n);
  for (slong k = 0; k < n; ++k) {
    arb_set_d(a + k, widen(terms[static_cast<std::size_t>(k)].a));
    arb_set_d(b + k, widen(terms[static_cast<std::size_t>(k)].b));
  }
  arb_t sum;
  arb_init(sum);
  constexpr slong every_bit = 4400;
  arb_dot(sum, nullptr, 0, a, 1, b, 1, n, every_bit);
  REQUIRE(arb_is_exact(sum));
  real r = make_real(every_bit);
  arf_get_mpfr(raw(r), arb_midref(sum), MPFR_RNDN);
  arb_clear(sum);
  _arb_vec_clear(a, n);
  _arb_vec_clear(b, n);
  return r;
}

template <class T>
exact_sum<T> sum_of(const std::vector<factors<T>>& terms) {
  exact_sum<T> s;
  for (const auto& t : terms) s.add_product(t.a, t.b);
  return s;
}

template <class T>
std::vector<factors<T>> random_terms(random_source& r, bool cancelling) {
  std::vector<factors<T>> terms;
  for (std::int64_t k = r.between(1, 40); k > 0; --k) terms.push_back({r.any_finite<T>(), r.any_finite<T>()});
  if (!cancelling) return terms;
  const std::size_t n = terms.size();
  for (std::size_t k = 0; k < n; ++k)
    terms.push_back(
        {signed_bits<T>(!is_negative(terms[k].a), static_cast<bits_t<T>>(to_bits(terms[k].a) & encoding<T>::magnitude)),
         terms[k].b});
  terms.push_back({r.any_finite<T>(), r.any_finite<T>()});
  return terms;
}

template <class T>
void check_against_arb() {
  HALFULP_RANDOM(r, 17 + format_of<T>.precision);
  for (std::int64_t k = repeats(300); k > 0; --k) {
    const auto terms = random_terms<T>(r, k % 2 == 0);
    const auto sum = sum_of(terms);
    const real want = arb_sum(terms);
    CHECK(sum.template round<T>() == round_to_nearest<T>(want));
    CHECK(sum.sign() == mpfr_sgn(raw(want)));
    if (sum.sign() != 0) CHECK(to_real(sum, T{}) == want);
  }
}

}  // namespace

TEST_CASE("exact sum: terms of any exponents, cancelling or not, agree with Arb") {
  check_against_arb<float16>();
  check_against_arb<bfloat16>();
  check_against_arb<float>();
  check_against_arb<double>();
}

TEST_CASE("exact sum: two halves added give the whole") {
  HALFULP_RANDOM(r, 23);
  for (std::int64_t k = repeats(200); k > 0; --k) {
    const auto terms = random_terms<float>(r, true);
    exact_sum<float> halves[2];
    for (std::size_t j = 0; j < terms.size(); ++j) halves[j % 2].add_product(terms[j].a, terms[j].b);
    halves[0].add(halves[1]);
    CHECK(halves[0].round<float>() == sum_of(terms).round<float>());
  }
}

TEST_CASE("exact sum: many terms carry far") {
  exact_sum<float> s;
  for (std::int64_t k = 0; k < 3000000; ++k) s.add_product(0x1.fffffep127F, 0x1.fffffep127F);
  CHECK(s.round<float>() == INFINITY);
  for (std::int64_t k = 0; k < 3000000; ++k) s.add_product(0x1.fffffep127F, -0x1.fffffep127F);
  CHECK(s.sign() == 0);
  s.add(0x1p-149F);
  CHECK(s.round<float>() == 0x1p-149F);
}

TEST_CASE("exact sum: a tie is broken by what lies far below, on either side") {
  const auto rounded = [](float far_below) {
    exact_sum<float> s;
    for (const float x : {1.0F, 0x1p-24F, far_below}) s.add(x);  // the midpoint of 1 and its successor, and a little
    return s.round<float>();
  };
  CHECK(rounded(0.0F) == 1);
  for (int exponent = -149; exponent < -30; ++exponent) {
    CHECK(rounded(std::ldexp(1.0F, exponent)) == 1 + 0x1p-23F);
    CHECK(rounded(-std::ldexp(1.0F, exponent)) == 1);
  }
}

TEST_CASE("exact sum: special values as the field defines them") {
  constexpr float inf = INFINITY;
  const auto bits_of = [](auto... term) {
    exact_sum<float> s;
    (s.add(term), ...);
    return to_bits(s.template round<float>());
  };
  CHECK(bits_of() == 0);
  CHECK(bits_of(-0.0F) == 0x80000000u);
  CHECK(bits_of(-0.0F, -0.0F) == 0x80000000u);
  CHECK(bits_of(-0.0F, 0.0F) == 0);
  CHECK(bits_of(1.0F, -1.0F) == 0);
  CHECK(bits_of(-1.0F, 1.0F) == 0);
  CHECK(bits_of(inf, 1.0F) == to_bits(inf));
  CHECK(bits_of(-inf, 3e38F, 3e38F) == to_bits(-inf));
  CHECK(bits_of(inf, -inf) == 0x7fc00000u);
  CHECK(bits_of(-NAN, inf) == 0x7fc00000u);
  exact_sum<float> zero_times_infinity;
  zero_times_infinity.add_product(0.0F, inf);
  CHECK(to_bits(zero_times_infinity.round<float>()) == 0x7fc00000u);
  exact_sum<float> negative_zero;
  negative_zero.add_product(-0.0F, 2.0F);
  CHECK(to_bits(negative_zero.round<float>()) == 0x80000000u);
}

TEST_CASE("exact sum: overflow is that of the exact result, not of an intermediate one") {
  exact_sum<float> s;
  for (const float x : {3e38F, 3e38F, -3e38F}) s.add_product(x, 1.0F);
  CHECK(s.round<float>() == 3e38F);
  exact_sum<double> d;
  d.add_product(1e300, 1e300);
  d.add_product(-1e300, 1e300);
  d.add_product(5e-324, 5e-324);
  CHECK(d.sign() == 1);
  CHECK(d.round<double>() == 0);
}

}  // namespace halfulp::tests
