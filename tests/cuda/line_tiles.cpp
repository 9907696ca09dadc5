// Tiles of whole lines on the GPU, of every shape and content that they have a plan for, those included that are faster in
// other ways.
#include "cuda/line_tiles.hpp"

#include <cmath>
#include <cstring>

#include <halfulp/kernels/core/line_plan.hpp>

#include "cuda/campaign.hpp"
#include "cuda/lost_terms.hpp"
#include "cuda/window_products.hpp"

namespace halfulp::tests {
namespace {

using kernels::line_plan;

struct lines_comparison {
  comparison all;
  std::int64_t left = 0, planned = 0;
  lines_comparison& operator+=(const lines_comparison& o) {
    all += o.all;
    left += o.left;
    planned += o.planned;
    return *this;
  }
};

/// By tiles of whole lines where they have a plan, else as a call is computed.
auto by_lines(lines_comparison& result) {
  return [&result](const kernels::window_product<float>& p, const kernels::cuda_queue& queue) {
    const lines_outcome o = round_by_line_tiles(p, queue);
    if (!o.planned) kernels::round_products(p, queue);
    result.left += o.left;
    result.planned += o.planned ? 1 : 0;
  };
}

lines_comparison compare_forward(const convolution& c, const tensor& x, const tensor& weight) {
  lines_comparison result;
  const call forward = call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes());
  result.all = compare_products<op::conv2d, float>(forward, by_lines(result));
  return result;
}

/// conv2d and its input gradient.
template <class Draw>
lines_comparison compare_both(const convolution& c, Draw draw) {
  lines_comparison result;
  result.all = compare_convolution_products<float>(c, false, draw, by_lines(result));
  return result;
}

convolution layer(std::int64_t n, std::int64_t inputs, std::int64_t h, std::int64_t w, std::int64_t outputs) {
  convolution c;
  c.n = n;
  c.group_inputs = inputs;
  c.h = h;
  c.w = w;
  c.group_outputs = outputs;
  c.kernel = {3, 3};
  c.padding = {1, 1, 1, 1};
  return c;
}

/// Lines of whole quads, so that there are plans; groups, paddings of each side, images with fewer lines than taps.
convolution random_lines(random_source& r) {
  convolution c = layer(r.between(1, 3), r.between(1, 20), r.between(1, 9), 4 * r.between(1, 14), r.between(1, 70));
  c.groups = r.between(1, 2);
  c.padding = {r.between(0, 3), r.between(0, 3), r.between(0, 3), r.between(0, 3)};
  return c;
}

}  // namespace

TEST_CASE("cuda line tiles: convolutions and input gradients of every kind have the bits of the CPU") {
  HALFULP_RANDOM(r, 80);
  for (const content kind : every_content) {
    lines_comparison all;
    for (std::int64_t k = 0; k < repeats(20, 2); ++k) {
      const convolution c = random_lines(r);
      if (c.valid()) all += compare_both(c, [&](const extents& s) { return random_tensor<float>(r, kind, s); });
    }
    CAPTURE(static_cast<int>(kind), all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.planned > 0);
  }
}

TEST_CASE("cuda line tiles: layers of more tiles than groups of warps have the bits of the CPU") {
  HALFULP_RANDOM(r, 81);
  // Under slow tools not what leaves nearly every sum to repair: "of every kind" has that.
  const auto kinds = scaled(1, 0) == 1
                         ? std::vector{content::uniform, content::integers, content::wide, content::specials}
                         : std::vector{content::uniform};
  for (const content kind : kinds) {
    lines_comparison all;
    for (const convolution& c : {layer(scaled(5, 1), scaled(40, 20), scaled(56, 6), 56, 70),
                                 layer(1, scaled(150, 40), scaled(21, 3), 52, 130)})
      all += compare_both(c, [&](const extents& s) { return random_tensor<float>(r, kind, s); });
    CAPTURE(static_cast<int>(kind), all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.planned == 4);
  }
}

TEST_CASE(
    "cuda line tiles: results about the largest finite number and the least normal one have the bits of the CPU") {
  HALFULP_RANDOM(r, 82);
  const convolution c = layer(1, scaled(40, 9), scaled(12, 3), 56, 33);
  for (const int exponent : {-126, -115, 98, 101, 120, 124, 125}) {
    CAPTURE(exponent);
    const auto all = compare_both(c, [&](const extents& shape) {
      const int of_shape = shape.rank == 1             ? exponent
                           : shape == c.weight_shape() ? exponent / 2
                                                       : exponent - exponent / 2;
      return tensors_of<float>([&] { return std::ldexp(r.uniform(), of_shape); })(shape);
    });
    CAPTURE(all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.planned == 2);
  }
}

