// Sums by patches and by tiles that lose as much as the parts of their bound allow for, so that without one of these they are
// rounded wrongly.
#include "cuda/lost_terms.hpp"

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

void check_same(const convolution& c, const image_and_weight& of) {
  const auto all =
      compare<op::conv2d, float>(call_for<op::conv2d>({{of.x.view()}, {of.weight.view()}}, c.attributes()));
  CAPTURE(all.first_wrong);
  CHECK(all.wrong == 0);
}

void check_rise_and_fall(const convolution& c) {
  HALFULP_RANDOM(r, 16);
  for (const double left : {1e-6, 0x1p-24}) {
    CAPTURE(left);
    check_same(c, rising_and_falling(r, c, 16, left));
  }
}

/// The column read is the first of four, so that of the four sums of a patch only the first has products.
void check_large_beginning(const convolution& c) {
  check_same(c, beginning_large(c, 0, [&](std::int64_t at) { return at % c.w % 4 == 1; }));
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
