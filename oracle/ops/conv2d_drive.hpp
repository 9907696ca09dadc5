// Inputs and specification of conv2d and of its gradients, checked on Geometry.
#pragma once

#include <halfulp/oracle/ops/conv2d.hpp>

namespace halfulp::op {

// Stride, dilation, padding and kernel size of one axis are in range.
template <class M>
void spec_conv2d_axis(M& m, const conv2d::attributes<M>& a, const int_of<M>* weight, int k) {
  constexpr std::int64_t most = max_window_parameter;
  const ghost_of<M> kernel = m.exact(weight[2 + k]), stride = m.exact(a.stride[k]);
  const ghost_of<M> dilation = m.exact(a.dilation[k]), before = m.exact(a.padding[2 * k]),
                    after = m.exact(a.padding[2 * k + 1]);
  m.spec(m.all(kernel >= 1, kernel <= most));
  m.spec(m.all(stride >= 1, stride <= most));
  m.spec(m.all(dilation >= 1, dilation <= most));
  m.spec(m.all(before >= 0, before <= most));
  m.spec(m.all(after >= 0, after <= most));
}

// All inputs of conv2d, and in exact integers the output extents that the specification gives.
template <class M>
struct conv2d_inputs {
  int_of<M> x[4], weight[4];
  conv2d::attributes<M> a;
  bool nhwc;
  ghost_of<M> room[2];  // padded input - dilation * (kernel - 1) - 1, of height and width
  ghost_of<M> out[2];   // height and width of y

  int_of<M> channels() const { return x[nhwc ? 3 : 1]; }
  int_of<M> extent(int axis) const { return x[(nhwc ? 1 : 2) + axis]; }

  static conv2d_inputs of(M& m) {
    conv2d_inputs in;
    in.nhwc = m.pick("channels last", 0, 1) == 1;
    in.a.data_layout = in.nhwc ? conv2d::layout::nhwc : conv2d::layout::nchw;
    in.a.groups = m.input("groups");
    for (int k = 0; k < 4; ++k) in.weight[k] = m.input("weight.shape", k);
    const ghost_of<M> channels = m.exact(in.a.groups) * m.exact(in.weight[1]);
    for (int k = 0; k < 4; ++k)
      in.x[k] = k == (in.nhwc ? 3 : 1) ? m.input("x.shape", k, channels) : m.input("x.shape", k);
    for (int k = 0; k < 2; ++k) in.a.stride[k] = m.input("stride", k);
    for (int k = 0; k < 4; ++k) in.a.padding[k] = m.input("padding", k);
    for (int k = 0; k < 2; ++k) in.a.dilation[k] = m.input("dilation", k);
    in.specify(m);
    return in;
  }

 private:
  void specify(M& m) {
    spec_shape(m, x, 4);
    spec_shape(m, weight, 4);
    const ghost_of<M> g = m.exact(a.groups), o = m.exact(weight[0]);
    m.spec(g >= 1);
    m.spec(m.exact(channels()) == g * m.exact(weight[1]));
    m.spec(m.high(o, g) * g == o);
    for (int k = 0; k < 2; ++k) specify_axis(m, k);
    m.spec(m.exact(x[0]) * o * out[0] * out[1] <= max_elements);
  }
  void specify_axis(M& m, int k) {
    spec_conv2d_axis(m, a, weight, k);
    const ghost_of<M> kernel = m.exact(weight[2 + k]), stride = m.exact(a.stride[k]);
    const ghost_of<M> dilation = m.exact(a.dilation[k]), before = m.exact(a.padding[2 * k]),
                      after = m.exact(a.padding[2 * k + 1]);
    room[k] = m.exact(extent(k)) + before + after - dilation * (kernel - 1) - 1;
    m.spec(room[k] >= 0);
    out[k] = m.high(room[k], stride) + 1;
    m.spec(out[k] <= max_elements);
  }
};

// Positions in an image or a weight, read off the digits of the element's number.
template <class M>
struct conv2d_place {
  ghost_of<M> n, c, h, w;

