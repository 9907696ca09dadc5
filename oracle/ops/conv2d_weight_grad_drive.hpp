// Inputs and specification of conv2d_weight_grad, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/conv2d_input_grad_drive.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

namespace halfulp::op {

template <template <class> class Geometry, class M>
void conv2d_weight_grad::drive_as(M& m) {
  const auto in = conv2d_inputs<M>::of(m);
  int_of<M> dyd[4];
  conv2d_output_inputs(m, in, dyd);
  const auto g = Geometry<M>::of(m, shape<M>::of(m, "dy.shape", dyd, 4), shape<M>::of(m, "x.shape", in.x, 4),
                                 shape<M>::of(m, "weight.shape", in.weight, 4), in.a);
  const auto dy = m.values("dy", conv2d_output_size(m, g.forward.y, dyd));
  const auto x = m.values("x", product_of(m, in.x, 4));
  auto dweight = m.output("dweight", product_of(m, in.weight, 4));
  m.map(dweight, g.forward.weight.numel, [&](idx<M> i) {
    const auto wp = conv2d_place<M>::in_weight(m, i, in.weight);
    g.terms(m, g.tap_of(m, i), [&](idx<M> yi, idx<M> xi) {
      m.load(dy, yi);
      m.load(x, xi);
      claim_conv2d_term(m, in.a, in.weight, conv2d_place<M>::in_image(m, xi, in.x, in.nhwc), wp,
                        conv2d_place<M>::in_image(m, yi, dyd, in.nhwc));
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
