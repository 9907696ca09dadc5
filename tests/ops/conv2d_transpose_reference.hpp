#pragma once

#include "ops/conv2d_reference.hpp"

namespace halfulp::tests {

/// A transposed convolution as plain numbers: each input is scattered over the outputs that it reaches, in seven loops.
/// Nothing of oracle/ops is used. n, h and w are those of x; group_inputs and group_outputs count channels of x and y.
struct transposed_convolution : convolution {
  std::array<std::int64_t, 2> output_padding{0, 0};

  std::int64_t out(int axis) const {
    const auto a = static_cast<std::size_t>(axis);
    return ((axis == 0 ? h : w) - 1) * stride[a] + dilation[a] * (kernel[a] - 1) + 1 + output_padding[a] -
           padding[2 * a] - padding[2 * a + 1];
  }
  bool valid() const { return out(0) >= 0 && out(1) >= 0; }
  extents y_shape() const { return image(outputs(), out(0), out(1)); }
  extents weight_shape() const { return {inputs(), group_outputs, kernel[0], kernel[1]}; }

  /// visit(element of y, element of x, element of weight) for every product.
  template <class Visit>
  void for_each_product(Visit visit) const {
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t c = 0; c < inputs(); ++c)
        for (std::int64_t ih = 0; ih < h; ++ih)
          for (std::int64_t iw = 0; iw < w; ++iw)
            for (std::int64_t o = 0; o < group_outputs; ++o)
              for (std::int64_t kh = 0; kh < kernel[0]; ++kh)
                for (std::int64_t kw = 0; kw < kernel[1]; ++kw) {
                  const std::int64_t oh = ih * stride[0] + kh * dilation[0] - padding[0];
                  const std::int64_t ow = iw * stride[1] + kw * dilation[1] - padding[2];
                  if (oh < 0 || oh >= out(0) || ow < 0 || ow >= out(1)) continue;
                  visit(at(y_shape(), i, c / group_inputs * group_outputs + o, oh, ow), at(x_shape(), i, c, ih, iw),
                        static_cast<std::size_t>(((c * group_outputs + o) * kernel[0] + kh) * kernel[1] + kw));
                }
  }

  named_arguments attributes() const {
    auto named = convolution::attributes();
    named["output_padding"] = list(output_padding);
    return named;
  }
};

/// Small and of any kind: output padding up to what stride and dilation allow, padding that leaves no output.
inline transposed_convolution random_transposed_convolution(random_source& r) {
  for (;;) {
    transposed_convolution c;
    draw_convolution(r, c);
    for (std::size_t k = 0; k < 2; ++k)
      c.output_padding[k] = r.between(0, 1) * r.between(0, std::max(c.stride[k], c.dilation[k]) - 1);
    if (c.valid()) return c;
  }
}

}  // namespace halfulp::tests
