// Sums by patches and by tiles that lose as much as the parts of their bound allow for, so that without one of these they are
// rounded wrongly.
#include "cuda/convolutions.hpp"

namespace halfulp::tests {
namespace {

/// A line of taps on `h` x `w` positions, in 512 terms of each tap: as few as patches, which are of three taps, are taken for.
convolution lines_of_taps(std::int64_t h, std::int64_t w, std::int64_t taps) {
  convolution c;
  c.h = h;
  c.w = w;
  c.group_inputs = 512;
  c.group_outputs = 41;
  c.kernel = {1, taps};
  c.padding = {0, 0, taps / 2, taps / 2};
  return c;
}

/// Sets the elements of each channel of an NCHW image, or of each input of a weight: set(channel, place in it, element).
template <class Set>
tensor by_channel(const extents& shape, Set set) {
  tensor t(dtype::float32, shape);
  const std::int64_t inner = shape[2] * shape[3];
  const auto x = t.elements<float>();
  for (std::int64_t k = 0; k < std::ssize(x); ++k) set(k / inner % shape[1], k % inner, x[static_cast<std::size_t>(k)]);
  return t;
}

void check_same(const convolution& c, const tensor& x, const tensor& weight) {
  const auto all = compare<op::conv2d, float>(call_for<op::conv2d>({{x.view()}, {weight.view()}}, c.attributes()));
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

/// The second half of every 32 channels takes back what the first half added, but for a little: only norms tell what was lost.
void check_rise_and_fall(const convolution& c) {
  HALFULP_RANDOM(r, 16);
  constexpr std::int64_t half = 16;
  const auto drawn = [&](const extents& shape, double change) {
    const tensor t =
        by_channel(shape, [&](std::int64_t, std::int64_t, float& x) { x = narrow<float>(.75 + .25 * r.uniform()); });
    const auto x = t.elements<float>();
    const std::int64_t inner = shape[2] * shape[3];
    for (std::int64_t k = 0; k < std::ssize(x); ++k) {
      if (k / inner % shape[1] % (2 * half) < half) continue;
      const double before = x[static_cast<std::size_t>(k - half * inner)];
      x[static_cast<std::size_t>(k)] = narrow<float>(change == 0 ? before : -before * (1 + change * r.uniform()));
    }
    return t;
  };
  for (const double left : {1e-6, 0x1p-24}) {
    CAPTURE(left);
    const tensor x = drawn(c.x_shape(), left);
    check_same(c, x, drawn(c.weight_shape(), 0));
  }
}

/// 1 + 2^-24, a midpoint, less 200 u, and 509 products of .98 u, each lost: 299 u above the midpoint. The column read is the
/// first of four, so that of the four sums of a patch only the first has products.
void check_large_beginning(const convolution& c) {
  const double image[] = {1, 0x1p-12, 0x1p-22, 0x1p-26}, factor[] = {1, 0x1p-12, -200 * 0x1p-31, .98 * 0x1p-27};
  const auto kind_of = [](std::int64_t channel) {
    return static_cast<std::size_t>(std::min<std::int64_t>(channel, 3));
  };
  const tensor x = by_channel(c.x_shape(), [&](std::int64_t channel, std::int64_t at, float& v) {
    v = at % c.w % 4 == 1 ? narrow<float>(image[kind_of(channel)]) : 0;
  });
  check_same(c, x, by_channel(c.weight_shape(), [&](std::int64_t channel, std::int64_t at, float& v) {
               v = at == 0 ? narrow<float>(factor[kind_of(channel)]) : 0;
             }));
}

/// By default tiles enough that none is shared.
std::int64_t many_lines() {
  return scaled(256, 3);
}

}  // namespace

TEST_CASE("cuda conv2d: sums by patches that rise and fall between two looks at them have the bits of the CPU") {
  check_rise_and_fall(lines_of_taps(3, 12, 3));
}
TEST_CASE("cuda conv2d: sums by patches that begin large and lose every term after that have the bits of the CPU") {
  check_large_beginning(lines_of_taps(many_lines(), 130, 3));
}
TEST_CASE("cuda conv2d: sums by tiles that rise and fall between two looks at them have the bits of the CPU") {
  check_rise_and_fall(lines_of_taps(3, 12, 1));
}
TEST_CASE("cuda conv2d: sums by tiles that begin large and lose every term after that have the bits of the CPU") {
  check_large_beginning(lines_of_taps(many_lines(), 130, 1));
}

}  // namespace halfulp::tests