  static conv2d_place in_image(M& m, idx<M> i, const int_of<M>* dims, bool nhwc) {
    const conv2d_place p = in_weight(m, i, dims);
    return nhwc ? conv2d_place{p.n, p.w, p.c, p.h} : p;
  }
  // (o, c, kh, kw)
  static conv2d_place in_weight(M& m, idx<M> i, const int_of<M>* dims) {
    const ghost_of<M> at = m.exact(i.v), d3 = m.exact(dims[3]), d2 = m.exact(dims[2]), d1 = m.exact(dims[1]),
                      row = m.high(at, d3), plane = m.high(row, d2);
    return {m.high(plane, d1), m.low(plane, d1), m.low(row, d2), m.low(at, d3)};
  }
};

// The term x[xp] * weight[wp] belongs to y[yp]: the formula of conv2d, and nothing else.
template <class M>
void claim_conv2d_term(M& m, const conv2d::attributes<M>& a, const int_of<M>* weight, const conv2d_place<M>& xp,
                       const conv2d_place<M>& wp, const conv2d_place<M>& yp) {
  m.claim("x and y are of the same image", [&] { return xp.n == yp.n; });
  m.claim("weight and y are of the same output channel", [&] { return wp.n == yp.c; });
  m.claim("x is of channel group * (C / groups) + c", [&] {
    const ghost_of<M> outputs = m.high(m.exact(weight[0]), m.exact(a.groups));
    return xp.c == m.high(yp.c, outputs) * m.exact(weight[1]) + wp.c;
  });
  m.claim("ih = oh * stride + kh * dilation - top", [&] {
    return xp.h == m.times(yp.h, m.exact(a.stride[0])) + m.times(wp.h, m.exact(a.dilation[0])) - m.exact(a.padding[0]);
  });
  m.claim("iw = ow * stride + kw * dilation - left", [&] {
    return xp.w == m.times(yp.w, m.exact(a.stride[1])) + m.times(wp.w, m.exact(a.dilation[1])) - m.exact(a.padding[2]);
  });
}

// The height or width of y is the largest with (out - 1) * stride <= room.
template <class M>
void claim_conv2d_extent(M& m, const char* what, ghost_of<M> out, ghost_of<M> room, int_of<M> stride) {
  m.claim(what, [&] {
    const ghost_of<M> s = m.exact(stride);
    return m.all(out >= 1, (out - 1) * s <= room, out * s > room);
  });
}

template <template <class> class Geometry, class M>
void conv2d::drive_as(M& m) {
  const auto in = conv2d_inputs<M>::of(m);
  const auto g =
      Geometry<M>::of(m, shape<M>::of(m, "x.shape", in.x, 4), shape<M>::of(m, "weight.shape", in.weight, 4), in.a);
  const bool biased = m.pick("bias", 0, 1) == 1;
  const int_of<M> bias_length = biased ? m.input("bias.shape", 0, m.exact(in.weight[0])) : in.weight[0];
  m.spec(m.exact(bias_length) == m.exact(in.weight[0]));
  if (biased) g.check_bias(m, shape<M>::of(m, "bias.shape", &bias_length, 1));
  const int h = in.nhwc ? 1 : 2;
  m.claim("y has the images of x and the output channels of weight",
          [&] { return m.all(g.y.dim[0] == in.x[0], g.y.dim[in.nhwc ? 3 : 1] == in.weight[0]); });
  claim_conv2d_extent<M>(m, "height of y", m.exact(g.y.dim[h]), in.room[0], in.a.stride[0]);
  claim_conv2d_extent<M>(m, "width of y", m.exact(g.y.dim[h + 1]), in.room[1], in.a.stride[1]);
  const auto x = m.values("x", product_of(m, in.x, 4));
  const auto weight = m.values("weight", product_of(m, in.weight, 4));
  const auto bias = m.values("bias", m.exact(bias_length));
  auto y = m.output("y", product_of(m, g.y.dim, 4));
  m.map(y, g.y.numel, [&](idx<M> i) {
    const pixel<M> p = g.pixel_of(m, g.y, i);
    if (biased) m.load(bias, p.c);
    const auto yp = conv2d_place<M>::in_image(m, i, g.y.dim, in.nhwc);
    g.terms(m, p, [&](idx<M> xi, idx<M> wi) {
      m.load(x, xi);
      m.load(weight, wi);
      claim_conv2d_term(m, in.a, in.weight, conv2d_place<M>::in_image(m, xi, in.x, in.nhwc),
                        conv2d_place<M>::in_weight(m, wi, in.weight), yp);
    });
  });
  m.accepted();
}

}  // namespace halfulp::op
