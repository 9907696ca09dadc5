#include <halfulp/oracle/ops.hpp>

#include <catch2/catch.hpp>

#include "ops/conv2d_calls.hpp"

namespace halfulp::tests {
namespace {

using list = argument::list;

/// conv2d_transpose of float32 tensors, from kernel and oracle.
std::vector<float> transposed(const tensor& x, const tensor& weight, const named_arguments& named = {}) {
  return floats("conv2d_transpose", call_of("conv2d_transpose", {{x.view()}, {weight.view()}}, named));
}

extents shape_of(const extents& x, const extents& weight, const named_arguments& named = {}) {
  const tensor a(dtype::float32, x), b(dtype::float32, weight);
  return kernels::compute("conv2d_transpose", call_of("conv2d_transpose", {{a.view()}, {b.view()}}, named))
      .outputs.at(0)
      .shape();
}

std::string refusal(const extents& x, const extents& weight, const named_arguments& named = {}) {
  return refusal_of_shapes("conv2d_transpose", x, weight, named);
}

tensor filled(const extents& shape, float value) {
  return make_tensor<float>(shape, std::vector<float>(static_cast<std::size_t>(product(shape)), value));
}

const auto image_2x2 = make_tensor<float>({1, 1, 2, 2}, {1, 2, 3, 4});
const auto lopsided = make_tensor<float>({1, 1, 2, 2}, {1, 10, 100, 1000});

}  // namespace

TEST_CASE("conv2d_transpose: a lopsided kernel is laid down as it is at every input, as worked out by hand") {
  //  1     10  .       .  2 20       .    .    .       .   .    .
  //  100 1000  .   +   .  200 2000 + 3   30    .   +   .   4   40
  //  .      .  .       .    .    .   300 3000  .       . 400 4000
  CHECK(transposed(image_2x2, lopsided) == std::vector<float>{1, 12, 20, 103, 1234, 2040, 300, 3400, 4000});
  // without the first row and the last column
  CHECK(transposed(image_2x2, lopsided, {{"padding", {list{{1}, {0}, {0}, {1}}}}}) ==
        std::vector<float>{103, 1234, 300, 3400});
}

TEST_CASE("conv2d_transpose: a stride of 2 keeps inputs apart, as worked out by hand") {
  CHECK(transposed(image_2x2, lopsided, {{"stride", {std::int64_t{2}}}}) ==
        std::vector<float>{1, 10, 2, 20, 100, 1000, 200, 2000, 3, 30, 4, 40, 300, 3000, 400, 4000});
  // rows two apart, columns one: width 3, height 4
  CHECK(transposed(image_2x2, lopsided, {{"stride", pair(2, 1)}}) ==
        std::vector<float>{1, 12, 20, 100, 1200, 2000, 3, 34, 40, 300, 3400, 4000});
}

TEST_CASE("conv2d_transpose: dilation spreads the kernel, rows and columns apart, as worked out by hand") {
  CHECK(transposed(make_tensor<float>({1, 1, 1, 2}, {1, 2}), lopsided, {{"dilation", pair(1, 2)}}) ==
        std::vector<float>{1, 2, 10, 20, 100, 200, 1000, 2000});
  CHECK(transposed(make_tensor<float>({1, 1, 2, 1}, {1, 2}), lopsided, {{"dilation", pair(3, 1)}}) ==
        std::vector<float>{1, 10, 2, 20, 0, 0, 100, 1000, 200, 2000});
}

TEST_CASE("conv2d_transpose: output_padding adds rows below and columns to the right, as worked out by hand") {
  const auto x = make_tensor<float>({1, 1, 1, 2}, {1, 2}), w = make_tensor<float>({1, 1, 1, 2}, {1, 10});
  // ow = 2 iw + kw: 1 10 2 20, and one more that no input reaches
  CHECK(transposed(x, w, {{"stride", pair(1, 2)}, {"output_padding", pair(0, 1)}}) ==
        std::vector<float>{1, 10, 2, 20, 0});
  // with padding on the left only, what it adds holds no input either
  CHECK(transposed(x, w,
                   {{"stride", pair(1, 2)}, {"padding", {list{{0}, {0}, {1}, {0}}}}, {"output_padding", pair(0, 1)}}) ==
        std::vector<float>{10, 2, 20, 0});
  // with padding on the right, it is what the padding took away
  CHECK(transposed(x, w,
                   {{"stride", pair(1, 2)}, {"padding", {list{{0}, {0}, {0}, {1}}}}, {"output_padding", pair(0, 1)}}) ==
        std::vector<float>{1, 10, 2, 20});
  // less than dilation is enough: ow = iw + 3 kw is 1 2 . 10 20, and two more
  CHECK(transposed(x, w, {{"dilation", pair(1, 3)}, {"output_padding", pair(0, 2)}}) ==
        std::vector<float>{1, 2, 0, 10, 20, 0, 0});
}

TEST_CASE("conv2d_transpose: output_size is output_padding said by the result") {
  const auto x = make_tensor<float>({1, 1, 1, 2}, {1, 2}), w = make_tensor<float>({1, 1, 1, 2}, {1, 10});
  const named_arguments stride{{"stride", pair(2, 3)}};  // the least size is 1 x 5
  const auto sized = [&](argument size) {
    auto named = stride;
    named["output_size"] = std::move(size);
    return transposed(x, w, named);
  };
  CHECK(sized(pair(1, 5)) == std::vector<float>{1, 10, 0, 2, 20});
  CHECK(sized(pair(1, 7)) == std::vector<float>{1, 10, 0, 2, 20, 0, 0});
  CHECK(sized(pair(2, 5)) == std::vector<float>{1, 10, 0, 2, 20, 0, 0, 0, 0, 0});
  const auto wide = make_tensor<std::int64_t>({2}, {1, 6});
  CHECK(sized({wide.view()}) == std::vector<float>{1, 10, 0, 2, 20, 0});
  const auto square = make_tensor<float>({1, 1, 1, 1}, {3});
  const auto one = make_tensor<std::int32_t>({1}, {2});
  for (const argument& two : {argument{std::int64_t{2}}, argument{list{{2}}}, argument{one.view()}})
    CHECK(transposed(square, square, {{"stride", {std::int64_t{2}}}, {"output_size", two}}) ==
          std::vector<float>{9, 0, 0, 0});
}

TEST_CASE("conv2d_transpose: groups and the channels of a weight, as worked out by hand") {
  // two groups of two input and one output channels: weight[c, 0]
  const auto x = make_tensor<float>({1, 4, 1, 1}, {1, 10, 100, 1000}),
             w = make_tensor<float>({4, 1, 1, 1}, {2, 3, 4, 5});
  CHECK(transposed(x, w, {{"groups", {std::int64_t{2}}}}) == std::vector<float>{32, 5400});
  // two groups of one input and two output channels
  const auto v = make_tensor<float>({2, 2, 1, 1}, {1, 2, 3, 4});
  CHECK(transposed(make_tensor<float>({1, 2, 1, 1}, {1, 10}), v, {{"groups", {std::int64_t{2}}}}) ==
        std::vector<float>{1, 2, 30, 40});
  // one group of two of each: y[o] = x[0] w[0, o] + x[1] w[1, o]
  CHECK(transposed(make_tensor<float>({1, 2, 1, 1}, {1, 10}), v) == std::vector<float>{31, 42});
  // depthwise
  CHECK(transposed(make_tensor<float>({1, 2, 1, 2}, {1, 2, 3, 4}), make_tensor<float>({2, 1, 1, 2}, {1, 10, 100, 1000}),
                   {{"groups", {std::int64_t{2}}}}) == std::vector<float>{1, 12, 20, 300, 3400, 4000});
}

TEST_CASE("conv2d_transpose: channels last with uneven padding is the same sum, as worked out by hand") {
  // pixels (1, 10), (2, 20) in a row; weights of channel 0: 1 3, of channel 1: 5 7; the sums over the row are
  // 1 + 50, 3 + 70 + 2 + 100, 6 + 140
  const auto x = make_tensor<float>({1, 1, 2, 2}, {1, 10, 2, 20}), w = make_tensor<float>({2, 1, 1, 2}, {1, 3, 5, 7});
  CHECK(transposed(x, w, {{"data_format", text("NHWC")}}) == std::vector<float>{51, 175, 146});
  CHECK(transposed(x, w, {{"data_format", text("NHWC")}, {"padding", {list{{0}, {0}, {1}, {0}}}}}) ==
        std::vector<float>{175, 146});
  const argument four{list{{list{{0}, {0}}}, {list{{0}, {0}}}, {list{{0}, {1}}}, {list{{0}, {0}}}}};
  CHECK(transposed(x, w, {{"data_format", text("NHWC")}, {"padding", four}}) == std::vector<float>{51, 175});
}

TEST_CASE("conv2d_transpose: padding SAME is that of a convolution of an image of x's size, as Paddle has it") {
  struct row {
    std::int64_t size, kernel, stride, dilation, out;
  };
  // (size - 1) stride + kernel - max((ceil(size / stride) - 1) stride + kernel - size, 0)
  for (const row& t :
       {row{4, 3, 2, 1, 8}, row{5, 3, 2, 1, 9}, row{5, 3, 1, 2, 5}, row{4, 1, 3, 1, 10}, row{1, 4, 2, 1, 1}}) {
    INFO("size " << t.size << ", kernel " << t.kernel << ", stride " << t.stride);
    for (const char* same : {"SAME", "same"})
      CHECK(shape_of({1, 1, t.size, t.size}, {1, 2, t.kernel, t.kernel},
                     {{"padding", text(same)}, {"stride", {t.stride}}, {"dilation", {t.dilation}}}) ==
            extents{1, 2, t.out, t.out});
  }
  // one column of padding, on the right: 1 12 20 without its last
  const auto x = make_tensor<float>({1, 1, 1, 2}, {1, 2}), w = make_tensor<float>({1, 1, 1, 2}, {1, 10});
  CHECK(transposed(x, w, {{"padding", text("Same")}}) == std::vector<float>{1, 12});
  CHECK(transposed(x, w, {{"padding", text("vaLiD")}}) == std::vector<float>{1, 12, 20});
}

TEST_CASE("conv2d_transpose: the bias is added before the one rounding, where no input reaches, too") {
  const auto x = make_tensor<float>({1, 1, 1, 2}, {0x1p24f, 1}), w = make_tensor<float>({1, 2, 1, 1}, {1, 1});
  const auto bias = make_tensor<float>({2}, {1, 3});
  CHECK(transposed(x, w, {{"bias", {bias.view()}}, {"stride", pair(1, 2)}}) ==
        std::vector<float>{0x1p24f, 1, 2, 0x1p24f + 4, 3, 4});
}

TEST_CASE("conv2d_transpose: only the exact result can overflow") {
  const auto x = make_tensor<float>({1, 3, 1, 1}, {3e38f, 3e38f, -3e38f}), w = filled({3, 1, 1, 1}, 1);
  CHECK(transposed(x, w) == std::vector<float>{3e38f});
}

TEST_CASE("conv2d_transpose: what no input reaches is no term, whatever the weights") {
  const float inf = INFINITY;
  const auto x = make_tensor<float>({1, 1, 1, 2}, {-0.f, -0.f});
  const auto y = transposed(x, make_tensor<float>({1, 1, 1, 2}, {1, inf}), {{"stride", pair(1, 3)}});
  // -0, -0 inf, nothing, -0, -0 inf
  CHECK(to_bits(y.at(0)) == to_bits(-0.f));
  CHECK(to_bits(y.at(1)) == encoding<float>::quiet_nan);
  CHECK(to_bits(y.at(2)) == to_bits(0.f));
  CHECK(to_bits(y.at(3)) == to_bits(-0.f));
  CHECK(to_bits(y.at(4)) == encoding<float>::quiet_nan);
  const auto reached = transposed(filled({1, 1, 1, 2}, 2), make_tensor<float>({1, 1, 1, 2}, {inf, 1}));
  CHECK(reached == std::vector<float>{inf, inf, 2});  // the last sees the second weight alone
}

TEST_CASE("conv2d_transpose: empty shapes return what the mathematics says") {
  struct row {
    extents x, weight;
    std::int64_t stride, padding;
    bool valid;
    extents y;
    bool touched;  // whether inputs reach the outputs
  };
  const row table[] = {
      {{0, 3, 4, 4}, {3, 2, 3, 3}, 1, 0, true, {0, 2, 6, 6}, false},
      {{1, 0, 4, 4}, {0, 2, 3, 3}, 1, 0, true, {1, 2, 6, 6}, false},
      {{1, 3, 4, 4}, {3, 0, 3, 3}, 1, 0, true, {1, 0, 6, 6}, false},
      {{1, 3, 0, 4}, {3, 2, 3, 3}, 1, 0, true, {1, 2, 2, 6}, false},
      {{1, 3, 0, 4}, {3, 2, 3, 3}, 2, 0, true, {1, 2, 1, 9}, false},
      {{1, 3, 4, 0}, {3, 2, 3, 3}, 2, 0, true, {1, 2, 9, 1}, false},
      {{1, 3, 0, 0}, {3, 2, 3, 3}, 1, 0, true, {1, 2, 2, 2}, false},
      {{0, 3, 0, 4}, {3, 2, 3, 3}, 1, 0, true, {0, 2, 2, 6}, false},
      {{1, 0, 0, 0}, {0, 2, 2, 2}, 2, 0, true, {1, 2, 0, 0}, false},
      {{1, 3, 2, 2}, {3, 2, 1, 1}, 1, 1, true, {1, 2, 0, 0}, false},
      {{1, 1, 3, 3}, {1, 2, 1, 1}, 1, 1, true, {1, 2, 1, 1}, true},
      {{1, 3, 4, 4}, {3, 2, 0, 3}, 1, 0, false, {}, false},
      {{1, 3, 4, 4}, {3, 2, 3, 0}, 1, 0, false, {}, false},
      {{1, 3, 1, 1}, {3, 2, 3, 3}, 1, 2, false, {}, false},
      {{0, 3, 1, 1}, {3, 2, 3, 3}, 1, 2, false, {}, false},
      {{1, 3, 0, 4}, {3, 2, 1, 1}, 2, 0, false, {}, false},
      {{1, 3, 4, 4}, {3, 2, 3, 3}, 0, 0, false, {}, false},
      {{1, 0, 4, 4}, {3, 2, 3, 3}, 1, 0, false, {}, false},
      {{1, 3, 4, 4}, {0, 2, 3, 3}, 1, 0, false, {}, false},
  };
  for (const auto& t : table) {
    INFO("x " << to_string(t.x) << ", weight " << to_string(t.weight) << ", padding " << t.padding);
    const named_arguments named{{"stride", {t.stride}}, {"padding", {t.padding}}};
    CHECK(refusal(t.x, t.weight, named).empty() == t.valid);
    if (!t.valid) continue;
    const tensor x = filled(t.x, 1), w = filled(t.weight, 1), bias = filled({t.weight[1]}, 7);
    auto with_bias = named;
    with_bias["bias"] = {bias.view()};
    CHECK(shape_of(t.x, t.weight, named) == t.y);
    const float products = t.touched ? 1 : 0;
    CHECK(transposed(x, w, named) == std::vector<float>(static_cast<std::size_t>(product(t.y)), products));
    CHECK(transposed(x, w, with_bias) == std::vector<float>(static_cast<std::size_t>(product(t.y)), products + 7));
  }
}

TEST_CASE("conv2d_transpose: PyTorch's name and argument names are taken, in its order") {
  CHECK(visit_op("torch.nn.functional.conv_transpose2d",
                 [](auto tag) { CHECK(std::string(decltype(tag)::type::name) == "conv2d_transpose"); }));
  // input, weight, bias, stride, padding, output_padding, groups, dilation
  const std::int64_t two = 2, one = 1, none = 0;
  const call c =
      call_of("conv2d_transpose", {{image_2x2.view()}, {lopsided.view()}, {}, {two}, {none}, {one}, {one}, {one}});
  CHECK(kernels::compute("conv2d_transpose", c).outputs.at(0).shape() == extents{1, 1, 5, 5});
  const call named = call_of("conv2d_transpose", {}, {{"input", {image_2x2.view()}}, {"weight", {lopsided.view()}}});
  CHECK(floats("conv2d_transpose", named) == transposed(image_2x2, lopsided));
}

}  // namespace halfulp::tests
