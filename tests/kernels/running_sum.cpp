#include <halfulp/kernels/core/running_sum.hpp>

#include <cmath>
#include <vector>

#include <halfulp/oracle/core/exact_sum.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels;

/// Terms that cancel in part, since the next is often the last with its sign turned; of some sums, powers of two that lie
/// at a tie or so far below it that an addition loses them.
template <class T>
std::vector<T> drawn_terms(random_source& r) {
  std::vector<T> terms;
  const bool powers = r.between(0, 1) == 0;
  const int spread = static_cast<int>(r.between(0, 60)), precision = format_of<T>.precision;
  for (std::int64_t n = r.between(1, powers ? 5 : 40); n > 0; --n) {
    const double small = std::ldexp(1., -static_cast<int>(r.between(0, 1) == 0 ? precision : r.between(50, 140)));
    const double fresh = powers ? (r.between(0, 2) == 0   ? 1
                                   : r.between(0, 1) == 0 ? small
                                                          : -small)
                                : std::ldexp(r.uniform(), -static_cast<int>(r.between(0, spread)));
    terms.push_back(!terms.empty() && r.between(0, 2) == 0 ? narrow<T>(-widen(terms.back())) : narrow<T>(fresh));
  }
  return terms;
}

/// The terms dealt to 8 sums, joined in pairs as the threads of a block do; some of them get none.
template <class T>
running<T> joined_sum(random_source& r, const std::vector<T>& terms) {
  running<T> part[8];
  const std::int64_t used = r.between(1, 8);
  for (const T x : terms) part[r.between(0, used - 1)].add(widen(x));
  for (int half = 4; half > 0; half /= 2)
    for (int k = 0; k < half; ++k) part[k].add(part[k + half]);
  return part[0];
}

}  // namespace

TEMPLATE_TEST_CASE("running sum: what parts decide together is the exact sum", "", float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 64);
  std::int64_t decided = 0;
  const std::int64_t sums = repeats(20000);
  for (std::int64_t k = 0; k < sums; ++k) {
    const auto terms = drawn_terms<TestType>(r);
    exact_sum<TestType> want;
    for (const TestType x : terms) want.add(x);
    TestType rounded;
    const double growth = error_growth(2 * static_cast<std::int64_t>(terms.size()) + 16);
    if (!decide_running(joined_sum(r, terms), growth, rounded)) continue;
    ++decided;
    REQUIRE(to_bits(rounded) == to_bits(want.template round<TestType>()));
  }
  CHECK(2 * decided > sums);
}

TEMPLATE_TEST_CASE("running sum: a part without terms adds nothing, so that a sum of -0 is -0", "", float, double) {
  running<TestType> nothing, negative;
  CHECK_FALSE(nothing.touched());
  negative.add(-0.0);
  CHECK(negative.touched());
  negative.add(nothing);
  CHECK(to_bits(negative.high) == to_bits(-0.0));
  nothing.add(negative);
  CHECK(nothing.touched());
  CHECK(to_bits(nothing.high) == to_bits(-0.0));
}

}  // namespace halfulp::tests
