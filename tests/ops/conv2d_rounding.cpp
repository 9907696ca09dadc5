// Whether every output of conv2d is the exact sum, rounded once.
#include <cfenv>

#include <catch2/catch.hpp>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "ops/conv2d_inputs.hpp"
#include "ops/conv2d_midpoints.hpp"
#include "ops/conv2d_referees.hpp"
#include "ops/ways_to_compute.hpp"

namespace halfulp::tests {
namespace {

/// Outputs that differ from the exact accumulator's; adds how many there were.
template <class T>
std::int64_t wrong_outputs(const call& c, std::int64_t& outputs, tier_counts* decided = nullptr) {
  const std::vector<T> y = computed<T>("conv2d", c, decided);
  outputs += static_cast<std::int64_t>(y.size());
  return tests::wrong_outputs<T>(op::conv2d::bind<T>(c), y);
}

template <class T>
void check_referees(const call& c, std::int64_t elements, random_source& r) {
  const std::vector<T> y = computed<T>("conv2d", c);
  const auto a = op::conv2d::bind<T>(c);
  for (std::int64_t k = 0; k < elements; ++k) {
    const std::int64_t i = r.between(0, static_cast<std::int64_t>(y.size()) - 1);
    const double got = widen(y[static_cast<std::size_t>(i)]);
    const referee_values want = referees<op::conv2d, T>(a, i);
    INFO("output " << i << ": " << got);
    CHECK(want.mpfr == got);
    CHECK(want.arb_low == got);
    CHECK(want.arb_high == got);
  }
}

/// The bits of every output.
template <class T>
std::vector<bits_t<T>> bits_of(const std::vector<kept_call>& calls) {
  std::vector<bits_t<T>> bits;
  for (const auto& c : calls)
    for (const T y : values_of<T>(kernels::compute("conv2d", *c).outputs.at(0))) bits.push_back(to_bits(y));
  return bits;
}

}  // namespace

TEMPLATE_TEST_CASE("conv2d: every geometry is summed exactly, as seven loops say", "", float16, bfloat16, float,
                   double) {
  HALFULP_RANDOM(r, 301);
  for (std::int64_t k = 0; k < repeats(150); ++k) {
    const convolution g = convolution_of_turn(r, k);
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<TestType>(r, kind, g.x_shape()),
                 w = random_tensor<TestType>(r, kind, g.weight_shape());
    const tensor bias = random_tensor<TestType>(r, kind, {g.outputs()});
    std::vector<exact_sum<TestType>> y(static_cast<std::size_t>(product(g.y_shape())));
    g.for_each_product([&](std::size_t i, std::size_t at, std::size_t tap) {
      y[i].add_product(x.elements<TestType>()[at], w.elements<TestType>()[tap]);
    });
    const bool has_bias = r.between(0, 1) == 1;
    const std::int64_t plane = g.out(0) * g.out(1);
    for (std::int64_t i = 0; has_bias && i < static_cast<std::int64_t>(y.size()); ++i)
      y[static_cast<std::size_t>(i)].add(
          bias.elements<TestType>()[static_cast<std::size_t>(g.nhwc ? i % g.outputs() : i / plane % g.outputs())]);
    auto named = g.attributes();
    if (has_bias) named["bias"] = {bias.view()};
    const call c = call_of("conv2d", {{x.view()}, {w.view()}}, named);
    INFO("case " << k << ", content " << static_cast<int>(kind));
    REQUIRE(wrong_bits(computed<TestType>("conv2d", c), rounded(y)) == 0);
  }
}

TEMPLATE_TEST_CASE("conv2d: hard inputs are summed exactly", "", float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 302);
  std::int64_t outputs = 0;
  for (std::int64_t k = 0; k < repeats(3); ++k)
    for (const kept_call& c : hard_calls<TestType>(r, 30)) {
      INFO(c.name);
      CHECK(wrong_outputs<TestType>(*c, outputs) == 0);
    }
  CHECK(outputs >= repeats(3) * 25000);
}

