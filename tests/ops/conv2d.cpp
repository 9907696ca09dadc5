#include <halfulp/oracle/ops/conv2d.hpp>

#include <catch2/catch.hpp>

#include <limits>

#include "ops/conv2d_calls.hpp"

namespace halfulp::tests {
namespace {

using list = argument::list;

std::string refusal(const extents& x, const extents& weight, const named_arguments& named = {}) {
  return refusal_of_shapes("conv2d", x, weight, named);
}

const auto image_3x3 = make_tensor<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});

}  // namespace

TEST_CASE("conv2d: a lopsided kernel is not flipped, as worked out by hand") {
  const auto w = make_tensor<float>({1, 1, 2, 2}, {1, 10, 100, 1000});
  CHECK(convolved(image_3x3, w) == std::vector<float>{5421, 6532, 8754, 9865});
  // a row of zeros above and a column of zeros to the right
  CHECK(convolved(image_3x3, w, {{"padding", {list{{1}, {0}, {0}, {1}}}}}) ==
        std::vector<float>{2100, 3200, 300, 5421, 6532, 603, 8754, 9865, 906});
}

TEST_CASE("conv2d: stride and dilation differ between rows and columns, as worked out by hand") {
  const auto x = make_tensor<float>({1, 1, 3, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  const auto w = make_tensor<float>({1, 1, 2, 2}, {1, 10, 100, 1000});
  const auto y = convolved(x, w, {{"stride", {list{{1}, {2}}}}, {"dilation", {list{{2}, {1}}}}});
  CHECK(y == std::vector<float>{1 + 20 + 1100 + 12000, 3 + 40 + 1300 + 14000});
  const auto z = convolved(x, w, {{"stride", {list{{2}, {1}}}}, {"dilation", {list{{1}, {3}}}}});
  CHECK(z == std::vector<float>{1 + 40 + 600 + 9000, 2 + 50 + 700 + 10000});
}

TEST_CASE("conv2d: groups see their own channels, and channels last is the same sum, as worked out by hand") {
  const auto x = make_tensor<float>({1, 4, 1, 2}, {1, 2, 10, 20, 100, 200, 1000, 2000});
  const auto w = make_tensor<float>({2, 2, 1, 1}, {1, 2, 3, 4});
  CHECK(convolved(x, w, {{"groups", {std::int64_t{2}}}}) == std::vector<float>{21, 42, 4300, 8600});
  const auto x_last = make_tensor<float>({1, 1, 2, 4}, {1, 10, 100, 1000, 2, 20, 200, 2000});
  CHECK(convolved(x_last, w, {{"groups", {std::int64_t{2}}}, {"data_format", {std::string("NHWC")}}}) ==
        std::vector<float>{21, 4300, 42, 8600});
}

TEST_CASE("conv2d: the bias is added before the one rounding") {
  const auto x = make_tensor<float>({1, 1, 1, 1}, {0x1p24f}), w = make_tensor<float>({2, 1, 1, 1}, {1, 1});
  const auto bias = make_tensor<float>({2}, {1, 3});
  CHECK(convolved(x, w, {{"bias", {bias.view()}}}) == std::vector<float>{0x1p24f, 0x1p24f + 4});
}

TEST_CASE("conv2d: only the exact result can overflow") {
  const auto x = make_tensor<float>({1, 3, 1, 1}, {3e38f, 3e38f, -3e38f}),
             w = make_tensor<float>({1, 3, 1, 1}, {1, 1, 1});
  CHECK(convolved(x, w) == std::vector<float>{3e38f});
  const auto y = make_tensor<double>({1, 3, 1, 1}, {1e308, 1e308, -1e308}),
             v = make_tensor<double>({1, 3, 1, 1}, {9, 9, 17});
  CHECK(bits_of_output<double>("conv2d", call_of("conv2d", {{y.view()}, {v.view()}})) ==
        std::vector<std::uint64_t>{to_bits(1e308)});
}

TEST_CASE("conv2d: empty shapes return what the mathematics says") {
  struct row {
    extents x, weight;
    std::int64_t padding;
    bool valid;
    extents y;
  };
  const row table[] = {
      {{0, 3, 4, 4}, {2, 3, 3, 3}, 0, true, {0, 2, 2, 2}}, {{1, 0, 4, 4}, {2, 0, 3, 3}, 0, true, {1, 2, 2, 2}},
      {{1, 3, 4, 4}, {0, 3, 3, 3}, 0, true, {1, 0, 2, 2}}, {{1, 3, 0, 4}, {2, 3, 3, 3}, 2, true, {1, 2, 2, 6}},
      {{1, 3, 4, 0}, {2, 3, 3, 3}, 2, true, {1, 2, 6, 2}}, {{1, 3, 0, 0}, {2, 3, 3, 3}, 2, true, {1, 2, 2, 2}},
      {{0, 0, 4, 4}, {0, 0, 3, 3}, 0, true, {0, 0, 2, 2}}, {{1, 3, 4, 4}, {2, 3, 0, 3}, 0, false, {}},
      {{1, 3, 4, 4}, {2, 3, 3, 0}, 0, false, {}},          {{1, 3, 2, 4}, {2, 3, 3, 3}, 0, false, {}},
      {{1, 3, 0, 4}, {2, 3, 1, 1}, 0, false, {}},          {{1, 0, 4, 4}, {2, 3, 3, 3}, 0, false, {}},
      {{0, 3, 2, 2}, {2, 3, 3, 3}, 0, false, {}},
  };
  for (const auto& t : table) {
    INFO("x " << to_string(t.x) << ", weight " << to_string(t.weight) << ", padding " << t.padding);
    const named_arguments named{{"padding", {t.padding}}};
    CHECK(refusal(t.x, t.weight, named).empty() == t.valid);
    if (!t.valid) continue;
    const tensor x = rounded_tensor<float>(t.x, std::vector<double>(static_cast<std::size_t>(product(t.x)), 1));
    const tensor w =
        rounded_tensor<float>(t.weight, std::vector<double>(static_cast<std::size_t>(product(t.weight)), 1));
    const tensor bias =
        rounded_tensor<float>({t.weight[0]}, std::vector<double>(static_cast<std::size_t>(t.weight[0]), 7));
    named_arguments with_bias = named;
    with_bias["bias"] = {bias.view()};
    const auto y = kernels::compute("conv2d", call_of("conv2d", {{x.view()}, {w.view()}}, named)).outputs.at(0);
    CHECK(y.shape() == t.y);
    // no input channel, or only padding: nothing but the bias
    CHECK(convolved(x, w, named) == std::vector<float>(static_cast<std::size_t>(product(t.y)), 0));
    CHECK(convolved(x, w, with_bias) == std::vector<float>(static_cast<std::size_t>(product(t.y)), 7));
  }
}

TEST_CASE("conv2d: padding is no term") {
  const float inf = INFINITY, nan = NAN;
  const auto is_nan_at = [](const std::vector<float>& y) {
    std::vector<bool> n;
    for (const float v : y) n.push_back(std::isnan(v));
    return n;
  };
  const named_arguments padded{{"padding", {list{{0}, {0}, {1}, {0}}}}};
  const auto x = make_tensor<float>({1, 1, 1, 2}, {0, 3});
  // y = [pad x0] . w, [x0 x1] . w
  CHECK(convolved(x, make_tensor<float>({1, 1, 1, 2}, {inf, 2}), padded)[0] == 0);
  CHECK(is_nan_at(convolved(x, make_tensor<float>({1, 1, 1, 2}, {inf, 2}), padded)) == std::vector<bool>{false, true});
  CHECK(is_nan_at(convolved(x, make_tensor<float>({1, 1, 1, 2}, {nan, 2}), padded)) == std::vector<bool>{false, true});
  const auto y =
      convolved(make_tensor<float>({1, 1, 1, 2}, {-0.f, 3}), make_tensor<float>({1, 1, 1, 2}, {5, 2}), padded);
  CHECK(std::signbit(y[0]));  // the one term is -0; a padding of 5 * 0 would make it +0
}

TEST_CASE("conv2d: zeros, infinities and NaNs are those of the sum of the terms") {
  struct row {
    std::vector<float> x, w;
    float bias, y;
  };
  const float inf = INFINITY, nan = NAN;
  const row table[] = {
      {{-0.f, -0.f}, {1, 2}, -0.f, -0.f}, {{-0.f, 0.f}, {1, 2}, -0.f, 0.f}, {{0.f, 0.f}, {-1, -2}, -0.f, -0.f},
      {{-0.f, -0.f}, {1, 2}, 0.f, 0.f},   {{1, -1}, {1, 1}, -0.f, 0.f},     {{inf, 1}, {1, 1}, 0, inf},
      {{inf, 1}, {-1, 1}, 5, -inf},       {{inf, inf}, {1, -1}, 0, nan},    {{inf, 1}, {0, 1}, 0, nan},
      {{nan, 1}, {0, 1}, 0, nan},         {{inf, 1}, {1, 1}, -inf, nan},    {{1, 1}, {1, 1}, nan, nan},
      {{1, 1}, {1, 1}, -inf, -inf},       {{0, 0}, {-0.f, 1}, 0, 0},
  };
  for (const auto& t : table) {
    INFO("x " << t.x[0] << ", " << t.x[1] << "; w " << t.w[0] << ", " << t.w[1] << "; bias " << t.bias);
    const auto x = make_tensor<float>({1, 2, 1, 1}, t.x), w = make_tensor<float>({1, 2, 1, 1}, t.w);
    const auto bias = make_tensor<float>({1}, {t.bias});
    const auto bits = bits_of_output<float>("conv2d", call_of("conv2d", {{x.view()}, {w.view()}, {bias.view()}}));
    CHECK(bits.at(0) == (std::isnan(t.y) ? encoding<float>::quiet_nan : to_bits(t.y)));
  }
}

TEST_CASE("conv2d: a sum of nothing but -0 is -0, short or long, in every output of a large image") {
  const std::int64_t channels = GENERATE(1, 3, 300), size = 9;
  tensor x(dtype::float32, {1, channels, size, size}), w(dtype::float32, {3, channels, 3, 3});
  for (float& v : x.elements<float>()) v = -0.f;
  for (float& v : w.elements<float>()) v = 2;
  const named_arguments padded{{"padding", {std::int64_t{1}}}};
  for (const float y : convolved(x, w, padded)) CHECK(to_bits(y) == to_bits(-0.f));
  x.elements<float>()[0] = 0.f;  // the corner that four windows of each channel see
  const auto y = convolved(x, w, padded);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t row = i % 81 / 9, column = i % 9;
    CHECK(std::signbit(y[i]) == (row > 1 || column > 1));
  }
}

TEMPLATE_TEST_CASE("conv2d and its transpose: sums of integers wrap modulo 2^w", "", std::uint8_t, std::int8_t,
                   std::int16_t, std::int32_t, std::int64_t) {
  using T = TestType;
  using wide = std::make_unsigned_t<T>;
  constexpr T most = std::numeric_limits<T>::max(), least = std::numeric_limits<T>::min();
  const auto x = make_tensor<T>({1, 2, 1, 2}, {most, 1, least, 2}), bias = make_tensor<T>({1}, {most});
  const auto w = make_tensor<T>({1, 2, 1, 1}, {3, 5}), v = make_tensor<T>({2, 1, 1, 1}, {3, 5});
  const auto wrapped = [](std::uint64_t a) { return static_cast<T>(static_cast<wide>(a)); };
  const auto m = static_cast<std::uint64_t>(most), l = static_cast<std::uint64_t>(least);
  const std::vector<T> want{wrapped(3 * m + 5 * l + m), wrapped(3 + 10 + m)};
  for (const char* op : {"conv2d", "conv2d_transpose"}) {
    const call c = call_of(op, {{x.view()}, {op == std::string("conv2d") ? w.view() : v.view()}, {bias.view()}});
    CHECK(values_of<T>(kernels::compute(op, c).outputs.at(0)) == want);
    CHECK(values_of<T>(evaluate(op, c).at(0).rounded) == want);
    CHECK(evaluate(op, c).at(0).components.empty());
  }
}

TEST_CASE("conv2d: one infinity or NaN touches only the windows that see it") {
  std::vector<float> pixels(49, 1);
  pixels[3 * 7 + 3] = INFINITY;
  const auto y =
      convolved(make_tensor<float>({1, 1, 7, 7}, pixels), make_tensor<float>({1, 1, 3, 3}, std::vector<float>(9, 1)));
  for (std::size_t i = 0; i < 25; ++i)
    CHECK(y[i] == (i / 5 >= 1 && i / 5 <= 3 && i % 5 >= 1 && i % 5 <= 3 ? INFINITY : 9));
}

}  // namespace halfulp::tests
