// Inputs and specification of conv2d_input_grad, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/conv2d_drive.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>

namespace halfulp::op {

// dy must have the shape of conv2d's output.
template <class M>
void conv2d_output_inputs(M& m, const conv2d_inputs<M>& in, int_of<M>* dy) {
  const int h = in.nhwc ? 1 : 2, c = in.nhwc ? 3 : 1;
  dy[0] = m.input("dy.shape", 0, m.exact(in.x[0]));
  dy[c] = m.input("dy.shape", c, m.exact(in.weight[0]));
  for (int k = 0; k < 2; ++k) dy[h + k] = m.input("dy.shape", h + k, in.out[k]);
  m.spec(m.exact(dy[0]) == m.exact(in.x[0]));
  m.spec(m.exact(dy[c]) == m.exact(in.weight[0]));
  m.spec(m.exact(dy[h]) == in.out[0]);
  m.spec(m.exact(dy[h + 1]) == in.out[1]);
  spec_shape(m, dy, 4);
}

// The elements of dy, counted by the shape that the geometry found. That shape is claimed to be dy's first: products of
// dimensions that are known to be equal one by one are the same term for the solver only if they are written alike.
template <class M>
ghost_of<M> conv2d_output_size(M& m, const shape<M>& y, const int_of<M>* dy) {
  for (int k = 0; k < 4; ++k) m.claim("dy has the shape of the output", [&] { return y.dim[k] == dy[k]; });
  return product_of(m, y.dim, 4);
}

template <template <class> class Geometry, class M>
void conv2d_input_grad::drive_as(M& m) {
  const auto in = conv2d_inputs<M>::of(m);
  int_of<M> dyd[4];
  conv2d_output_inputs(m, in, dyd);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "dy.shape", dyd, 4), shape<M>::of(m, "weight.shape", in.weight, 4),
                                 shape<M>::of(m, "x.shape", in.x, 4), in.a);
  const auto dy = m.values("dy", conv2d_output_size(m, g.forward.y, dyd));
  const auto weight = m.values("weight", product_of(m, in.weight, 4));
  auto dx = m.output("dx", product_of(m, in.x, 4));
  m.map(dx, g.forward.x.numel, [&](idx<M> i) {
    const auto xp = conv2d_place<M>::in_image(m, i, in.x, in.nhwc);
    g.terms(m, g.forward.pixel_of(m, g.forward.x, i), [&](idx<M> yi, idx<M> wi) {
      m.load(dy, yi);
      m.load(weight, wi);
      claim_conv2d_term(m, in.a, in.weight, xp, conv2d_place<M>::in_weight(m, wi, in.weight),
                        conv2d_place<M>::in_image(m, yi, dyd, in.nhwc));
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
