#include <cmath>
#include <vector>

#include <halfulp/kernels/core/long_fraction_sum.hpp>
#include <halfulp/oracle/real/fraction_sum.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels;

struct fraction {
  std::vector<double> factors;
  std::int64_t divisor;
};

template <class Sum>
void feed(const std::vector<fraction>& terms, Sum& sum) {
  for (const fraction& t : terms) {
    sum.begin();
    for (const double f : t.factors) sum.multiply(f);
    sum.end(t.divisor);
  }
}

template <class T>
T long_sum(const std::vector<fraction>& terms, std::int64_t updates) {
  fraction_extent extent;
  feed(terms, extent);
  const std::int64_t words = extent.words(updates);
  std::vector<std::int64_t> digit(static_cast<std::size_t>(words));
  std::vector<std::uint32_t> product(static_cast<std::size_t>(extent.product_words()));
  long_fraction_sum sum(digit.data(), product.data(), words, extent.lowest(updates), extent.divided());
  feed(terms, sum);
  return sum.template round<T>(extent.terms());
}

/// A finite number of T other than 0; small: an integer.
template <class T>
double drawn(random_source& r, bool small) {
  const double x = small ? static_cast<double>(r.between(1, 4)) : std::abs(widen(r.any_finite<T>()));
  return (x == 0 ? 1 : x) * (r.between(0, 1) == 0 ? -1 : 1);
}

template <class T>
std::vector<fraction> drawn_terms(random_source& r, std::int64_t most_factors) {
  const bool small = r.between(0, 2) > 0;
  const std::int64_t greatest = r.between(0, 2) == 0 ? 1 : r.between(0, 1) == 0 ? 6 : (std::int64_t{1} << 31) - 1;
  std::vector<fraction> terms;
  for (std::int64_t k = r.between(1, 24); k > 0; --k) {
    fraction t{{}, r.between(1, greatest)};
    for (std::int64_t f = r.between(1, most_factors); f > 0; --f) t.factors.push_back(drawn<T>(r, small));
    terms.push_back(t);
  }
  return terms;
}

template <class T>
T exact_sum_of(const std::vector<fraction>& terms) {
  exact_fraction_sum sum;
  for (const fraction& t : terms) sum.add(t.factors, t.divisor);
  return sum.template round<T>();
}

template <class T>
void check_like_exact(const std::vector<fraction>& terms) {
  REQUIRE(to_bits(long_sum<T>(terms, static_cast<std::int64_t>(terms.size()))) == to_bits(exact_sum_of<T>(terms)));
}

}  // namespace

TEMPLATE_TEST_CASE("long fraction sum: sums of quotients and of products are those of the rational arithmetic", "",
                   float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 62);
  for (std::int64_t k = 0; k < repeats(3000); ++k) {
    check_like_exact<TestType>(drawn_terms<TestType>(r, 1));
    auto products = drawn_terms<TestType>(r, 6);
    for (fraction& t : products) t.divisor = 1;
    check_like_exact<TestType>(products);
  }
}

TEMPLATE_TEST_CASE("long fraction sum: a sum that is 0, a number or a midpoint is seen to be one", "", float16,
                   bfloat16, float, double) {
  HALFULP_RANDOM(r, 63);
  constexpr int p = format_of<TestType>.precision;
  for (std::int64_t k = 0; k < repeats(2000); ++k) {
    const std::int64_t n = r.between(2, 1000), shift = r.between(-p, p);
    const double x = std::ldexp(static_cast<double>(r.between(1, 1023)), static_cast<int>(shift));
    std::vector<fraction> terms{{{x}, n}, {{-x}, n}};
    check_like_exact<TestType>(terms);
    for (std::int64_t j = 0; j < n; ++j) terms.push_back({{x}, n});
    terms.push_back({{std::ldexp(x, -p)}, 1});
    check_like_exact<TestType>(terms);
    terms.push_back({{std::ldexp(1.0, -p - 60)}, n});
    check_like_exact<TestType>(terms);
    terms.back().factors[0] = -terms.back().factors[0];
    check_like_exact<TestType>(terms);
  }
}

TEMPLATE_TEST_CASE("long fraction sum: a bit beside a midpoint counts, wherever it lies", "", float16, bfloat16, float,
                   double) {
  constexpr int p = format_of<TestType>.precision;
  for (int k = p + 1; k < 300; ++k)
    for (const int sign : {-1, 1})
      check_like_exact<TestType>({{{1}, 1}, {{std::ldexp(1.0, -p)}, 1}, {{std::ldexp(sign, -k)}, 1}});
}

TEST_CASE("long fraction sum: the bound on a common multiple holds for few and for many divisors") {
  common_multiple_bits few, many;
  for (std::int64_t n = 1; n <= 400; ++n) {
    if (n <= 12) few.take(n);
    many.take(n);
    many.take(n);
  }
  CHECK(few.bits(12) >= 15);       // lcm(1 .. 12) = 27720
  CHECK(many.bits(80200) >= 574);  // log2 lcm(1 .. 400) = 573.9
}

}  // namespace halfulp::tests