TEST_CASE("cuda line tiles: calls that prefer them, and those that do not, have the bits of the CPU") {
  HALFULP_RANDOM(r, 87);
  bool preferred = false;
  for (std::int64_t n = 1; n <= scaled(12, 1) && !preferred; ++n) {
    const convolution c = layer(n, 64, scaled(56, 6), 56, 64);
    const auto drawn = tensors_of<float>([&] { return r.uniform(); });
    const tensor x = drawn(c.x_shape()), weight = drawn(c.weight_shape()), dy = drawn(c.y_shape());
    const auto forward = call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes());
    preferred = prefers_line_tiles(kernels::product_of(op::conv2d::bind<float>(forward), x.elements<float>().data()));
    if (!preferred && n % 4 != 1) continue;
    named_arguments named = c.attributes();
    named["input_shape"] = convolution::list(c.x_shape());
    comparison all = compare<op::conv2d, float>(forward);
    all +=
        compare<op::conv2d_input_grad, float>(call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named));
    CAPTURE(n, preferred, all.first_wrong);
    check_bits(all, 1);
  }
  cudaDeviceProp device;
  check_cuda(cudaGetDeviceProperties(&device, 0));
  CHECK(preferred == (scaled(1, 0) == 1 && device.major == 9 && device.minor == 0));
}

TEST_CASE("cuda line tiles: numbers of one size leave few sums") {
  HALFULP_RANDOM(r, 83);
  const auto all =
      compare_both(layer(scaled(2, 1), 64, scaled(30, 8), 56, 64), tensors_of<float>([&] { return r.uniform(); }));
  CAPTURE(all.left, all.all.outputs, all.all.first_wrong);
  check_bits(all.all, 1);
  CHECK(all.left <= all.all.outputs / 2000);
}

TEST_CASE(
    "cuda line tiles: results that no two neighbours of which are 8 bytes that are aligned have the bits of the CPU") {
  HALFULP_RANDOM(r, 84);
  const convolution c = layer(1, scaled(20, 9), 5, 56, 20);
  const tensor x = tensors_of<float>([&] { return r.uniform(); })(c.x_shape()),
               weight = tensors_of<float>([&] { return r.uniform(); })(c.weight_shape());
  const auto a = op::conv2d::bind<float>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes()));
  const tensor want(dtype::float32, c.y_shape());
  kernels::compute<op::conv2d, float>(a, std::vector{want.view()});
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_bytes out((1 + static_cast<std::size_t>(product(c.y_shape()))) * sizeof(float));
  const device_queue queue;
  CHECK(round_by_line_tiles(kernels::product_of(device, static_cast<float*>(out.data()) + 1), queue.get()).planned);
  const auto got = out.read();
  const auto bytes = std::as_bytes(want.elements<float>());
  CHECK(std::memcmp(got.data() + sizeof(float), bytes.data(), bytes.size()) == 0);
}

TEST_CASE("cuda line tiles: sums that rise and fall between two looks at them have the bits of the CPU") {
  HALFULP_RANDOM(r, 85);
  const convolution c = layer(1, scaled(64, 16), scaled(8, 3), 56, 41);
  for (const double left : {1e-6, 0x1p-24}) {
    const auto [x, weight] = rising_and_falling(r, c, line_plan::channels / 2, left);
    const auto all = compare_forward(c, x, weight);
    CAPTURE(left, all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.planned == 1);
  }
}

TEST_CASE("cuda line tiles: sums that begin large and lose every term after that have the bits of the CPU") {
  const convolution c = layer(1, 512, scaled(4, 2), 8, 41);
  const auto [x, weight] = beginning_large(c, 4, [](std::int64_t) { return true; });
  const auto all = compare_forward(c, x, weight);
  CAPTURE(all.all.first_wrong);
  check_bits(all.all, 1);
  CHECK(all.planned == 1);
}

TEST_CASE("cuda campaign: conv2d and its input gradient by tiles of whole lines", "[.campaign]") {
  HALFULP_RANDOM(r, 86);
  const convolution c = layer(16, 64, 56, 56, 64);
  const auto compare_outputs = [&](const std::string& of, std::int64_t outputs, auto draw) {
    lines_comparison all;
    while (all.all.outputs < 2 * outputs) all += compare_both(c, draw);
    report("conv2d and its input gradient", dtype::float32, ", by tiles of whole lines, " + of, all.all);
  };
  compare_outputs("uniform", of_others, tensors_of<float>([&] { return r.uniform(); }));
  compare_outputs("eight binades", of_others,
                  tensors_of<float>([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 8))); }));
  compare_outputs("integers", 1, tensors_of<float>([&] { return static_cast<double>(r.between(-8, 8)); }));
}

}  // namespace halfulp::tests
