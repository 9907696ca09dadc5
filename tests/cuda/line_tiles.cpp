// Tiles of whole lines on the GPU, of every shape and content that they have a plan for, those included that are faster in
// other ways.
#include "cuda/line_tiles.hpp"

#include <cmath>
#include <cstring>

#include <halfulp/kernels/core/line_plan.hpp>
#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

#include "cuda/campaign.hpp"
#include "cuda/convolutions.hpp"

namespace halfulp::tests {
namespace {

using kernels::line_plan, kernels::window_product;

std::vector<window_product<float>> products_for(const op::conv2d::args<float>& a, float* out) {
  return {kernels::product_of(a, out)};
}
std::vector<window_product<float>> products_for(const op::conv2d_input_grad::args<float>& a, float* out) {
  return kernels::products_of(a, out);
}

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
template <class Op>
lines_comparison compare_lines(const call& c) {
  const auto a = Op::template bind<float>(c);
  const auto type = Op::outputs(a).at(0);
  const tensor want(type.type, type.shape);
  kernels::compute<Op, float>(a, std::vector{want.view()});
  device_copies keep;
  const auto device = on_device(a, keep);
  const device_outputs out({type});
  const device_queue queue;
  lines_comparison result;
  for (const auto& p : products_for(device, static_cast<float*>(out.view[0].data))) {
    lines_outcome o;
    if (p.depth() > 0 && p.sums() > 0) o = round_by_line_tiles(p, queue.get());
    if (!o.planned) kernels::round_products(p, queue.get());
    result.left += o.left;
    result.planned += o.planned ? 1 : 0;
  }
  const tier_counts decided = queue.finish();
  result.all = compare_bits(Op::name, *out.memory[0], want);
  result.all.decided = decided;
  return result;
}

lines_comparison compare_forward(const convolution& c, const tensor& x, const tensor& weight, const tensor* bias) {
  named_arguments named = c.attributes();
  if (bias != nullptr) named["bias"] = {bias->view()};
  return compare_lines<op::conv2d>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, named));
}

/// conv2d and its input gradient.
template <class Draw>
lines_comparison compare_both(const convolution& c, Draw draw) {
  const tensor x = draw(c.x_shape()), weight = draw(c.weight_shape()), dy = draw(c.y_shape()),
               bias = draw({c.outputs()});
  lines_comparison all = compare_forward(c, x, weight, &bias);
  named_arguments named = c.attributes();
  named["input_shape"] = convolution::list(c.x_shape());
  all += compare_lines<op::conv2d_input_grad>(call_for<op::conv2d_input_grad>({{dy.view()}, {weight.view()}}, named));
  return all;
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

template <class Draw>
auto tensors_of(Draw draw) {
  return [draw](const extents& shape) {
    tensor t(dtype::float32, shape);
    for (float& x : t.elements<float>()) x = narrow<float>(draw());
    return t;
  };
}

/// Sets the elements of each channel of an image, or of each input of a weight: set(channel, place in it).
template <class Set>
tensor by_channel(const extents& shape, Set set) {
  tensor t(dtype::float32, shape);
  const std::int64_t inner = shape[2] * shape[3];
  const auto x = t.elements<float>();
  for (std::int64_t k = 0; k < std::ssize(x); ++k)
    x[static_cast<std::size_t>(k)] = narrow<float>(set(k / inner % shape[1], k % inner));
  return t;
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
      return tensors_of([&] { return std::ldexp(r.uniform(), of_shape); })(shape);
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
    const auto drawn = tensors_of([&] { return r.uniform(); });
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
      compare_both(layer(scaled(2, 1), 64, scaled(30, 8), 56, 64), tensors_of([&] { return r.uniform(); }));
  CAPTURE(all.left, all.all.outputs, all.all.first_wrong);
  check_bits(all.all, 1);
  CHECK(all.left <= all.all.outputs / 2000);
}

TEST_CASE(
    "cuda line tiles: results that no two neighbours of which are 8 bytes that are aligned have the bits of the CPU") {
  HALFULP_RANDOM(r, 84);
  const convolution c = layer(1, scaled(20, 9), 5, 56, 20);
  const tensor x = tensors_of([&] { return r.uniform(); })(c.x_shape()),
               weight = tensors_of([&] { return r.uniform(); })(c.weight_shape());
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
  constexpr std::int64_t half = line_plan::channels / 2;
  for (const double left : {1e-6, 0x1p-24}) {
    const auto drawn = [&](const extents& shape, double change) {
      const tensor t = by_channel(shape, [&](std::int64_t, std::int64_t) { return .75 + .25 * r.uniform(); });
      const auto x = t.elements<float>();
      const std::int64_t inner = shape[2] * shape[3];
      for (std::int64_t k = 0; k < std::ssize(x); ++k) {
        if (k / inner % shape[1] % (2 * half) < half) continue;
        const double before = x[static_cast<std::size_t>(k - half * inner)];
        x[static_cast<std::size_t>(k)] = narrow<float>(change == 0 ? before : -before * (1 + change * r.uniform()));
      }
      return t;
    };
    const auto all = compare_forward(c, drawn(c.x_shape(), left), drawn(c.weight_shape(), 0), nullptr);
    CAPTURE(left, all.all.first_wrong);
    check_bits(all.all, 1);
    CHECK(all.planned == 1);
  }
}

TEST_CASE("cuda line tiles: sums that begin large and lose every term after that have the bits of the CPU") {
  // 1 + 2^-24, a midpoint, less 200 u, and 509 products of .98 u, each lost: 299 u above the midpoint.
  const convolution c = layer(1, 512, scaled(4, 2), 8, 41);
  const double image[] = {1, 0x1p-12, 0x1p-22, 0x1p-26}, factor[] = {1, 0x1p-12, -200 * 0x1p-31, .98 * 0x1p-27};
  const auto kind_of = [](std::int64_t channel) { return std::min<std::int64_t>(channel, 3); };
  const tensor x = by_channel(c.x_shape(), [&](std::int64_t channel, std::int64_t) { return image[kind_of(channel)]; }),
               weight = by_channel(c.weight_shape(), [&](std::int64_t channel, std::int64_t tap) {
                 return tap == 4 ? factor[kind_of(channel)] : 0;
               });
  const auto all = compare_forward(c, x, weight, nullptr);
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
  compare_outputs("uniform", of_others, tensors_of([&] { return r.uniform(); }));
  compare_outputs("eight binades", of_others,
                  tensors_of([&] { return std::ldexp(r.uniform(), -static_cast<int>(r.between(0, 8))); }));
  compare_outputs("integers", 1, tensors_of([&] { return static_cast<double>(r.between(-8, 8)); }));
}

}  // namespace halfulp::tests
