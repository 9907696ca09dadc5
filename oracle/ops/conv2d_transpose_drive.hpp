// Inputs and specification of conv2d_transpose and of its gradients, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/conv2d_drive.hpp>
#include <halfulp/oracle/ops/conv2d_transpose.hpp>

namespace halfulp::op {

// All inputs of conv2d_transpose, and in exact integers the output extents that the specification gives.
template <class M>
struct conv2d_transpose_inputs {
  int_of<M> x[4], weight[4];
  conv2d_transpose::attributes<M> a;
  bool nhwc;
  ghost_of<M> channels;  // of y
  ghost_of<M> out[2];    // height and width of y

  static conv2d_transpose_inputs of(M& m) {
    conv2d_transpose_inputs in;
    auto& c = in.a.of_convolution;
    in.nhwc = m.pick("channels last", 0, 1) == 1;
    const bool in_all = m.pick("output_size", 0, 1) == 1;
    c.data_layout = in.nhwc ? conv2d::layout::nhwc : conv2d::layout::nchw;
    c.groups = m.input("groups");
    for (int k = 0; k < 4; ++k) in.weight[k] = m.input("weight.shape", k);
    for (int k = 0; k < 4; ++k)
      in.x[k] = k == (in.nhwc ? 3 : 1) ? m.input("x.shape", k, m.exact(in.weight[0])) : m.input("x.shape", k);
    for (int k = 0; k < 2; ++k) c.stride[k] = m.input("stride", k);
    for (int k = 0; k < 4; ++k) c.padding[k] = m.input("padding", k);
    for (int k = 0; k < 2; ++k) c.dilation[k] = m.input("dilation", k);
    in.specify(m, in_all);
    return in;
  }

 private:
  void specify(M& m, bool in_all) {
    spec_shape(m, x, 4);
    spec_shape(m, weight, 4);
    const ghost_of<M> g = m.exact(a.of_convolution.groups), c = m.exact(weight[0]);
    m.spec(g >= 1);
    m.spec(m.exact(x[nhwc ? 3 : 1]) == c);
    m.spec(m.high(c, g) * g == c);
    m.spec(m.exact(weight[1]) * g <= max_elements);
    channels = m.times(m.exact(weight[1]), g);
    for (int k = 0; k < 2; ++k) specify_axis(m, k, in_all);
    m.spec(m.exact(x[0]) * channels * out[0] * out[1] <= max_elements);
  }
  void specify_axis(M& m, int k, bool in_all) {
    const auto& c = a.of_convolution;
    spec_conv2d_axis(m, c, weight, k);
    const ghost_of<M> kernel = m.exact(weight[2 + k]), stride = m.exact(c.stride[k]), dilation = m.exact(c.dilation[k]);
    const ghost_of<M> scaled = m.exact(x[(nhwc ? 1 : 2) + k]) * stride;
    const ghost_of<M> least =
        scaled - stride + dilation * (kernel - 1) + 1 - m.exact(c.padding[2 * k]) - m.exact(c.padding[2 * k + 1]);
    m.spec(scaled <= max_elements);
    a.extent[k] = {in_all, in_all ? m.input("output_size", k, least) : m.input("output_padding", k)};
    const ghost_of<M> asked = m.exact(a.extent[k].value);
    out[k] = m.high(in_all ? asked : least + asked, 1);  // as the word `extent` has it
    if (in_all)
      m.spec(m.all(asked >= least, asked < least + stride));
    else
      m.spec(m.all(asked >= 0, m.any(asked < stride, asked < dilation)));
    m.spec(m.all(out[k] >= 0, out[k] <= max_elements));
  }
};

template <template <class> class Geometry, class M>
void conv2d_transpose::drive_as(M& m) {
  const auto in = conv2d_transpose_inputs<M>::of(m);
  const auto g =
      Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.x, 4), shape<M>::of(m, "weight.shape", in.weight, 4), in.a);
  const auto& f = g.forward;
  const int h = in.nhwc ? 1 : 2, c = in.nhwc ? 3 : 1;
  const bool biased = m.pick("bias", 0, 1) == 1;
  const int_of<M> bias_length = biased ? m.input("bias.shape", 0, in.channels) : f.x.dim[c];
  m.spec(m.exact(bias_length) == in.channels);
  if (biased) g.check_bias(m, shape<M>::of(m, "bias.shape", &bias_length, 1));
  m.claim("y has the images of x and weight.shape[1] * groups channels",
          [&] { return m.all(f.x.dim[0] == in.x[0], m.exact(f.x.dim[c]) == in.channels); });
  m.claim("y has the specified height and width",
          [&] { return m.all(m.exact(f.x.dim[h]) == in.out[0], m.exact(f.x.dim[h + 1]) == in.out[1]); });
  const auto x = m.values("x", product_of(m, in.x, 4));
  const auto weight = m.values("weight", product_of(m, in.weight, 4));
  const auto bias = m.values("bias", m.exact(bias_length));
  auto y = m.output("y", product_of(m, f.x.dim, 4));
  m.map(y, f.x.numel, [&](idx<M> i) {
    const auto p = f.pixel_of(m, f.x, i);
    if (biased) m.load(bias, p.c);
    const auto yp = conv2d_place<M>::in_image(m, i, f.x.dim, in.nhwc);
    g.terms(m, p, [&](idx<M> xi, idx<M> wi) {
      m.load(x, xi);
      m.load(weight, wi);
      claim_conv2d_term(m, in.a.of_convolution, in.weight, yp, conv2d_place<M>::in_weight(m, wi, in.weight),
                        conv2d_place<M>::in_image(m, xi, in.x, in.nhwc));
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
