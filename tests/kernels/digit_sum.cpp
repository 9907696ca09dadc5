#include <halfulp/kernels/core/digit_sum.hpp>

#include <cmath>

#include <halfulp/kernels/core/factor_product.hpp>
#include <halfulp/oracle/core/exact_quotient.hpp>
#include <halfulp/oracle/real/product.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels;

/// Numbers whose sums cancel, are ties or zeros, overflow, or are special.
template <class T>
T drawn(random_source& r, std::int64_t kind) {
  switch (kind) {
    case 0:
      return r.any<T>();
    case 1:
      return r.any_finite<T>();
    case 2:
      return narrow<T>(static_cast<double>(r.between(-2, 2)));
    case 3:
      return zero_of<T>(true);
    case 5:
      return r.between(0, 1) == 0 ? narrow<T>(static_cast<double>(r.between(-1, 1)))
                                  : infinity_of<T>(r.between(0, 3) == 0);
    default:
      return narrow<T>(std::ldexp(r.uniform(), static_cast<int>(r.between(-30, 3))));
  }
}

template <class T>
void check_sums(random_source& r) {
  constexpr digit_layout layout = digits_of_terms<T>;
  for (std::int64_t k = 0; k < repeats(4000); ++k) {
    const std::int64_t kind = r.between(0, 5), terms = r.between(0, 9),
                       n = r.between(0, 1) == 0 ? 1 : r.between(1, 1 << 20);
    digit_sum<layout.count> sum;
    exact_sum<T> want;
    T last{};
    for (std::int64_t j = 0; j < terms; ++j) {
      const T x =
          j % 2 == 1 && r.between(0, 2) == 0
              ? signed_bits<T>(!is_negative(last), static_cast<bits_t<T>>(to_bits(last) & encoding<T>::magnitude))
              : drawn<T>(r, kind);
      last = x;
      want.add(x);
      const std::uint32_t special = special_of(is_nan(x), is_infinite(x), is_zero(x), is_negative(x));
      sum.special |= special;
      if (special == 0) {
        const binary_real b = decompose(x);
        sum.add(b.negative, b.significand, b.exponent - layout.lowest);
      }
      REQUIRE(sum.any());
      if (r.between(0, 3) == 0) sum.carry();
      REQUIRE(sum.any());
    }
    REQUIRE(to_bits(sum.template finish<T>(layout.lowest, n)) == to_bits(rounded_quotient<T>(want, n)));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("digit sum: sums and quotients are those of the exact accumulator", "", float16, bfloat16, float,
                   double) {
  HALFULP_RANDOM(r, 60);
  check_sums<TestType>(r);
}

TEMPLATE_TEST_CASE("digit sum: products of two binary64 numbers are exact", "", float16, float, double) {
  HALFULP_RANDOM(r, 61);
  for (std::int64_t k = 0; k < repeats(4000); ++k) {
    digit_sum<digits_of_products.count> sum;
    exact_sum<double> want;
    for (std::int64_t j = r.between(1, 4); j > 0; --j) {
      const double a = r.any_finite<double>(), b = r.any_finite<double>();
      if (is_zero(a) || is_zero(b)) continue;
      const binary_real x = decompose(a), y = decompose(b);
      sum.add(x.negative != y.negative, static_cast<unsigned __int128>(x.significand) * y.significand,
              x.exponent + y.exponent - digits_of_products.lowest);
      want.add_product(a, b);
    }
    REQUIRE(to_bits(sum.template finish<TestType>(digits_of_products.lowest, 1)) ==
            to_bits(want.template round<TestType>()));
  }
}

TEMPLATE_TEST_CASE("factor product: what it decides, and what words decide, is the exact product", "", float16, float,
                   double) {
  HALFULP_RANDOM(r, 62);
  std::int64_t left = 0;
  for (std::int64_t k = 0; k < repeats(4000); ++k) {
    factor_product quick;
    exact_product want;
    std::uint32_t word[2 * 12 + 1];
    long_product words(word);
    bool finite = true;
    const std::int64_t kind = r.between(0, 6);
    for (std::int64_t j = r.between(1, 12); j > 0; --j) {
      const double f =
          kind == 6 ? 1 + std::ldexp(static_cast<double>(r.between(-1, 1)), -52) : widen(drawn<TestType>(r, kind));
      quick.multiply(f);
      want.multiply(f);
      finite = finite && is_finite(f) && !is_zero(f);
      if (finite) words.multiply(f);
    }
    const auto exact = to_bits(want.template round<TestType>());
    if (TestType got{}; quick.decide_to(got))
      REQUIRE(to_bits(got) == exact);
    else
      ++left;
    if (finite) REQUIRE(to_bits(words.template round<TestType>()) == exact);
  }
  INFO(left);
  CHECK(left < repeats(4000) / 2);
}

}  // namespace halfulp::tests
