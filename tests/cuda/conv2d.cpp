#include <halfulp/oracle/ops/conv2d_transpose.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_weight_grad.hpp>

#include "cuda/convolutions.hpp"

namespace halfulp::tests {
namespace {

/// A convolution large enough for tiles of the GPU, with edges that do not fill them.
convolution tiled_convolution(random_source& r) {
  for (;;) {
    convolution c;
    draw_convolution(r, c);
    c.h = r.between(1, scaled(24, 5));
    c.w = std::min(c.w, scaled(30, 12));
    c.group_outputs = r.between(16, scaled(140, 70));
    c.group_inputs = r.between(1, scaled(40, 10));
    if (c.valid()) return c;
  }
}

/// No bit of a convolution and its gradients differs from those of the CPU, with operands of each kind.
template <class T>
void check_contents(random_source& r, const convolution& c, std::initializer_list<content> kinds) {
  for (const content kind : kinds) {
    const auto all = compare_convolution<T>(r, c, kind);
    CAPTURE(static_cast<int>(kind), all.first_wrong);
    CHECK(all.wrong == 0);
  }
}

}  // namespace

TEMPLATE_TEST_CASE("cuda conv2d: small convolutions and gradients of every kind have the bits of the CPU", "", float16,
                   bfloat16, float, double) {
  compare_all<TestType>(1, random_convolution, 12);
  compare_all<TestType>(2, grouped_convolution, 4);
}

TEMPLATE_TEST_CASE("cuda conv2d: tiles, their edges included, have the bits of the CPU", "", float16, bfloat16, float,
                   double) {
  compare_all<TestType>(3, tiled_convolution, 6);
}

TEMPLATE_TEST_CASE("cuda conv2d: what cancels or is flat is repaired to the bits of the CPU", "", float16, bfloat16,
                   float, double) {
  HALFULP_RANDOM(r, 4);
  for (const hard_case& c :
       {cancelling<TestType>(r, 1e-6, 40, 70, scaled(24, 5)), cancelling<TestType>(r, 1e-12, 40, 70, scaled(24, 5)),
        flat<TestType>(r, scaled(40, 12))}) {
    CAPTURE(c.name);
    const auto all = compare<op::conv2d, TestType>(
        call_for<op::conv2d>({{c.x.view()}, {c.weight.view()}}, {{"padding", {std::int64_t{1}}}}));
    CHECK(all.wrong == 0);
  }
}

TEMPLATE_TEST_CASE("cuda conv2d: sums of zeros by tiles have the signs that they have on the CPU", "", float16,
                   bfloat16, float) {
  const auto filled = [](const extents& shape, double value) {
    tensor t(dtype_of<TestType>, shape);
    for (TestType& x : t.elements<TestType>()) x = narrow<TestType>(value);
    return t;
  };
  for (const double zero : {0., -0.})
    for (const double weight : {.5, -.5}) {
      const tensor x = filled({1, 20, 9, 40}, zero), w = filled({40, 20, 3, 3}, weight);
      CAPTURE(zero, weight);
      for (const std::int64_t padding : {0, 1})
        CHECK(compare<op::conv2d, TestType>(call_for<op::conv2d>({{x.view()}, {w.view()}}, {{"padding", {padding}}}))
                  .wrong == 0);
    }
}

namespace {

/// Rows for tiles of each height, tiles that workers share, phases that are
/// joined, channels that come last and are read by quads.
std::vector<convolution> convolutions_of_every_kernel() {
  const auto of = [](std::int64_t inputs, std::int64_t outputs, std::int64_t kernel, std::int64_t stride, bool nhwc) {
    convolution c;
    c.n = 2;
    c.h = c.w = 9;
    c.group_inputs = inputs;
    c.group_outputs = outputs;
    c.kernel = {kernel, kernel};
    c.stride = {stride, stride};
    c.padding = {1, 1, 1, 1};
    c.nhwc = nhwc;
    return c;
  };
  return {of(5, 12, 3, 1, false), of(20, 40, 3, 1, false), of(72, 20, 3, 1, true), of(3, 24, 4, 2, false),
          of(8, 20, 3, 2, true),  of(20, 40, 3, 1, true),  of(36, 68, 3, 2, true)};
}

}  // namespace

TEMPLATE_TEST_CASE("cuda conv2d: a small product for every kernel has the bits of the CPU", "", float16, bfloat16,
                   float) {
  HALFULP_RANDOM(r, 6);
  comparison all;
  for (const convolution& c : convolutions_of_every_kernel())
    for (const content kind : {content::uniform, content::integers})
      if (kind == content::uniform || scaled(1, 0) == 1) all += compare_convolution<TestType>(r, c, kind);
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

TEMPLATE_TEST_CASE("cuda conv2d: operands that are laid out anew have the bits of the CPU", "", float16, float) {
  HALFULP_RANDOM(r, 8);
  convolution c;
  c.n = 2;
  c.h = 20;
  c.w = 19;
  c.group_inputs = 68;
  c.group_outputs = 256;
  c.kernel = {3, 3};
  c.padding = {1, 0, 1, 1};
  check_contents<TestType>(r, c, {content::uniform, content::wide});
}

namespace {

/// `width` in groups, with dilation, or with outputs enough for its input gradient.
convolution convolution_of_patches(std::int64_t width) {
  convolution c;
  c.n = 4;
  c.h = 14;
  c.w = width;
  c.groups = width == 26 ? 2 : 1;
  c.group_inputs = 172;
  c.group_outputs = width == 40 ? 172 : 41;
  c.kernel = {3, 3};
  c.dilation = {width == 27 ? 2 : 1, 1};
  c.padding = {1, 0, 1, width == 40 ? 0 : 1};
  return c;
}

/// The same in so few positions that only conv2d and its input gradient take patches, or of so few channels that only the
/// weight gradient does.
convolution fewer_positions(convolution c) {
  c.n = 1;
  c.h = 6;
  c.w = c.w == 26 ? 8 : c.w == 27 ? 13 : 14;  // few of the last patches' columns are missing, as in the whole
  return c;
}
convolution fewer_channels(convolution c) {
  c.group_inputs = 6;
  c.group_outputs = 41;
  return c;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda conv2d: sums by patches have the bits of the CPU", "", float16, bfloat16, float) {
  HALFULP_RANDOM(r, 9);
  for (const std::int64_t width : {26, 27, 40}) {
    const convolution c = convolution_of_patches(width);
    if (scaled(1, 0) == 1) {
      check_contents<TestType>(r, c, {content::uniform, content::integers, content::wide});
    } else {
      check_contents<TestType>(r, fewer_positions(c), {width == 27 ? content::integers : content::uniform});
      check_contents<TestType>(r, fewer_channels(c), {width == 27 ? content::wide : content::uniform});
    }
  }
}

namespace {

/// Every second slice along `axis` is the one before it, turned and different from it by `left` of itself; as it is where that
/// is 0.
template <class T>
tensor paired_slices(random_source& r, const extents& shape, int axis, double left) {
  tensor t(dtype_of<T>, shape);
  std::int64_t inner = 1;
  for (int k = axis + 1; k < shape.rank; ++k) inner *= shape[k];
  const auto x = t.elements<T>();
  for (std::int64_t k = 0; k < std::ssize(x); ++k) {
    const bool is_second = k / inner % shape[axis] % 2 == 1;
    const double first = is_second ? widen(x[static_cast<std::size_t>(k - inner)]) : r.uniform();
    x[static_cast<std::size_t>(k)] = narrow<T>(is_second && left != 0 ? -first * (1 + left * r.uniform()) : first);
  }
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE("cuda conv2d: sums by patches that cancel have the bits of the CPU", "", float16, bfloat16, float) {
  HALFULP_RANDOM(r, 15);
  convolution forward = fewer_positions(convolution_of_patches(40));
  forward.h = scaled(6, 3);
  convolution backward = forward;  // few rows each, since every sum is left to repair
  forward.group_outputs = backward.group_inputs = 41;
  const convolution of_few = fewer_channels(convolution_of_patches(40));
  for (const double left : {1e-6, 1e-3, 0x1p-24}) {
    if (left != 1e-6 && scaled(1, 0) == 0) continue;
    const tensor x = paired_slices<TestType>(r, forward.x_shape(), 1, left),
                 inputs = paired_slices<TestType>(r, forward.weight_shape(), 1, 0),
                 dy = paired_slices<TestType>(r, backward.y_shape(), 1, left),
                 outputs = paired_slices<TestType>(r, backward.weight_shape(), 0, 0),
                 images = paired_slices<TestType>(r, of_few.x_shape(), 0, left),
                 of_images = paired_slices<TestType>(r, of_few.y_shape(), 0, 0);
    comparison all =
        compare<op::conv2d, TestType>(call_for<op::conv2d>({{x.view()}, {inputs.view()}}, forward.attributes()));
    named_arguments named = backward.attributes();
    named["input_shape"] = convolution::list(backward.x_shape());
    all += compare<op::conv2d_input_grad, TestType>(
        call_for<op::conv2d_input_grad>({{dy.view()}, {outputs.view()}}, named));
    named = of_few.attributes();
    named["weight_shape"] = convolution::list(of_few.weight_shape());
    all += compare<op::conv2d_weight_grad, TestType>(
        call_for<op::conv2d_weight_grad>({{of_images.view()}, {images.view()}}, named));
    CAPTURE(left, all.first_wrong);
    CHECK(all.wrong == 0);
  }
}

TEST_CASE(
    "cuda conv2d: sums of very many terms are shared and repaired to the "
    "bits of the CPU") {
  HALFULP_RANDOM(r, 7);
  convolution c;
  c.n = scaled(9, 2);
  c.h = scaled(50, 22);
  c.w = scaled(44, 23);
  c.group_inputs = 8;
  c.group_outputs = 40;
  c.kernel = {3, 3};
  check_contents<float>(r, c, {content::uniform, content::integers, content::wide});
}

TEST_CASE("cuda conv2d: the transpose and its gradients have the bits of the CPU") {
  HALFULP_RANDOM(r, 5);
  comparison all;
  for (std::int64_t k = 0; k < repeats(30); ++k) {
    const convolution c = k % 2 == 0 ? random_convolution(r) : tiled_convolution(r);
    const tensor x = random_tensor<float>(r, content::uniform, c.y_shape()),
                 weight = random_tensor<float>(r, content::uniform, c.weight_shape()),
                 bias = random_tensor<float>(r, content::uniform, {c.inputs()});
    named_arguments named = c.attributes();
    named["output_size"] = convolution::list(std::array{c.h, c.w});
    const call forward = call_for<op::conv2d_transpose>({{x.view()}, {weight.view()}, {bias.view()}}, named);
    all += compare<op::conv2d_transpose, float>(forward);
  }
  CHECK(all.outputs > 0);
  CHECK(all.wrong == 0);
}

TEST_CASE("cuda conv2d: empty shapes launch what they need and nothing else") {
  struct row {
    extents x, weight;
  };
  for (const row& s : {row{{0, 3, 4, 4}, {2, 3, 3, 3}}, row{{1, 0, 4, 4}, {2, 0, 3, 3}},
                       row{{1, 3, 4, 4}, {0, 3, 3, 3}}, row{{2, 3, 0, 4}, {70, 3, 1, 1}}}) {
    const tensor x(dtype::float32, s.x), weight(dtype::float32, s.weight), bias = [&] {
      tensor b(dtype::float32, {s.weight[0]});
      for (float& v : b.elements<float>()) v = -0.0f;
      return b;
    }();
    const auto c = compare<op::conv2d, float>(
        call_for<op::conv2d>({{x.view()}, {weight.view()}, {bias.view()}}, {{"padding", {std::int64_t{1}}}}));
    CAPTURE(to_string(s.x));
    CHECK(c.wrong == 0);
  }
}

}  // namespace halfulp::tests