TEMPLATE_TEST_CASE("conv2d: MPFR and Arb find the same numbers", "", float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 303);
  for (std::int64_t k = 0; k < repeats(1); ++k) {
    for (const double left : {1e-6, 1e-12})
      check_referees<TestType>(*hard_call<TestType>(cancelling<TestType>(r, left, 30, 4, 5)), 120, r);
    check_referees<TestType>(*hard_call<TestType>(flat<TestType>(r, 7), 1), 120, r);
    for (const content kind :
         {content::uniform, content::integers, content::wide, content::subnormal, content::overflow}) {
      const tensor x = random_tensor<TestType>(r, kind, {1, 5, 6, 6}),
                   w = random_tensor<TestType>(r, kind, {5, 5, 3, 3});
      check_referees<TestType>(call_of("conv2d", {{x.view()}, {w.view()}}), 120, r);
    }
  }
}

TEMPLATE_TEST_CASE(
    "conv2d and its transpose: outputs within 2^-60 of a rounding midpoint go to the right side, ties to even", "",
    float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 304);
  using builder = midpoint_builder<TestType>;
  midpoint_outcome all;
  for (std::int64_t k = 0; k < repeats(40); ++k) {
    const auto o = midpoint_convolution<TestType>(r, r.between(0, 300), builder::most_log, 300, k % 2 == 0, k % 4 >= 2);
    all.outputs += o.outputs;
    all.wrong += o.wrong;
  }
  CHECK(all.outputs >= repeats(40) * 300);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE(
    "conv2d and its transpose: outputs as far from a midpoint as their sums may be wrong go to the right side", "",
    bfloat16, float, double) {
  HALFULP_RANDOM(r, 305);
  midpoint_outcome all;
  for (std::int64_t k = 0; k < repeats(40); ++k) {
    const auto o = midpoint_convolution<TestType>(r, r.between(0, 900), 40, 300, k % 2 == 0, k % 4 >= 2);
    all.outputs += o.outputs;
    all.wrong += o.wrong;
  }
  CHECK(all.outputs >= repeats(40) * 300);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("conv2d and its transpose: windows three wide beside a midpoint go to the right side, ties to even",
                   "", float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 310);
  midpoint_outcome all;
  for (std::int64_t k = 0; k < repeats(40); ++k) {
    const auto o = midpoint_windows<TestType>(r, r.between(20, 500), k % 3 ? midpoint_builder<TestType>::most_log : 40,
                                              60, k % 2 == 0);
    all.outputs += o.outputs;
    all.wrong += o.wrong;
  }
  CHECK(all.outputs >= repeats(40) * 60);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("conv2d: a term too small for any bound decides a tie", "", bfloat16, float) {
  const double half = std::ldexp(1, -format_of<TestType>.precision);
  for (const std::int64_t filters : {1, 9})  // by windows; by tiles, where it is the only one left
    for (const double sign : {-1, 0, 1}) {
      tensor x(dtype_of<TestType>, {1, 3, 1, 1}), w(dtype_of<TestType>, {filters, 3, 1, 1});
      const auto terms = x.template elements<TestType>(), weights = w.template elements<TestType>();
      for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = narrow<TestType>(k % 3 == 0 ? 1. : 0.);
      for (std::size_t c = 0; c < 3; ++c) {
        terms[c] = narrow<TestType>(c == 0 ? 1 : c == 1 ? half : 0x1p-80);
        weights[weights.size() - 3 + c] = narrow<TestType>(c < 2 ? 1 : sign * 0x1p-80);
      }
      const auto y = computed<TestType>("conv2d", call_of("conv2d", {{x.view()}, {w.view()}}));
      CHECK(widen(y.back()) == (sign > 0 ? 1 + 2 * half : 1));
    }
}

TEST_CASE("conv2d: sums that are exact in binary64 need no repair, ties and zeros included") {
  HALFULP_RANDOM(r, 306);
  const tensor x = random_tensor<float>(r, content::integers, {1, 30, 20, 20});
  const tensor w = random_tensor<float>(r, content::integers, {8, 30, 3, 3});
  tier_counts decided;
  std::int64_t outputs = 0;
  const call c = call_of("conv2d", {{x.view()}, {w.view()}});
  CHECK(wrong_outputs<float>(c, outputs, &decided) == 0);
  CHECK(decided[tier::binary64] == outputs);
  tier_counts of_flat;
  (void)computed<float>("conv2d", *hard_call<float>(flat<float>(r, 40)), &of_flat);
  CHECK(of_flat[tier::binary64] == 3 * 38 * 38);
}

TEST_CASE("conv2d: pairs of windows leave few sums to repair, of integers and flat images none") {
  HALFULP_RANDOM(r, 311);
  const auto decided = [](const tensor& x, const tensor& w) {
    tier_counts counts;
    std::int64_t outputs = 0;
    CHECK(wrong_outputs<float>(call_of("conv2d", {{x.view()}, {w.view()}}), outputs, &counts) == 0);
    return static_cast<double>(counts[tier::binary64]) / static_cast<double>(outputs);
  };
  const extents image{1, 24, 31, 33}, filters{20, 24, 3, 3};
  CHECK(decided(random_tensor<float>(r, content::uniform, image), random_tensor<float>(r, content::uniform, filters)) >
        .998);
  CHECK(decided(random_tensor<float>(r, content::integers, image),
                random_tensor<float>(r, content::integers, filters)) == 1);
  // A third of these windows read nothing but zeros; of those with some numbers, one in 18,000 may be near a midpoint.
  CHECK(decided(random_tensor<float>(r, content::zeros, image), random_tensor<float>(r, content::uniform, filters)) >
        .9995);
  tensor grey(dtype_of<float>, image), derivatives(dtype_of<float>, filters);
  for (float& x : grey.elements<float>()) x = 0.3F;
  std::size_t k = 0;
  for (float& w : derivatives.elements<float>()) w = std::array{-1.F, 2.F, -1.F}[k++ % 3];
  CHECK(decided(grey, derivatives) == 1);
}

TEST_CASE("conv2d: random float32 sums of 100,000 terms are nearly all decided in binary64") {
  HALFULP_RANDOM(r, 307);
  const tensor x = random_tensor<float>(r, content::uniform, {1, 100000, 1, 24});
  const tensor w = random_tensor<float>(r, content::uniform, {8, 100000, 1, 1});
  tier_counts decided;
  std::int64_t outputs = 0;
  const call c = call_of("conv2d", {{x.view()}, {w.view()}});
  CHECK(wrong_outputs<float>(c, outputs, &decided) == 0);
  CHECK(decided[tier::binary64] >= outputs * 98 / 100);
}

TEMPLATE_TEST_CASE("conv2d: the bits depend neither on the threads nor on the instruction set", "", float16, bfloat16,
                   float, double) {
  HALFULP_RANDOM(r, 308);
  const auto calls = hard_calls<TestType>(r, 20);
  const auto want = bits_of<TestType>(calls);
  for_each_way_to_compute([&] { CHECK((bits_of<TestType>(calls) == want)); });
}

TEMPLATE_TEST_CASE("conv2d: the caller's rounding and flush modes matter to no bit, and are kept", "", float16,
                   bfloat16, float, double) {
  HALFULP_RANDOM(r, 309);
  const auto calls = hard_calls<TestType>(r, 20);
  const auto want = bits_of<TestType>(calls);
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const auto got = bits_of<TestType>(calls);
    const int kept = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(kept == mode);
    CHECK((got == want));
  }
#if defined(__SSE2__)
  constexpr unsigned flush = 0x8040;  // results and operands
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | flush);
  const auto got = bits_of<TestType>(calls);
  const unsigned kept = _mm_getcsr();
  _mm_setcsr(before);
  CHECK((kept & flush) == flush);
  CHECK((got == want));
#endif
}

}  // namespace halfulp::tests
