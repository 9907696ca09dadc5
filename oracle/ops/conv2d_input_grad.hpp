// dx[n, c, ih, iw] = sum over o in the group of c, (oh, kh), (ow, kw) of dy[n, o, oh, ow] * weight[o, c, kh, kw]
//   over exactly the pairs with oh * stride + kh * dilation - top = ih, and likewise for iw
#pragma once

#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::op {

struct conv2d_input_grad {
  static constexpr const char* name = "conv2d_input_grad";
  static constexpr const char* schema =
      "conv2d_input_grad(Tensor dy, Tensor weight, int[] input_shape, int[2] stride=1, any<int[2]|str> padding=0, int[2] "
      "dilation=1, int groups=1, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = conv2d::float_types;

  template <class M>
  struct geometry {
    conv2d::geometry<M> forward;  // dx has the shape forward.x, dy the shape forward.y

    // Throws unless the forward input is valid and dy has the shape of its output.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& weight, const shape<M>& dx,
                                           const conv2d::attributes<M>& a) {
      geometry g{conv2d::geometry<M>::of(m, dx, weight, a)};
      require_same(m, "dy.shape", dy, g.forward.y, "dy must have the shape of conv2d's output");
      return g;
    }

    // visit(element of dy, element of weight) for each term of the sum that is element p of dx.
    template <class F>
    HALFULP_HOST_DEVICE void terms(M& m, const conv2d::pixel<M>& p, F visit) const {
      const auto& f = forward;
      const hi_lo<M> channel = f.input_group(m, p.c);
      m.each("kernel row", f.rows.kernel, [&](idx<M> kh) {
        const window_source<M> oh = f.rows.source(m, p.h, kh);
        if (!oh.hit) return;
        m.each("kernel column", f.columns.kernel, [&](idx<M> kw) {
          const window_source<M> ow = f.columns.source(m, p.w, kw);
          if (!ow.hit) return;
          m.each("output channel", f.group_outputs, [&](idx<M> c) {
            // its bound as the shapes have it: groups * group_outputs
            const idx<M> o{join(m, channel.hi, c, f.group_outputs).v, m.exact(f.weight.dim[0])};
            visit(f.element_of(m, f.y, {p.n, o, oh.output, ow.output}), f.weight_of(m, o, channel.lo, kh, kw));
          });
        });
      });
    }
  };

  /// dy and weight of T; the result has the shape `input_shape` of conv2d's x. A bias of T, one element for each channel
  /// of the result, is a term where there is one: conv2d_transpose is this sum with a bias.
  template <class T>
  struct args {
    std::span<const T> dy, weight;
    geometry<run> shape;
    std::span<const T> bias = {};
    bool has_bias = false;
  };

  /// Throws invalid_argument: conv2d must be valid for this input shape, and dy have its output's shape.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto weight = shape_of(m, "weight.shape", c.tensor("weight"));
    const auto dx = shape_of(m, "input_shape", c.integers("input_shape"));
    const auto g =
        geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), weight, dx, conv2d::attributes_of(c, dx, weight));
    return {elements<T>(c, "dy"), elements<T>(c, "weight"), g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.x)}};
  }

  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    run m(name);
    const auto p = a.shape.forward.pixel_of(m, a.shape.forward.x, idx<run>{i, {}});
    a.shape.terms(m, p, [&](idx<run> dy, idx<run> w) {
      sum.add_product(a.dy[static_cast<std::size_t>(dy.v)], a.weight[static_cast<std::size_t>(w.v)]);
    });
    if (a.has_bias) sum.add(a.bias[static_cast<std::size_t>(p.c.v)]);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/conv2d_input_grad_drive.hpp>
