#pragma once

#include <cstdint>
#include <vector>

#include <halfulp/oracle/ops/conv2d.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

namespace halfulp::analysis {

/// A convolution and its gradients as products of dense matrices, the way libraries without a convolution do them:
/// each column of `patches` holds what one output sees, zeros where it sees padding.
///
/// S is the peer's scalar. product(m, n, k, a, transpose_a, b, transpose_b, c): c (m x n) = op(a) op(b), row-major, with
/// op(a) m x k and op(b) k x n; the peer's own, in S.
template <class S, class Product>
class im2col {
 public:
  im2col(const op::conv2d::geometry<run>& g, Product product)
      : product_(product),
        nhwc_(g.data_layout == op::conv2d::layout::nhwc),
        images_(size(g.x.dim[0])),
        groups_(size(g.groups)),
        inputs_(size(g.group_inputs)),
        outputs_(size(g.group_outputs)),
        axis_{axis(g.rows), axis(g.columns)} {}

  /// y = weight * patches, image by image and group by group.
  void forward(const std::vector<S>& x, const std::vector<S>& weight, std::vector<S>& y) const {
    std::vector<S> columns(depth() * pixels()), out(outputs_ * pixels());
    each([&](std::size_t n, std::size_t g) {
      gather(x, n, g, columns.data());
      product_(outputs_, pixels(), depth(), weight_of(weight, g), false, columns.data(), false, out.data());
      each_output(n, g, [&](std::size_t at, std::size_t k) { y[at] = out[k]; });
    });
  }

  /// dx: patches of dy * weight, added up where they overlap.
  void input_grad(const std::vector<S>& dy, const std::vector<S>& weight, std::vector<S>& dx) const {
    std::vector<S> columns(depth() * pixels()), from(outputs_ * pixels());
    each([&](std::size_t n, std::size_t g) {
      each_output(n, g, [&](std::size_t at, std::size_t k) { from[k] = dy[at]; });
      product_(depth(), pixels(), outputs_, weight_of(weight, g), true, from.data(), false, columns.data());
      each_patch(n, g, [&](std::size_t at, std::size_t k) { dx[at] = dx[at] + columns[k]; });
    });
  }

  /// dweight = sum over images of dy * patches^T.
  void weight_grad(const std::vector<S>& dy, const std::vector<S>& x, std::vector<S>& dweight) const {
    std::vector<S> columns(depth() * pixels()), from(outputs_ * pixels()), out(outputs_ * depth());
    each([&](std::size_t n, std::size_t g) {
      gather(x, n, g, columns.data());
      each_output(n, g, [&](std::size_t at, std::size_t k) { from[k] = dy[at]; });
      product_(outputs_, depth(), pixels(), from.data(), false, columns.data(), true, out.data());
      S* const sum = dweight.data() + g * outputs_ * depth();
      for (std::size_t k = 0; k < out.size(); ++k) sum[k] = sum[k] + out[k];
    });
  }

  /// Whether some patch holds padding: a zero that is multiplied like any other number.
  bool sees_padding() const { return reaches_out(axis_[0]) || reaches_out(axis_[1]); }

 private:
  struct window_sizes {
    std::int64_t in, kernel, out, stride, dilation, pad;
  };
  static std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }
  static window_sizes axis(const window<run>& w) { return {w.in, w.kernel, w.out, w.stride, w.dilation, w.pad_before}; }
  static bool reaches_out(const window_sizes& w) {
    return w.pad > 0 || (w.out - 1) * w.stride + (w.kernel - 1) * w.dilation - w.pad >= w.in;
  }
  std::size_t pixels() const { return size(axis_[0].out) * size(axis_[1].out); }
  std::size_t depth() const { return inputs_ * size(axis_[0].kernel) * size(axis_[1].kernel); }

  template <class F>
  void each(F f) const {
    for (std::size_t n = 0; n < images_; ++n)
      for (std::size_t g = 0; g < groups_; ++g) f(n, g);
  }
  const S* weight_of(const std::vector<S>& weight, std::size_t g) const {
    return weight.data() + g * outputs_ * depth();
  }

  std::size_t element(std::size_t n, std::size_t c, std::size_t channels, std::size_t pixel, std::size_t pixels) const {
    return nhwc_ ? (n * pixels + pixel) * channels + c : (n * channels + c) * pixels + pixel;
  }

  /// f(element of y, position in the outputs_ x pixels() matrix)
  template <class F>
  void each_output(std::size_t n, std::size_t g, F f) const {
    for (std::size_t o = 0, k = 0; o < outputs_; ++o)
      for (std::size_t p = 0; p < pixels(); ++p, ++k)
        f(element(n, g * outputs_ + o, groups_ * outputs_, p, pixels()), k);
  }

  /// f(element of x, position in the depth() x pixels() matrix), padding left out
  template <class F>
  void each_patch(std::size_t n, std::size_t g, F f) const {
    const auto& [rows, columns] = axis_;
    std::size_t k = 0;
    for (std::size_t c = 0; c < inputs_; ++c)
      for (std::int64_t kh = 0; kh < rows.kernel; ++kh)
        for (std::int64_t kw = 0; kw < columns.kernel; ++kw)
          for (std::int64_t oh = 0; oh < rows.out; ++oh)
            for (std::int64_t ow = 0; ow < columns.out; ++ow, ++k) {
              const std::int64_t h = oh * rows.stride + kh * rows.dilation - rows.pad;
              const std::int64_t w = ow * columns.stride + kw * columns.dilation - columns.pad;
              if (h < 0 || h >= rows.in || w < 0 || w >= columns.in) continue;
              f(element(n, g * inputs_ + c, groups_ * inputs_, size(h * columns.in + w), size(rows.in * columns.in)),
                k);
            }
  }

  void gather(const std::vector<S>& x, std::size_t n, std::size_t g, S* columns) const {
    std::fill(columns, columns + depth() * pixels(), S(0));
    each_patch(n, g, [&](std::size_t at, std::size_t k) { columns[k] = x[at]; });
  }

  Product product_;
  bool nhwc_;
  std::size_t images_, groups_, inputs_, outputs_;  // channels of a group
  struct window_pair {
    window_sizes rows, columns;
    const window_sizes& operator[](int k) const { return k == 0 ? rows : columns; }
  } axis_;
};

}  // namespace halfulp::analysis
