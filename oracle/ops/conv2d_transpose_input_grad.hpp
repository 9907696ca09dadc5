// dx[n, c, ih, iw] = sum over o in the group of c, kh, kw of dy[n, o, oh, ow] * weight[c, o', kh, kw]
//   with oh = ih * stride + kh * dilation - top, ow likewise, both inside dy; o' is o within its group
#pragma once

#include <halfulp/oracle/ops/conv2d_transpose.hpp>

namespace halfulp::op {

/// The sum of conv2d over dy, for as many outputs as x has elements.
struct conv2d_transpose_input_grad {
  static constexpr const char* name = "conv2d_transpose_input_grad";
  static constexpr const char* schema =
      "conv2d_transpose_input_grad(Tensor dy, Tensor weight, int[] input_shape, int[2] stride=1, any<int[2]|str> padding=0, int[2] "
      "output_padding=0, int groups=1, int[2] dilation=1, any<int[]?> output_size=None, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = conv2d_input_grad::element_types;

  // x is dy, y is dx.
  template <class M>
  struct geometry : conv2d::geometry<M> {
    // Throws unless the forward input is valid and dy has the shape of its output.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& weight, const shape<M>& dx,
                                           const conv2d_transpose::attributes<M>& a) {
      const geometry g{conv2d_transpose::geometry<M>::of(m, dx, weight, a).forward};
      require_same(m, "dy.shape", dy, g.x, "dy must have the shape of conv2d_transpose's output");
      return g;
    }
  };

  /// dy as `x`, and weight of T; no bias. The result has the shape `input_shape` of conv2d_transpose's x.
  template <class T>
  using args = conv2d::args<T>;

  /// Throws invalid_argument: conv2d_transpose must be valid for this input shape, and dy have its output's shape.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto weight = shape_of(m, "weight.shape", c.tensor("weight"));
    const auto dx = shape_of(m, "input_shape", c.integers("input_shape"));
    const auto g = geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), weight, dx,
                                     conv2d_transpose::attributes_of(c, dx, weight));
    return {elements<T>(c, "dy"), elements<T>(c, "weight"), {}, false, g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return conv2d::outputs(a);
  }

  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    conv2d::accumulate(a, i, sum);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/conv2d_transpose_input_grad_drive.hpp>
