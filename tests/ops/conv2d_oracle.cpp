// The oracle's rows of outputs: the same truths as its sums one by one.
#include <catch2/catch.hpp>

#include <halfulp/oracle/climb.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>

#include "ops/conv2d_inputs.hpp"
#include "ops/conv2d_transpose_reference.hpp"

namespace halfulp::tests {
namespace {

/// Every component against the ladder of that output alone, and against the exact sum.
template <class Op, class T>
void check_truths(const call& c) {
  const auto a = Op::template bind<T>(c);
  const truth t = evaluate(Op::name, c).at(0);
  for (std::int64_t i = 0; i < t.rounded.numel(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const component_truth& got = t.components.at(k);
    T rounded{};
    const component_truth want = sums::climb<T, T>([&](auto& sum) { Op::accumulate(a, i, sum); }, rounded);
    exact_sum<T> exact;
    Op::accumulate(a, i, exact);
    INFO(Op::name << ", output " << i);
    REQUIRE(got.decided);
    REQUIRE(to_bits(t.rounded.elements<T>()[k]) == to_bits(rounded));
    REQUIRE(to_bits(exact.template round<T>()) == to_bits(rounded));
    if (exact.is_nan_sum() || exact.is_infinite_sum()) continue;
    REQUIRE(got.range.reals().contains(to_real(exact, rounded)));
    // never below; above by a power of two that the exact result may lie beside, and by roundings
    REQUIRE(got.bounds.componentwise >= want.bounds.componentwise * (1 - 0x1p-30));
    REQUIRE(got.bounds.componentwise <= want.bounds.componentwise * (2 + 0x1p-30));
    REQUIRE(got.bounds.normwise >= want.bounds.normwise * (1 - 0x1p-30));
    REQUIRE(got.bounds.normwise <= want.bounds.normwise * (2 + 0x1p-30));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("conv2d: the oracle's rows say what its single sums say", "", float16, bfloat16, float) {
  using T = TestType;
  HALFULP_RANDOM(r, 351);
  for (std::int64_t k = 0; k < repeats(12); ++k) {
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    INFO("case " << k << ", content " << static_cast<int>(kind));
    const convolution g = random_convolution(r);
    const tensor x = random_tensor<T>(r, kind, g.x_shape()), w = random_tensor<T>(r, kind, g.weight_shape());
    const tensor bias = random_tensor<T>(r, kind, {g.outputs()});
    auto named = g.attributes();
    if (k % 2 == 0) named["bias"] = {bias.view()};
    check_truths<op::conv2d, T>(call_of("conv2d", {{x.view()}, {w.view()}}, named));
    const auto t = random_transposed_convolution(r);
    const tensor xt = random_tensor<T>(r, kind, t.x_shape()), wt = random_tensor<T>(r, kind, t.weight_shape());
    const tensor bias_t = random_tensor<T>(r, kind, {t.outputs()});
    auto named_t = t.attributes();
    if (k % 2 == 0) named_t["bias"] = {bias_t.view()};
    check_truths<op::conv2d_transpose, T>(call_of("conv2d_transpose", {{xt.view()}, {wt.view()}}, named_t));
  }
}

}  // namespace halfulp::tests
