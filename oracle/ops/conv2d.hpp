// y[n, o, oh, ow] = bias[o] + sum over c, kh, kw of x[n, group * (C / groups) + c, ih, iw] * weight[o, c, kh, kw]
//   with group = o / (O / groups), ih = oh * stride + kh * dilation - top, iw likewise, both inside x
#pragma once

#include <array>
#include <vector>

#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/drive.hpp>
#include <halfulp/oracle/core/shape.hpp>
#include <halfulp/oracle/core/tensor_type.hpp>
#include <halfulp/oracle/core/window.hpp>

namespace halfulp::op {

struct conv2d {
  static constexpr const char* name = "conv2d";
  static constexpr const char* schema =
      "conv2d(Tensor x|input, Tensor weight, Tensor? bias=None, int[2] stride=1, any<int[2]|str> padding=0, int[2] dilation=1, "
      "int groups=1, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array apis{"paddle.nn.functional.conv2d"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "conv2d_input_grad"}, gradient{"weight", "conv2d_weight_grad"},
                                        gradient{"bias", "conv2d_bias_grad"}};
  using float_types = type_list<float16, bfloat16, float, double>;  // of the gradients, too
  using element_types =
      type_list<std::uint8_t, std::int8_t, std::int16_t, std::int32_t, std::int64_t, float16, bfloat16, float, double>;

  enum class layout { nchw, nhwc };  // of x and y; weight is (O, C / groups, KH, KW) in both

  template <class M>
  struct attributes {
    int_of<M> stride[2];    // of height and width
    int_of<M> padding[4];   // top, bottom, left, right
    int_of<M> dilation[2];  // of height and width
    int_of<M> groups;
    layout data_layout;
  };

  // Image positions of x or y.
  template <class M>
  struct pixel {
    idx<M> n, c, h, w;
  };

  template <class M>
  struct geometry {
    shape<M> x, weight, y;
    window<M> rows, columns;
    int_of<M> groups, group_inputs, group_outputs;  // channels of x and of y in one group
    layout data_layout;

    // Throws unless the input is valid (docs/ops/conv2d.md).
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& weight, const attributes<M>& a) {
      m.require(m.truth(x.rank == 4), "x must have 4 dimensions", named("rank of x", int_of<M>(x.rank)));
      m.require(m.truth(weight.rank == 4), "weight must have 4 dimensions",
                named("rank of weight", int_of<M>(weight.rank)));
      geometry g{};
      g.x = x;
      g.weight = weight;
      g.data_layout = a.data_layout;
      g.set_groups(m, a.groups);
      const int h = a.data_layout == layout::nchw ? 2 : 1;
      g.rows = window<M>::of(m, 0, {x.dim[h], weight.dim[2], a.stride[0], a.dilation[0], a.padding[0], a.padding[1]});
      g.columns =
          window<M>::of(m, 1, {x.dim[h + 1], weight.dim[3], a.stride[1], a.dilation[1], a.padding[2], a.padding[3]});
      g.set_output(m);
      return g;
    }

    // Throws unless a bias of this shape fits; its element for an output is at its channel.
    HALFULP_HOST_DEVICE void check_bias(M& m, const shape<M>& bias) const {
      m.require(m.truth(bias.rank == 1), "bias must have 1 dimension", named("rank of bias", int_of<M>(bias.rank)));
      m.require(bias.dim[0] == weight.dim[0], "bias must have one element for each output channel",
                named("bias.shape", 0, bias.dim[0]), named("weight.shape", 0, weight.dim[0]));
    }

    // Element i of an image (x or y) <-> its positions.
    HALFULP_HOST_DEVICE pixel<M> pixel_of(M& m, const shape<M>& image, idx<M> i) const {
      idx<M> at[4] = {};
      image.unravel(m, i, at);
      if (data_layout == layout::nchw) return {at[0], at[1], at[2], at[3]};
      return {at[0], at[3], at[1], at[2]};
    }
    HALFULP_HOST_DEVICE idx<M> element_of(M& m, const shape<M>& image, const pixel<M>& p) const {
      if (data_layout == layout::nchw) return image.ravel(m, p.n, p.c, p.h, p.w);
      return image.ravel(m, p.n, p.h, p.w, p.c);
    }
    HALFULP_HOST_DEVICE idx<M> weight_of(M& m, idx<M> o, idx<M> c, idx<M> kh, idx<M> kw) const {
      return weight.ravel(m, o, c, kh, kw);
    }

