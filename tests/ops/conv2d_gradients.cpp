// The gradients of conv2d: exact sums, rounded once, over the index rule of the forward convolution.
#include <array>

#include <catch2/catch.hpp>

#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

#include "ops/conv2d_calls.hpp"
#include "ops/conv2d_midpoints.hpp"
#include "ops/ways_to_compute.hpp"

namespace halfulp::tests {
TEST_CASE("conv2d gradients: as worked out by hand") {
  convolution g;  // y = [x0 x1; x1 x2] w with a stride of 1: y0 = x0 w0 + x1 w1, y1 = x1 w0 + x2 w1
  g.w = 3;
  g.kernel = {1, 2};
  const auto dy = make_tensor<float>({1, 1, 1, 2}, {1, 10}), w = make_tensor<float>({1, 1, 1, 2}, {3, 5});
  const auto x = make_tensor<float>({1, 1, 1, 3}, {2, 7, 11});
  CHECK(floats("conv2d_input_grad", input_grad(g, dy, w)) == std::vector<float>{3, 35, 50});
  CHECK(floats("conv2d_weight_grad", weight_grad(g, dy, x)) == std::vector<float>{72, 117});
  CHECK(floats("conv2d_bias_grad", bias_grad(g, dy)) == std::vector<float>{11});
}

TEST_CASE("conv2d gradients: what a stride skips gets no gradient, and its zero is +0, as worked out by hand") {
  convolution g;  // y0 = x1 w1 (x[-1] is padding), y1 = x2 w0 + x4 w1 with stride 3 and dilation 2
  g.w = 5;
  g.kernel = {1, 2};
  g.stride = {1, 3};
  g.dilation = {1, 2};
  g.padding = {0, 0, 1, 0};
  const auto dy = make_tensor<float>({1, 1, 1, 2}, {-1, -10}), w = make_tensor<float>({1, 1, 1, 2}, {3, 5});
  const auto x = make_tensor<float>({1, 1, 1, 5}, {2, 7, 11, 13, 17});
  const auto dx = floats("conv2d_input_grad", input_grad(g, dy, w));
  CHECK(dx == std::vector<float>{0, -5, -30, 0, -50});
  CHECK_FALSE(std::signbit(dx[0]));
  CHECK(floats("conv2d_weight_grad", weight_grad(g, dy, x)) == std::vector<float>{-110, -177});
}

TEMPLATE_TEST_CASE("conv2d gradients: every geometry is summed exactly, as seven loops say", "", float16, bfloat16,
                   float, double) {
  using T = TestType;
  HALFULP_RANDOM(r, 321);
  for (std::int64_t k = 0; k < repeats(120); ++k) {
    const convolution g = convolution_of_turn(r, k);
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<T>(r, kind, g.x_shape()), w = random_tensor<T>(r, kind, g.weight_shape());
    const tensor dy = random_tensor<T>(r, kind, g.y_shape());
    auto dx = sums<T>(g.x_shape()), dw = sums<T>(g.weight_shape()), db = sums<T>({g.outputs()});
    g.for_each_product([&](std::size_t i, std::size_t at, std::size_t tap) {
      dx[at].add_product(dy.elements<T>()[i], w.elements<T>()[tap]);
      dw[tap].add_product(dy.elements<T>()[i], x.elements<T>()[at]);
    });
    const auto plane = static_cast<std::size_t>(g.out(0) * g.out(1)), channels = static_cast<std::size_t>(g.outputs());
    for (std::size_t i = 0; i < dy.elements<T>().size(); ++i)
      db[g.nhwc ? i % channels : i / plane % channels].add(dy.elements<T>()[i]);
    INFO("case " << k << ", content " << static_cast<int>(kind));
    REQUIRE(wrong_bits(computed<T>("conv2d_input_grad", input_grad(g, dy, w)), rounded(dx)) == 0);
    REQUIRE(wrong_bits(computed<T>("conv2d_weight_grad", weight_grad(g, dy, x)), rounded(dw)) == 0);
    REQUIRE(wrong_bits(computed<T>("conv2d_bias_grad", bias_grad(g, dy)), rounded(db)) == 0);
  }
}

TEMPLATE_TEST_CASE("conv2d gradients: the bits depend neither on the threads nor on the instruction set", "", float16,
                   bfloat16, float, double) {
  HALFULP_RANDOM(r, 324);
  using T = TestType;
  std::vector<convolution> shapes;
  for (int k = 0; k < 12; ++k) shapes.push_back(convolution_of_turn(r, k));
  std::vector<tensor> x, w, dy;
  for (const auto& g : shapes) {
    const content kind = every_content[x.size() % std::size(every_content)];
    x.push_back(random_tensor<T>(r, kind, g.x_shape()));
    w.push_back(random_tensor<T>(r, kind, g.weight_shape()));
    dy.push_back(random_tensor<T>(r, kind, g.y_shape()));
  }
  const auto bits = [&] {
    std::vector<bits_t<T>> all;
    for (std::size_t k = 0; k < shapes.size(); ++k)
      for (const auto& y : {computed<T>("conv2d_input_grad", input_grad(shapes[k], dy[k], w[k])),
                            computed<T>("conv2d_weight_grad", weight_grad(shapes[k], dy[k], x[k])),
                            computed<T>("conv2d_bias_grad", bias_grad(shapes[k], dy[k]))})
        for (const T v : y) all.push_back(to_bits(v));
    return all;
  };
  const auto want = bits();
  for_each_way_to_compute([&] { CHECK((bits() == want)); });
}

TEMPLATE_TEST_CASE("conv2d_weight_grad: sums of many groups built beside midpoints go to the right side, ties to even",
                   "", float16, bfloat16, float) {
  using T = TestType;
  HALFULP_RANDOM(r, 326);
  for (std::int64_t n = 0; n < repeats(20); ++n) {
    midpoint_builder<T> builder(r, r.between(0, 300), std::min(midpoint_builder<T>::log_within_60, 16));
    convolution g;
    g.groups = 16;
    g.w = 7;
    g.h = (builder.length() + g.w - 1) / g.w;
    tensor x(dtype_of<T>, g.x_shape()), dy(dtype_of<T>, g.y_shape());
    const auto plane = static_cast<std::size_t>(g.h * g.w);
    std::vector<T> want;
    for (std::size_t c = 0; c < 16; ++c) {
      const auto shared = builder.shared();
      const auto dot = builder.build(static_cast<int>(r.between(-1, 1)));
      std::copy(shared.begin(), shared.end(), x.elements<T>().data() + c * plane);
      std::copy(dot.factors.begin(), dot.factors.end(), dy.elements<T>().data() + c * plane);
      want.push_back(dot.rounded);
    }
    CHECK(wrong_bits(computed<T>("conv2d_weight_grad", weight_grad(g, dy, x)), want) == 0);
  }
}

TEST_CASE("conv2d_weight_grad and conv2d_bias_grad: a sum of -0 is -0, of infinities that are 0 times infinity NaN") {
  convolution g;
  g.groups = 8;
  g.w = 2;
  const std::vector<float> inf(16, INFINITY), zero(16, -0.f), one(16, 1);
  const auto made = [&](const std::vector<float>& v) { return make_tensor<float>(g.x_shape(), v); };
  const auto gradient = [&](const std::vector<float>& dy, const std::vector<float>& x) {
    return bits_of_output<float>("conv2d_weight_grad", weight_grad(g, made(dy), made(x)));
  };
  CHECK(gradient(zero, one) == std::vector<std::uint32_t>(8, to_bits(-0.f)));
  CHECK(gradient(zero, zero) == std::vector<std::uint32_t>(8, to_bits(0.f)));
  CHECK(gradient(inf, one) == std::vector<std::uint32_t>(8, to_bits(INFINITY)));
  CHECK(gradient(inf, zero) == std::vector<std::uint32_t>(8, to_bits(canonical_nan<float>())));
  const auto bias = [&](const std::vector<float>& dy) {
    return bits_of_output<float>("conv2d_bias_grad", bias_grad(g, made(dy)));
  };
  CHECK(bias(zero) == std::vector<std::uint32_t>(8, to_bits(-0.f)));
  CHECK(bias(inf) == std::vector<std::uint32_t>(8, to_bits(INFINITY)));
}

TEST_CASE("conv2d_bias_grad: what plain additions lose beside a great number decides a tie") {
  tensor dy(dtype::float32, {1, 1, 32, 32});
  const auto v = dy.elements<float>();
  v[0] = 0x1p40f;
  v[1] = 1 + 0x1p-23f;
  v[256] = 0x1p-24f;  // added to v[0] by every instruction set
  v[512] = -0x1p40f;
  CHECK(floats("conv2d_bias_grad", call_of("conv2d_bias_grad", {{dy.view()}})) == std::vector<float>{1 + 0x1p-22f});
}

TEST_CASE("conv2d_bias_grad: sums at, above and below a midpoint go to the right side, ties to even") {
  const auto gradient = [](std::array<double, 3> terms, std::array<std::size_t, 3> places, std::int64_t size) {
    tensor dy(dtype::float32, {1, 1, 1, size});
    for (std::size_t k = 0; k < terms.size(); ++k) dy.elements<float>()[places[k]] = static_cast<float>(terms[k]);
    return floats("conv2d_bias_grad", call_of("conv2d_bias_grad", {{dy.view()}})).at(0);
  };
  for (const double side : {-1., 0., 1.})
    for (const double odd : {0., 1.})
      for (const std::size_t size : {4, 100, 5000}) {
        const std::array terms{1 + odd * 0x1p-23, 0x1p-24, side * 0x1p-90};  // the second is half a unit
        const bool up = side > 0 || (side == 0 && odd == 1);
        const auto want = static_cast<float>(1 + (odd + (up ? 1 : 0)) * 0x1p-23);
        CHECK(gradient(terms, {0, size / 2, size - 1}, static_cast<std::int64_t>(size)) == want);
        // of one lane, so that the last is lost where they are added up
        if (size > 64) CHECK(gradient(terms, {0, 32, 64}, static_cast<std::int64_t>(size)) == want);
      }
}

TEST_CASE("conv2d gradients: <dy, conv(x, w)> = <dx, x> = <dw, w>, exactly in integers") {
  HALFULP_RANDOM(r, 322);
  for (std::int64_t k = 0; k < repeats(100); ++k) {
    const convolution g = random_convolution(r);
    const auto integers = [&](const extents& shape) {
      tensor t(dtype::float64, shape);
      for (double& v : t.elements<double>()) v = static_cast<double>(r.between(-1000, 1000));
      return t;
    };
    const tensor x = integers(g.x_shape()), w = integers(g.weight_shape()), dy = integers(g.y_shape());
    const auto y = computed<double>("conv2d", call_of("conv2d", {{x.view()}, {w.view()}}, g.attributes()));
    const std::int64_t want = inner_product(y, dy.elements<double>());
    CHECK(inner_product(computed<double>("conv2d_input_grad", input_grad(g, dy, w)), x.elements<double>()) == want);
    CHECK(inner_product(computed<double>("conv2d_weight_grad", weight_grad(g, dy, x)), w.elements<double>()) == want);
  }
}

TEST_CASE("conv2d gradients: sums of 100,000 terms are decided, and right") {
  HALFULP_RANDOM(r, 323);
  convolution g;
  g.n = 3;
  g.h = 182;
  g.w = 184;
  g.group_inputs = 2;
  g.group_outputs = 3;
  g.kernel = {3, 3};
  g.padding = {1, 1, 1, 1};
  const tensor x = random_tensor<float>(r, content::uniform, g.x_shape());
  const tensor dy = random_tensor<float>(r, content::uniform, g.y_shape());
  auto dw = sums<float>(g.weight_shape());
  g.for_each_product([&](std::size_t i, std::size_t at, std::size_t tap) {
    dw[tap].add_product(dy.elements<float>()[i], x.elements<float>()[at]);
  });
  tier_counts decided;
  CHECK(wrong_bits(computed<float>("conv2d_weight_grad", weight_grad(g, dy, x), &decided), rounded(dw)) == 0);
  CHECK(decided[tier::binary64] >= product(g.weight_shape()) * 9 / 10);
}

TEST_CASE("conv2d gradients: empty shapes give zeros where nothing contributes") {
  struct row {
    convolution g;
    std::int64_t dx, dw, db;
  };
  const auto of = [](std::int64_t n, std::int64_t inputs, std::int64_t outputs) {
    convolution g;
    g.n = n;
    g.h = g.w = 4;
    g.group_inputs = inputs;
    g.group_outputs = outputs;
    g.kernel = {3, 3};
    return g;
  };
  for (const auto& [g, dx, dw, db] :
       {row{of(0, 3, 2), 0, 54, 2}, row{of(1, 0, 2), 0, 0, 2}, row{of(1, 3, 0), 48, 0, 0}}) {
    const tensor x = rounded_tensor<float>(g.x_shape(), std::vector<double>(static_cast<std::size_t>(dx), 1));
    const tensor w = rounded_tensor<float>(g.weight_shape(), std::vector<double>(static_cast<std::size_t>(dw), 1));
    const tensor dy(dtype::float32, g.y_shape());
    const auto zeros = [](std::int64_t count) { return std::vector<float>(static_cast<std::size_t>(count), 0); };
    CHECK(floats("conv2d_input_grad", input_grad(g, dy, w)) == zeros(dx));
    CHECK(floats("conv2d_weight_grad", weight_grad(g, dy, x)) == zeros(dw));
    CHECK(floats("conv2d_bias_grad", bias_grad(g, dy)) == zeros(db));
  }
}

}  // namespace halfulp::tests
