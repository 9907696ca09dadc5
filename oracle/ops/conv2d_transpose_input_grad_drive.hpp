// Inputs and specification of conv2d_transpose_input_grad, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/conv2d_input_grad_drive.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_drive.hpp>
#include <halfulp/oracle/ops/conv2d_transpose_input_grad.hpp>

namespace halfulp::op {

// dy must have the shape of conv2d_transpose's output.
template <class M>
void conv2d_transpose_output_inputs(M& m, const conv2d_transpose_inputs<M>& in, int_of<M>* dy) {
  const int h = in.nhwc ? 1 : 2, c = in.nhwc ? 3 : 1;
  dy[0] = m.input("dy.shape", 0, m.exact(in.x[0]));
  dy[c] = m.input("dy.shape", c, in.channels);
  for (int k = 0; k < 2; ++k) dy[h + k] = m.input("dy.shape", h + k, in.out[k]);
  m.spec(m.exact(dy[0]) == m.exact(in.x[0]));
  m.spec(m.exact(dy[c]) == in.channels);
  m.spec(m.exact(dy[h]) == in.out[0]);
  m.spec(m.exact(dy[h + 1]) == in.out[1]);
  spec_shape(m, dy, 4);
}

template <template <class> class Geometry, class M>
void conv2d_transpose_input_grad::drive_as(M& m) {
  const auto in = conv2d_transpose_inputs<M>::of(m);
  int_of<M> dyd[4];
  conv2d_transpose_output_inputs(m, in, dyd);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "dy.shape", dyd, 4), shape<M>::of(m, "weight.shape", in.weight, 4),
                                 shape<M>::of(m, "x.shape", in.x, 4), in.a);
  const auto dy = m.values("dy", conv2d_output_size(m, g.x, dyd));
  const auto weight = m.values("weight", product_of(m, in.weight, 4));
  auto dx = m.output("dx", product_of(m, in.x, 4));
  m.map(dx, g.y.numel, [&](idx<M> i) {
    const auto xp = conv2d_place<M>::in_image(m, i, in.x, in.nhwc);
    g.terms(m, g.pixel_of(m, g.y, i), [&](idx<M> yi, idx<M> wi) {
      m.load(dy, yi);
      m.load(weight, wi);
      claim_conv2d_term(m, in.a.of_convolution, in.weight, conv2d_place<M>::in_image(m, yi, dyd, in.nhwc),
                        conv2d_place<M>::in_weight(m, wi, in.weight), xp);
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
