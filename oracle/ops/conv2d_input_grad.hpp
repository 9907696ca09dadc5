// dx[n, c, ih, iw] = sum over o in the group of c, (oh, kh), (ow, kw) of dy[n, o, oh, ow] * weight[o, c, kh, kw]
//   over exactly the pairs with oh * stride + kh * dilation - top = ih, and likewise for iw
#pragma once

#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::op {

struct conv2d_input_grad {
  static constexpr const char* name = "conv2d_input_grad";

  template <class M> struct geometry {
    conv2d::geometry<M> forward;  // dx has the shape forward.x, dy the shape forward.y

    // Throws unless the forward input is valid and dy has the shape of its output.
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& dy, const shape<M>& weight,
                                           const shape<M>& dx, const conv2d::attributes<M>& a) {
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
            const idx<M> o = join(m, channel.hi, c, f.group_outputs);
            visit(f.element_of(m, f.y, {p.n, o, oh.output, ow.output}),
                  f.weight_of(m, o, channel.lo, kh, kw));
          });
        });
      });
    }
  };

  template <class M> static void drive(M& m) { drive_as<geometry>(m); }
  template <template <class> class Geometry, class M> static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/conv2d_input_grad_drive.hpp>