    // The group of a channel of y or x, and its place in that group.
    HALFULP_HOST_DEVICE hi_lo<M> output_group(M& m, idx<M> o) const {
      return split(m, o, m.exact(groups), group_outputs);
    }
    HALFULP_HOST_DEVICE hi_lo<M> input_group(M& m, idx<M> c) const {
      return split(m, c, m.exact(groups), group_inputs);
    }

    // visit(element of x, element of weight) for each term of the sum that is output p of y.
    template <class F>
    HALFULP_HOST_DEVICE void terms(M& m, const pixel<M>& p, F visit) const {
      const idx<M> group = output_group(m, p.c).hi;
      const index_range<M> th = rows.taps(m, p.h), tw = columns.taps(m, p.w);
      m.each("input channel", group_inputs, [&](idx<M> c) {
        const idx<M> channel = join(m, group, c, group_inputs);
        m.each("kernel row", th.count(m), [&](idx<M> i) {
          const idx<M> kh = rows.nth_tap(m, th, i), ih = rows.input(m, p.h, kh);
          m.each("kernel column", tw.count(m), [&](idx<M> j) {
            const idx<M> kw = columns.nth_tap(m, tw, j), iw = columns.input(m, p.w, kw);
            visit(element_of(m, x, {p.n, channel, ih, iw}), weight_of(m, p.c, c, kh, kw));
          });
        });
      });
    }

   private:
    HALFULP_HOST_DEVICE void set_groups(M& m, int_of<M> count) {
      const int_of<M> channels = x.dim[data_layout == layout::nchw ? 1 : 3];
      m.require(count >= 1, "groups must be at least 1", named("groups", count));
      groups = count;
      group_inputs = weight.dim[1];
      group_outputs = quot<M>(m, weight.dim[0], groups);
      m.require(fits<M>(m, group_inputs, groups, channels), "x must have weight.shape[1] * groups channels",
                named("channels of x", channels), named("weight.shape", 1, group_inputs), named("groups", groups));
      m.require(group_inputs * groups == channels, "x must have weight.shape[1] * groups channels",
                named("channels of x", channels), named("weight.shape", 1, group_inputs), named("groups", groups));
      m.require(group_outputs * groups == weight.dim[0], "weight.shape[0] must be a multiple of groups",
                named("weight.shape", 0, weight.dim[0]), named("groups", groups));
    }
    HALFULP_HOST_DEVICE void set_output(M& m) {
      const int_of<M> nchw[4] = {x.dim[0], weight.dim[0], rows.out, columns.out};
      const int_of<M> nhwc[4] = {x.dim[0], rows.out, columns.out, weight.dim[0]};
      y = shape<M>::of(m, "y.shape", data_layout == layout::nchw ? nchw : nhwc, 4);
    }
  };

  /// x and weight of T; bias of T, if there is one.
  template <class T>
  struct args {
    std::span<const T> x, weight, bias;
    bool has_bias = false;
    geometry<run> shape;
  };

  /// stride, padding in all its forms, dilation, groups and data_format of a call, for an image and a weight of these
  /// shapes. Throws invalid_argument.
  static attributes<run> attributes_of(const call& c, const shape<run>& image, const shape<run>& weight);
  static layout layout_of(const call& c);

  /// Throws invalid_argument: docs/ops/conv2d.md lists what is valid.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    const auto weight = shape_of(m, "weight.shape", c.tensor("weight"));
    const auto g = geometry<run>::of(m, x, weight, attributes_of(c, x, weight));
    const tensor_view* bias = c.optional_tensor("bias");
    if (bias != nullptr) g.check_bias(m, shape_of(m, "bias.shape", *bias));
    return {elements<T>(c, "x"), elements<T>(c, "weight"),
            bias == nullptr ? std::span<const T>{} : elements<T>(c, "bias"), bias != nullptr, g};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return {{dtype_of<T>, extents_of(a.shape.y)}};
  }

  /// Every term of y[i]: the products, and the bias.
  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    run m(name);
    const auto p = a.shape.pixel_of(m, a.shape.y, idx<run>{i, {}});
    a.shape.terms(m, p, [&](idx<run> x, idx<run> w) {
      sum.add_product(a.x[static_cast<std::size_t>(x.v)], a.weight[static_cast<std::size_t>(w.v)]);
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

#include <halfulp/oracle/ops/conv2d_drive.hpp>
