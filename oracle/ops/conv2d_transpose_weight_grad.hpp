// dweight[c, o', kh, kw] = sum over n, ih, iw of x[n, c, ih, iw] * dy[n, group * (O / groups) + o', oh, ow]
//   with group the group of c, oh and ow as in conv2d_transpose, over exactly the elements whose oh and ow lie inside dy
#pragma once

#include <halfulp/oracle/ops/conv2d_transpose.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

namespace halfulp::op {

/// The sum of conv2d_weight_grad with x and dy in each other's place.
struct conv2d_transpose_weight_grad {
  static constexpr const char* name = "conv2d_transpose_weight_grad";
  static constexpr const char* schema =
      "conv2d_transpose_weight_grad(Tensor dy, Tensor x, int[] weight_shape, int[2] stride=1, any<int[2]|str> padding=0, int[2] "
      "output_padding=0, int groups=1, int[2] dilation=1, any<int[]?> output_size=None, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = conv2d_weight_grad::element_types;

  // `forward` is the convolution that is transposed: its x is dy, its y is x.
  template <class M>
  struct geometry : conv2d_weight_grad::geometry<M> {
    // Throws unless the forward input is valid and dy has the shape of its output.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& x, const shape<M>& dweight,
                                           const conv2d_transpose::attributes<M>& a) {
      const geometry g{{conv2d_transpose::geometry<M>::of(m, x, dweight, a).forward}};
      require_same(m, "dy.shape", dy, g.forward.x, "dy must have the shape of conv2d_transpose's output");
      return g;
    }
  };

  /// x as `dy` and dy as `x`, of T. The result has the shape `weight_shape` of conv2d_transpose's weight.
  template <class T>
  using args = conv2d_weight_grad::args<T>;

  /// Throws invalid_argument: conv2d_transpose must be valid for this weight shape, and dy have its output's shape.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    const auto dweight = shape_of(m, "weight_shape", c.integers("weight_shape"));
    const auto g = geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), x, dweight,
                                     conv2d_transpose::attributes_of(c, x, dweight));
    return {elements<T>(c, "x"), elements<T>(c, "dy"), g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return conv2d_weight_grad::outputs(a);
  }

  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    conv2d_weight_grad::accumulate(a, i, sum);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/conv2d_transpose_weight_grad_drive.hpp>
