// dweight[o, c, kh, kw] = sum over n, oh, ow of dy[n, o, oh, ow] * x[n, group * (C / groups) + c, ih, iw]
//   with group, ih and iw as in conv2d, over exactly the outputs whose ih and iw lie inside x
#pragma once

#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::op {

struct conv2d_weight_grad {
  static constexpr const char* name = "conv2d_weight_grad";
  static constexpr const char* schema =
      "conv2d_weight_grad(Tensor dy, Tensor x, int[] weight_shape, int[2] stride=1, any<int[2]|str> padding=0, int[2] "
      "dilation=1, int groups=1, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array<const char*, 0> apis{};
  static constexpr const char* element_argument = "dy";
  using element_types = conv2d::float_types;

  // Positions of an element of weight.
  template <class M>
  struct tap {
    idx<M> o, c, kh, kw;
  };

  template <class M>
  struct geometry {
    conv2d::geometry<M> forward;  // dweight has the shape forward.weight, dy the shape forward.y

    // Throws unless the forward input is valid and dy has the shape of its output.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& x, const shape<M>& dweight,
                                           const conv2d::attributes<M>& a) {
      geometry g{conv2d::geometry<M>::of(m, x, dweight, a)};
      require_same(m, "dy.shape", dy, g.forward.y, "dy must have the shape of conv2d's output");
      return g;
    }

    HALFULP_HOST_DEVICE tap<M> tap_of(M& m, idx<M> i) const {
      idx<M> at[4] = {};
      forward.weight.unravel(m, i, at);
      return {at[0], at[1], at[2], at[3]};
    }

    // visit(element of dy, element of x) for each term of the sum that is element t of dweight.
    template <class F>
    HALFULP_HOST_DEVICE void terms(M& m, const tap<M>& t, F visit) const {
      const auto& f = forward;
      const idx<M> channel = join(m, f.output_group(m, t.o).hi, t.c, f.group_inputs);
      const index_range<M> hs = f.rows.outputs(m, t.kh), ws = f.columns.outputs(m, t.kw);
      m.each("image", f.x.dim[0], [&](idx<M> n) {
        m.each("output row", hs.count(m), [&](idx<M> i) {
          const idx<M> oh = f.rows.nth_output(m, hs, i), ih = f.rows.input(m, oh, t.kh);
          m.each("output column", ws.count(m), [&](idx<M> j) {
            const idx<M> ow = f.columns.nth_output(m, ws, j), iw = f.columns.input(m, ow, t.kw);
            visit(f.element_of(m, f.y, {n, t.o, oh, ow}), f.element_of(m, f.x, {n, channel, ih, iw}));
          });
        });
      });
    }
  };

  /// dy and x of T; the result has the shape `weight_shape` of conv2d's weight.
  template <class T>
  struct args {
    std::span<const T> dy, x;
    geometry<run> shape;
  };

  /// Throws invalid_argument: conv2d must be valid for this weight shape, and dy have its output's shape.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    const auto dweight = shape_of(m, "weight_shape", c.integers("weight_shape"));
    const auto g =
        geometry<run>::of(m, shape_of(m, "dy.shape", c.tensor("dy")), x, dweight, conv2d::attributes_of(c, x, dweight));
    return {elements<T>(c, "dy"), elements<T>(c, "x"), g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.forward.weight)}};
  }

  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    run m(name);
    a.shape.terms(m, a.shape.tap_of(m, idx<run>{i, {}}), [&](idx<run> dy, idx<run> x) {
      sum.add_product(a.dy[static_cast<std::size_t>(dy.v)], a.x[static_cast<std::size_t>(x.v)]);
    });
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/conv2d_weight_grad_drive.hpp>
