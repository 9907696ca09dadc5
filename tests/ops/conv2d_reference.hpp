#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <halfulp/oracle/core/exact_sum.hpp>

#include "random.hpp"
#include "tensors.hpp"

namespace halfulp::tests {

/// A convolution as plain numbers, with its index rule written out as seven loops: nothing of oracle/ops is used.
struct convolution {
  std::int64_t n = 1, h = 1, w = 1, groups = 1, group_inputs = 1, group_outputs = 1;
  std::array<std::int64_t, 2> kernel{1, 1}, stride{1, 1}, dilation{1, 1};
  std::array<std::int64_t, 4> padding{0, 0, 0, 0};  // top, bottom, left, right
  bool nhwc = false;

  std::int64_t inputs() const { return groups * group_inputs; }
  std::int64_t outputs() const { return groups * group_outputs; }
  std::int64_t out(int axis) const {
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t padded = (axis == 0 ? h : w) + padding[2 * a] + padding[2 * a + 1];
    return (padded - dilation[a] * (kernel[a] - 1) - 1) / stride[a] + 1;
  }
  bool valid() const {
    return h + padding[0] + padding[1] > dilation[0] * (kernel[0] - 1) &&
           w + padding[2] + padding[3] > dilation[1] * (kernel[1] - 1);
  }
  extents image(std::int64_t channels, std::int64_t rows, std::int64_t columns) const {
    return nhwc ? extents{n, rows, columns, channels} : extents{n, channels, rows, columns};
  }
  extents x_shape() const { return image(inputs(), h, w); }
  extents y_shape() const { return image(outputs(), out(0), out(1)); }
  extents weight_shape() const { return {outputs(), group_inputs, kernel[0], kernel[1]}; }

  /// visit(element of y, element of x, element of weight) for every product of the convolution.
  template <class Visit>
  void for_each_product(Visit visit) const {
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t o = 0; o < outputs(); ++o)
        for (std::int64_t oh = 0; oh < out(0); ++oh)
          for (std::int64_t ow = 0; ow < out(1); ++ow)
            for (std::int64_t c = 0; c < group_inputs; ++c)
              for (std::int64_t kh = 0; kh < kernel[0]; ++kh)
                for (std::int64_t kw = 0; kw < kernel[1]; ++kw) {
                  const std::int64_t ih = oh * stride[0] + kh * dilation[0] - padding[0];
                  const std::int64_t iw = ow * stride[1] + kw * dilation[1] - padding[2];
                  if (ih < 0 || ih >= h || iw < 0 || iw >= w) continue;
                  const std::int64_t channel = o / group_outputs * group_inputs + c;
                  visit(at(y_shape(), i, o, oh, ow), at(x_shape(), i, channel, ih, iw),
                        static_cast<std::size_t>(((o * group_inputs + c) * kernel[0] + kh) * kernel[1] + kw));
                }
  }
  std::size_t at(const extents& s, std::int64_t i, std::int64_t c, std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(nhwc ? ((i * s[1] + row) * s[2] + column) * s[3] + c
                                         : ((i * s[1] + c) * s[2] + row) * s[3] + column);
  }

  named_arguments attributes() const {
    return {{"stride", list(stride)},
            {"padding", list(padding)},
            {"dilation", list(dilation)},
            {"groups", {groups}},
            {"data_format", {std::string(nhwc ? "NHWC" : "NCHW")}}};
  }
  template <class Numbers>
  static argument list(const Numbers& numbers) {
    argument::list l(static_cast<std::size_t>(std::end(numbers) - std::begin(numbers)));
    std::size_t at = 0;
    for (const std::int64_t k : numbers) l[at++].value = k;
    return {l};
  }
};

inline void draw_convolution(random_source& r, convolution& c) {
  c.n = r.between(1, 3);
  c.h = r.between(1, 9);
  c.w = r.between(1, 30);
  c.groups = r.between(1, 3);
  c.group_inputs = r.between(1, 5);
  c.group_outputs = r.between(1, 11);
  c.kernel = {r.between(1, 4), r.between(1, 4)};
  c.stride = {r.between(1, 3), r.between(1, 3)};
  c.dilation = {r.between(1, 3), r.between(1, 3)};
  for (auto& p : c.padding) p = r.between(0, 1) * r.between(0, 5);
  c.nhwc = r.between(0, 1) == 1;
}

/// Small and of any kind: strides, dilation, uneven padding (also wider than the kernel), groups, both layouts.
inline convolution random_convolution(random_source& r) {
  for (;;) {
    convolution c;
    draw_convolution(r, c);
    if (c.valid()) return c;
  }
}

/// Of many groups with few channels, as depthwise ones are.
inline convolution grouped_convolution(random_source& r) {
  for (;;) {
    convolution c;
    draw_convolution(r, c);
    c.h = r.between(1, 40);
    c.groups = r.between(8, 11);
    c.group_inputs = r.between(1, 2);
    c.group_outputs = r.between(1, 5);
    if (c.valid()) return c;
  }
}

/// Of kernels three wide that go on by one, with channels enough that neighbouring windows are added up in pairs, in the
/// gradient of the input as well.
inline convolution paired_convolution(random_source& r) {
  for (;;) {
    convolution c;
    draw_convolution(r, c);
    c.groups = r.between(1, 2);
    c.group_inputs = r.between(16, 20);
    c.group_outputs = r.between(16, 27);
    c.h = r.between(8, 13);
    c.w = r.between(12, 30);
    c.kernel = {r.between(2, 4), 3};
    c.stride = {r.between(1, 2), 1};
    c.dilation[1] = 1;
    if (c.valid() && c.n * c.out(0) * c.out(1) >= 128) return c;
  }
}

/// Each kind in turn.
inline convolution convolution_of_turn(random_source& r, std::int64_t turn) {
  return turn % 4 == 3 ? grouped_convolution(r) : turn % 4 == 1 ? paired_convolution(r) : random_convolution(r);
}

template <class T>
std::vector<T> rounded(const std::vector<exact_sum<T>>& sums) {
  std::vector<T> y;
  for (const auto& s : sums) y.push_back(s.template round<T>());
  return y;
}

/// How many elements of two equally long lists differ in their bits.
template <class T>
std::int64_t wrong_bits(const std::vector<T>& got, const std::vector<T>& want) {
  REQUIRE(got.size() == want.size());
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < got.size(); ++i) wrong += to_bits(got[i]) != to_bits(want[i]);
  return wrong;
}

/// The first output of a kernel, and how many elements each tier decided, which must be all.
template <class T>
std::vector<T> computed(std::string_view op, const call& c, tier_counts* decided = nullptr) {
  const auto r = kernels::compute(op, c);
  std::int64_t sum = 0;
  for (const std::int64_t k : r.decided.count) sum += k;
  CHECK(sum == r.outputs.at(0).numel());
  if (decided != nullptr) *decided += r.decided;
  return values_of<T>(r.outputs.at(0));
}

}  // namespace halfulp::tests
