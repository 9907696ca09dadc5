// y[n, o, oh, ow] = bias[o] + sum over c in the group of o, (ih, kh), (iw, kw) of x[n, c, ih, iw] * weight[c, o', kh, kw]
//   over exactly the pairs with ih * stride + kh * dilation - top = oh, and likewise for ow; o' is o within its group
#pragma once

#include <halfulp/oracle/ops/conv2d_input_grad.hpp>

namespace halfulp::op {

/// The transpose of a convolution: as a linear map of x, that of conv2d_input_grad, for any of the output sizes that the
/// convolution takes to x's.
struct conv2d_transpose {
  static constexpr const char* name = "conv2d_transpose";
  static constexpr const char* schema =
      "conv2d_transpose(Tensor x|input, Tensor weight, Tensor? bias=None, int[2] stride=1, any<int[2]|str> padding=0, int[2] "
      "output_padding=0, int groups=1, int[2] dilation=1, any<int[]?> output_size=None, str data_format=\"NCHW\") -> Tensor";
  static constexpr std::array apis{"paddle.nn.functional.conv2d_transpose", "torch.nn.functional.conv_transpose2d"};
  static constexpr const char* element_argument = "x";
  static constexpr std::array gradients{gradient{"x", "conv2d_transpose_input_grad"},
                                        gradient{"weight", "conv2d_transpose_weight_grad"},
                                        gradient{"bias", "conv2d_bias_grad"}};
  using element_types = conv2d::element_types;

  template <class M>
  struct attributes {
    conv2d::attributes<M> of_convolution;
    transposed_extent<M> extent[2];  // of the height and width of y
  };

  // `forward` is the convolution that is transposed: its x is y here, and its y is x.
  template <class M>
  struct geometry : conv2d_input_grad::geometry<M> {
    // Throws unless the input is valid (docs/ops/conv2d_transpose.md).
    HALFULP_HOST_DEVICE static geometry of(M& m, const shape<M>& x, const shape<M>& weight, const attributes<M>& a) {
      m.require(m.truth(x.rank == 4), "x must have 4 dimensions", named("rank of x", int_of<M>(x.rank)));
      m.require(m.truth(weight.rank == 4), "weight must have 4 dimensions",
                named("rank of weight", int_of<M>(weight.rank)));
      geometry g{};
      auto& f = g.forward;
      f.y = x;
      f.weight = weight;
      f.data_layout = a.of_convolution.data_layout;
      g.set_groups(m, a.of_convolution.groups);
      f.rows = g.axis(m, 0, a);
      f.columns = g.axis(m, 1, a);
      g.set_output(m);
      return g;
    }

    // Throws unless a bias of this shape fits; its element for an output is at its channel.
    HALFULP_HOST_DEVICE void check_bias(M& m, const shape<M>& bias) const {
      m.require(m.truth(bias.rank == 1), "bias must have 1 dimension", named("rank of bias", int_of<M>(bias.rank)));
      const int_of<M> channels = this->forward.x.dim[channel_axis()];
      m.require(bias.dim[0] == channels, "bias must have one element for each output channel",
                named("bias.shape", 0, bias.dim[0]), named("output channels", channels));
    }

   private:
    HALFULP_HOST_DEVICE bool nchw() const { return this->forward.data_layout == conv2d::layout::nchw; }
    HALFULP_HOST_DEVICE int channel_axis() const { return nchw() ? 1 : 3; }

    HALFULP_HOST_DEVICE window<M> axis(M& m, int k, const attributes<M>& a) const {
      const auto& c = a.of_convolution;
      return window<M>::of_transpose(m, k,
                                     {this->forward.y.dim[(nchw() ? 2 : 1) + k], this->forward.weight.dim[2 + k],
                                      c.stride[k], c.dilation[k], c.padding[2 * k], c.padding[2 * k + 1]},
                                     a.extent[k]);
    }
    HALFULP_HOST_DEVICE void set_groups(M& m, int_of<M> count) {
      auto& f = this->forward;
      const int_of<M> channels = f.y.dim[channel_axis()];
      m.require(count >= 1, "groups must be at least 1", named("groups", count));
      f.groups = count;
      f.group_inputs = f.weight.dim[1];
      f.group_outputs = quot<M>(m, f.weight.dim[0], f.groups);
      m.require(channels == f.weight.dim[0], "x must have weight.shape[0] channels", named("channels of x", channels),
                named("weight.shape", 0, f.weight.dim[0]));
      m.require(f.group_outputs * f.groups == f.weight.dim[0], "weight.shape[0] must be a multiple of groups",
                named("weight.shape", 0, f.weight.dim[0]), named("groups", f.groups));
      m.require(fits<M>(m, f.group_inputs, f.groups, max_elements), "weight.shape[1] * groups must be at most 2^62",
                named("weight.shape", 1, f.group_inputs), named("groups", f.groups));
    }
    HALFULP_HOST_DEVICE void set_output(M& m) {
      auto& f = this->forward;
      const int_of<M> channels = product<M>(m, f.group_inputs, m.exact(f.group_inputs), f.groups, m.exact(f.groups));
      const int_of<M> first[4] = {f.y.dim[0], channels, f.rows.in, f.columns.in};
      const int_of<M> last[4] = {f.y.dim[0], f.rows.in, f.columns.in, channels};
      f.x = shape<M>::of(m, "y.shape", nchw() ? first : last, 4);
    }
  };

  /// x as `dy`, weight and bias of T.
  template <class T>
  using args = conv2d_input_grad::args<T>;

  /// The attributes of a call, output_padding and output_size among them, for x and weight of these shapes. Throws
  /// invalid_argument for a value of the wrong kind.
  static attributes<run> attributes_of(const call& c, const shape<run>& x, const shape<run>& weight);

  /// Throws invalid_argument: docs/ops/conv2d_transpose.md lists what is valid.
  template <class T>
  static args<T> bind(const call& c) {
    run m(name);
    const auto x = shape_of(m, "x.shape", c.tensor("x"));
    const auto weight = shape_of(m, "weight.shape", c.tensor("weight"));
    const auto g = geometry<run>::of(m, x, weight, attributes_of(c, x, weight));
    const tensor_view* bias = c.optional_tensor("bias");
    if (bias != nullptr) g.check_bias(m, shape_of(m, "bias.shape", *bias));
    return {elements<T>(c, "x"), elements<T>(c, "weight"), g,
            bias == nullptr ? std::span<const T>{} : elements<T>(c, "bias"), bias != nullptr};
  }

  template <class T>
  static std::vector<tensor_type> outputs(const args<T>& a) {
    return conv2d_input_grad::outputs(a);
  }

  /// Every term of y[i]: the products, and the bias.
  template <class T, class Sum>
  static void accumulate(const args<T>& a, std::int64_t i, Sum& sum) {
    conv2d_input_grad::accumulate(a, i, sum);
  }

  template <class M>
  static void drive(M& m) {
    drive_as<geometry>(m);
  }
  template <template <class> class Geometry, class M>
  static void drive_as(M& m);
};

}  // namespace halfulp::op

#include <halfulp/oracle/ops/conv2d_transpose_drive.hpp>
