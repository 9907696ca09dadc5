// Whether every output of conv2d_transpose and of its gradients is the exact sum, rounded once.
#include <omp.h>
#include <catch2/catch.hpp>

#include <halfulp/oracle/ops/conv2d_transpose.hpp>

#include "ops/conv2d_calls.hpp"

namespace halfulp::tests {
namespace {

/// The channel of an element of y.
std::size_t channel_of(const transposed_convolution& g, std::size_t i) {
  const auto plane = static_cast<std::size_t>(g.out(0) * g.out(1)), channels = static_cast<std::size_t>(g.outputs());
  return g.nhwc ? i % channels : i / plane % channels;
}

tensor random_integers(random_source& r, const extents& shape) {
  tensor t(dtype::float64, shape);
  for (double& v : t.elements<double>()) v = static_cast<double>(r.between(-1000, 1000));
  return t;
}
}  // namespace

TEMPLATE_TEST_CASE("conv2d_transpose: every geometry is summed exactly, as seven loops that scatter say", "", float16,
                   bfloat16, float, double) {
  using T = TestType;
  HALFULP_RANDOM(r, 341);
  for (std::int64_t k = 0; k < repeats(150); ++k) {
    const auto g = random_transposed_convolution(r);
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<T>(r, kind, g.x_shape()), w = random_tensor<T>(r, kind, g.weight_shape());
    const tensor bias = random_tensor<T>(r, kind, {g.outputs()});
    auto y = sums<T>(g.y_shape());
    g.for_each_product([&](std::size_t i, std::size_t at, std::size_t tap) {
      y[i].add_product(x.elements<T>()[at], w.elements<T>()[tap]);
    });
    const bool has_bias = r.between(0, 1) == 1;
    for (std::size_t i = 0; has_bias && i < y.size(); ++i) y[i].add(bias.elements<T>()[channel_of(g, i)]);
    INFO("case " << k << ", content " << static_cast<int>(kind));
    const call c = forward(g, x, w, has_bias ? &bias : nullptr);
    REQUIRE(kernels::compute("conv2d_transpose", c).outputs.at(0).shape() == g.y_shape());
    REQUIRE(wrong_bits(computed<T>("conv2d_transpose", c), rounded(y)) == 0);
  }
}

TEMPLATE_TEST_CASE("conv2d_transpose: every gradient is summed exactly, as seven loops that scatter say", "", float16,
                   bfloat16, float, double) {
  using T = TestType;
  HALFULP_RANDOM(r, 342);
  for (std::int64_t k = 0; k < repeats(100); ++k) {
    const auto g = random_transposed_convolution(r);
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<T>(r, kind, g.x_shape()), w = random_tensor<T>(r, kind, g.weight_shape());
    const tensor dy = random_tensor<T>(r, kind, g.y_shape());
    auto dx = sums<T>(g.x_shape()), dw = sums<T>(g.weight_shape()), db = sums<T>({g.outputs()});
    g.for_each_product([&](std::size_t i, std::size_t at, std::size_t tap) {
      dx[at].add_product(dy.elements<T>()[i], w.elements<T>()[tap]);
      dw[tap].add_product(dy.elements<T>()[i], x.elements<T>()[at]);
    });
    for (std::size_t i = 0; i < dy.elements<T>().size(); ++i) db[channel_of(g, i)].add(dy.elements<T>()[i]);
    INFO("case " << k << ", content " << static_cast<int>(kind));
    REQUIRE(wrong_bits(computed<T>("conv2d_transpose_input_grad", input_grad(g, dy, w)), rounded(dx)) == 0);
    REQUIRE(wrong_bits(computed<T>("conv2d_transpose_weight_grad", weight_grad(g, dy, x)), rounded(dw)) == 0);
    REQUIRE(wrong_bits(computed<T>("conv2d_bias_grad", bias_grad(g, dy)), rounded(db)) == 0);
  }
}

TEST_CASE("conv2d_transpose: the oracle agrees on random geometries, gradients too") {
  HALFULP_RANDOM(r, 343);
  for (std::int64_t k = 0; k < repeats(25); ++k) {
    const auto g = random_transposed_convolution(r);
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<float>(r, kind, g.x_shape()), w = random_tensor<float>(r, kind, g.weight_shape());
    const tensor dy = random_tensor<float>(r, kind, g.y_shape()), bias = random_tensor<float>(r, kind, {g.outputs()});
    INFO("case " << k << ", content " << static_cast<int>(kind));
    (void)bits_of_output<float>("conv2d_transpose", forward(g, x, w, &bias));
    (void)bits_of_output<float>("conv2d_transpose_input_grad", input_grad(g, dy, w));
    (void)bits_of_output<float>("conv2d_transpose_weight_grad", weight_grad(g, dy, x));
  }
}

TEST_CASE(
    "conv2d_transpose: it is the transpose of conv2d: <conv2d(y, w), x> = <y, conv2d_transpose(x, w)> in integers") {
  HALFULP_RANDOM(r, 344);
  for (std::int64_t k = 0; k < repeats(100); ++k) {
    convolution g = random_convolution(r);
    const tensor image = random_integers(r, g.x_shape()), w = random_integers(r, g.weight_shape());
    const tensor x = random_integers(r, g.y_shape());
    auto named = g.attributes();
    const auto out = computed<double>("conv2d", call_of("conv2d", arguments(image, w), named));
    const std::array<std::int64_t, 2> size{g.h, g.w};
    named["output_size"] = convolution::list(size);
    const auto y = computed<double>("conv2d_transpose", call_of("conv2d_transpose", arguments(x, w), named));
    CHECK(inner_product(out, x.elements<double>()) == inner_product(y, image.elements<double>()));
  }
}

TEST_CASE("conv2d_transpose: <dy, conv2d_transpose(x, w)> = <dx, x> = <dw, w>, exactly in integers") {
  HALFULP_RANDOM(r, 345);
  for (std::int64_t k = 0; k < repeats(100); ++k) {
    const auto g = random_transposed_convolution(r);
    const tensor x = random_integers(r, g.x_shape()), w = random_integers(r, g.weight_shape());
    const tensor dy = random_integers(r, g.y_shape());
    const std::int64_t want =
        inner_product(computed<double>("conv2d_transpose", forward(g, x, w)), dy.elements<double>());
    CHECK(inner_product(computed<double>("conv2d_transpose_input_grad", input_grad(g, dy, w)), x.elements<double>()) ==
          want);
    CHECK(inner_product(computed<double>("conv2d_transpose_weight_grad", weight_grad(g, dy, x)),
                        w.elements<double>()) == want);
  }
}

TEST_CASE("conv2d_transpose gradients: as worked out by hand") {
  transposed_convolution g;  // y = 3 2 | 5 2 at a stride of 2: y[2 i + k] = x[i] w[k]
  g.w = 2;
  g.kernel = {1, 2};
  g.stride = {1, 2};
  g.output_padding = {0, 1};
  const auto x = make_tensor<float>({1, 1, 1, 2}, {2, 7}), w = make_tensor<float>({1, 1, 1, 2}, {3, 5});
  const auto dy = make_tensor<float>({1, 1, 1, 5}, {1, 10, 100, 1000, 10000});
  CHECK(floats("conv2d_transpose_input_grad", input_grad(g, dy, w)) == std::vector<float>{53, 5300});
  CHECK(floats("conv2d_transpose_weight_grad", weight_grad(g, dy, x)) == std::vector<float>{702, 7020});
  CHECK(floats("conv2d_bias_grad", bias_grad(g, dy)) == std::vector<float>{11111});
}

TEST_CASE("conv2d_transpose gradients: empty shapes give zeros where nothing contributes") {
  struct row {
    std::int64_t n, inputs, outputs, h, padding;
  };
  for (const row& t :
       {row{0, 3, 2, 4, 0}, row{1, 0, 2, 4, 0}, row{1, 3, 0, 4, 0}, row{1, 3, 2, 0, 0}, row{1, 3, 2, 1, 1}}) {
    INFO("N " << t.n << ", C " << t.inputs << ", O " << t.outputs << ", H " << t.h);
    transposed_convolution g;
    g.n = t.n;
    g.h = g.w = t.h;
    g.group_inputs = t.inputs;
    g.group_outputs = t.outputs;
    g.kernel = {t.padding > 0 ? 1 : 3, t.padding > 0 ? 2 : 3};
    g.padding = {0, 0, t.padding, t.padding};  // 1 x 2 outputs, of which padding takes all
    const auto ones = [](const extents& shape) {
      return make_tensor<float>(shape, std::vector<float>(static_cast<std::size_t>(product(shape)), 1));
    };
    const tensor x = ones(g.x_shape()), w = ones(g.weight_shape()), dy = ones(g.y_shape());
    const auto zeros = [](const extents& shape) {
      return std::vector<float>(static_cast<std::size_t>(product(shape)), 0);
    };
    CHECK(floats("conv2d_transpose_input_grad", input_grad(g, dy, w)) == zeros(g.x_shape()));
    CHECK(floats("conv2d_transpose_weight_grad", weight_grad(g, dy, x)) == zeros(g.weight_shape()));
  }
}

TEST_CASE("conv2d_transpose: float16 with a 4 x 4 kernel and a stride of 2 is right to the last bit") {
  HALFULP_RANDOM(r, 346);
  transposed_convolution g;
  g.h = g.w = 9;
  g.group_inputs = 64;
  g.group_outputs = 8;
  g.kernel = {4, 4};
  g.stride = {2, 2};
  g.padding = {1, 1, 1, 1};
  const tensor x = random_tensor<float16>(r, content::uniform, g.x_shape());
  const tensor w = random_tensor<float16>(r, content::uniform, g.weight_shape());
  auto y = sums<float16>(g.y_shape());
  g.for_each_product([&](std::size_t i, std::size_t at, std::size_t tap) {
    y[i].add_product(x.elements<float16>()[at], w.elements<float16>()[tap]);
  });
  CHECK(g.y_shape() == extents{1, 8, 18, 18});
  CHECK(wrong_bits(computed<float16>("conv2d_transpose", forward(g, x, w)), rounded(y)) == 0);
}

TEMPLATE_TEST_CASE("conv2d_transpose: the bits depend neither on the threads nor on the batch, gradients too", "",
                   float16, bfloat16, float, double) {
  using T = TestType;
  HALFULP_RANDOM(r, 348);
  const int threads = omp_get_max_threads();
  for (std::int64_t k = 0; k < repeats(8); ++k) {
    auto g = random_transposed_convolution(r);
    g.n = 3;
    g.h += 6;
    const content kind = every_content[r.between(0, std::size(every_content) - 1)];
    const tensor x = random_tensor<T>(r, kind, g.x_shape()), w = random_tensor<T>(r, kind, g.weight_shape());
    const tensor dy = random_tensor<T>(r, kind, g.y_shape());
    const auto all = [&] {
      return std::array{computed<T>("conv2d_transpose", forward(g, x, w)),
                        computed<T>("conv2d_transpose_input_grad", input_grad(g, dy, w)),
                        computed<T>("conv2d_transpose_weight_grad", weight_grad(g, dy, x))};
    };
    omp_set_num_threads(1);
    const auto want = all();
    for (const int n : {2, 5}) {
      omp_set_num_threads(n);
      const auto got = all();
      for (std::size_t i = 0; i < got.size(); ++i) CHECK(wrong_bits(got[i], want[i]) == 0);
    }
    omp_set_num_threads(threads);
    auto one = g;
    one.n = 1;
    tensor image(dtype_of<T>, one.x_shape());
    const std::size_t size = image.elements<T>().size(), out = want[0].size() / 3;
    for (std::size_t n = 0; n < 3; ++n) {
      std::copy_n(x.elements<T>().begin() + static_cast<std::ptrdiff_t>(n * size), size, image.elements<T>().begin());
      const std::vector<T> of_batch(want[0].begin() + static_cast<std::ptrdiff_t>(n * out),
                                    want[0].begin() + static_cast<std::ptrdiff_t>((n + 1) * out));
      CHECK(wrong_bits(computed<T>("conv2d_transpose", forward(one, image, w)), of_batch) == 0);
    }
  }
}

TEST_CASE("conv2d_transpose: channels last with padding reads the pixels that channels first reads") {
  HALFULP_RANDOM(r, 347);
  for (std::int64_t k = 0; k < repeats(40); ++k) {
    auto g = random_transposed_convolution(r);
    g.nhwc = true;
    g.padding[static_cast<std::size_t>(r.between(0, 3))] += 1;
    if (!g.valid()) continue;
    auto first = g;
    first.nhwc = false;
    const tensor x = random_tensor<float>(r, content::uniform, g.x_shape()),
                 w = random_tensor<float>(r, content::uniform, g.weight_shape());
    tensor moved(dtype::float32, first.x_shape());
    for (std::int64_t n = 0; n < g.n; ++n)
      for (std::int64_t c = 0; c < g.inputs(); ++c)
        for (std::int64_t p = 0; p < g.h * g.w; ++p)
          moved.elements<float>()[static_cast<std::size_t>((n * g.inputs() + c) * g.h * g.w + p)] =
              x.elements<float>()[static_cast<std::size_t>((n * g.h * g.w + p) * g.inputs() + c)];
    const auto last = computed<float>("conv2d_transpose", forward(g, x, w));
    const auto want = computed<float>("conv2d_transpose", forward(first, moved, w));
    const auto plane = static_cast<std::size_t>(g.out(0) * g.out(1)), channels = static_cast<std::size_t>(g.outputs());
    std::int64_t wrong = 0;
    for (std::size_t i = 0; i < last.size(); ++i) {
      const std::size_t n = i / (plane * channels), p = i / channels % plane, c = i % channels;
      wrong += to_bits(last[i]) != to_bits(want[(n * channels + c) * plane + p]);
    }
    CHECK(wrong == 0);
  }
}

}  // namespace halfulp::tests
