// Convolutions that no tile is worth: depthwise ones, few rows, few and long sums; sums of integers.
#include <halfulp/oracle/ops/conv2d_transpose.hpp>

#include "cuda/convolutions.hpp"

namespace halfulp::tests {
namespace {

template <class Accepts>
convolution drawn(random_source& r, Accepts change) {
  for (;;) {
    convolution c;
    draw_convolution(r, c);
    change(c);
    if (c.valid()) return c;
  }
}

/// One input and one to three outputs a group; kernels of 3 x 3 and others, images of many strips.
convolution depthwise(random_source& r) {
  return drawn(r, [&](convolution& c) {
    c.h = r.between(1, scaled(40, 12));
    c.w = r.between(1, scaled(60, 24));
    c.groups = r.between(4, scaled(40, 8));
    c.group_inputs = 1;
    c.group_outputs = r.between(0, 2) == 0 ? r.between(2, 7) : 1;
    if (r.between(0, 1) == 0) c.kernel = {3, 3};
  });
}

/// Weight gradients of few and long sums, some of them cut into parts.
convolution long_sums(random_source& r) {
  return drawn(r, [&](convolution& c) {
    c.n = r.between(1, scaled(4, 2));
    c.h = r.between(30, scaled(100, 40));
    c.w = r.between(30, scaled(100, 40));
    c.groups = r.between(1, 4);
    c.group_inputs = r.between(1, 2);
    c.group_outputs = r.between(1, 2);
  });
}

/// Sums of so many terms that tiles put totals aside, by several blocks.
convolution long_tiles(random_source& r) {
  return drawn(r, [&](convolution& c) {
    c.h = r.between(scaled(60, 48), scaled(70, 52));
    c.w = r.between(scaled(60, 48), scaled(70, 52));
    c.groups = 1;
    c.group_inputs = r.between(scaled(5, 4), scaled(9, 4));
    c.group_outputs = r.between(scaled(8, 3), scaled(70, 4));
    c.kernel = {3, 3};
    c.stride = {1, 1};
  });
}

/// Multiples of 2^-24: sums of their products are often halfway between two numbers of 53 bits.
tensor short_numbers(random_source& r, const extents& shape) {
  tensor t(dtype::float64, shape);
  for (double& x : t.elements<double>()) x = std::ldexp(std::floor(std::ldexp(r.uniform(), 24)), -24);
  return t;
}

template <class T>
tensor any_integers(random_source& r, const extents& shape) {
  tensor t(dtype_of<T>, shape);
  for (T& x : t.elements<T>()) x = static_cast<T>(r.bits());
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda few products: depthwise convolutions and gradients have the bits of the CPU", "", float16,
                   bfloat16, float, double) {
  compare_all<TestType>(10, depthwise, 4);
}

TEMPLATE_TEST_CASE("cuda few products: few and long sums have the bits of the CPU", "", float16, bfloat16, float,
                   double) {
  compare_all<TestType>(11, long_sums, 2);
}

TEST_CASE("cuda few products: long sums of float64 by tiles have the bits of the CPU") {
  if (scaled(1, 0) == 1) {
    compare_all<double>(12, long_tiles, 1);
    return;
  }
  HALFULP_RANDOM(r, 12);  // the sums that are long are those of the weight gradient
  comparison all;
  for (const content kind : every_content) {
    const convolution c = long_tiles(r);
    const tensor x = random_tensor<double>(r, kind, c.x_shape()), dy = random_tensor<double>(r, kind, c.y_shape());
    named_arguments named = c.attributes();
    named["weight_shape"] = convolution::list(c.weight_shape());
    all += compare<op::conv2d_weight_grad, double>(call_for<op::conv2d_weight_grad>({{dy.view()}, {x.view()}}, named));
    if (kind != content::uniform) continue;  // sums of the others are left to repair, and these are many
    const tensor weight = random_tensor<double>(r, kind, c.weight_shape());
    all += compare<op::conv2d, double>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes()));
  }
  CAPTURE(all.first_wrong);
  check_bits(all, 1);
}

TEST_CASE("cuda few products: ties of float64 are decided by tiles as they are on the CPU") {
  HALFULP_RANDOM(r, 13);
  const tensor x = short_numbers(r, {scaled(2, 1), 256, scaled(14, 7), scaled(14, 7)}),
               weight = short_numbers(r, {scaled(64, 24), 256, 3, 3});
  const auto all = compare<op::conv2d, double>(call_for<op::conv2d>({{x.view()}, {weight.view()}}));
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("cuda few products: sums of integers are those of the CPU, modulo 2^w", "", std::uint8_t,
                   std::int8_t, std::int16_t, std::int32_t, std::int64_t) {
  HALFULP_RANDOM(r, 14);
  comparison all;
  for (std::int64_t k = 0; k < repeats(10, 4); ++k) {
    const convolution c = k % 2 == 0 ? random_convolution(r) : depthwise(r);
    const tensor x = any_integers<TestType>(r, c.x_shape()), dy = any_integers<TestType>(r, c.y_shape()),
                 weight = any_integers<TestType>(r, c.weight_shape()), bias = any_integers<TestType>(r, {c.outputs()});
    named_arguments named = c.attributes();
    named["bias"] = {bias.view()};
    all += compare<op::conv2d, TestType>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, named));
    named = c.attributes();
    named["output_size"] = convolution::list(std::array{c.h, c.w});
    all +=
        compare<op::conv2d_transpose, TestType>(call_for<op::conv2d_transpose>({{dy.view()}, {weight.view()}}, named));
  }
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
  CHECK(all.decided[tier::exact] == all.outputs);
}

TEST_CASE("cuda few products: empty batches and images leave zeros, and empty results nothing") {
  for (const extents& shape : {extents{0, 3, 4, 4}, extents{2, 3, 0, 4}, extents{2, 0, 4, 4}}) {
    const tensor dy(dtype::float32, shape);
    const auto c = compare<op::conv2d_bias_grad, float>(call_for<op::conv2d_bias_grad>({{dy.view()}}));
    CAPTURE(to_string(shape));
    CHECK(c.wrong == 0);
    CHECK(c.outputs == shape[1]);
  }
}

}  // namespace halfulp::tests
