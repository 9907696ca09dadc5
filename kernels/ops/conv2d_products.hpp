// conv2d and its gradients as window products, for the CUDA kernels.
#pragma once

#include <optional>
#include <vector>

#include <halfulp/kernels/core/joined_product.hpp>
#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/kernels/ops/conv2d_images.hpp>
#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>
#include <halfulp/oracle/ops/conv2d_input_grad.hpp>
#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

namespace halfulp::kernels {

/// Where the weight of one output channel of `g` ends and the next begins, and so on inwards.
struct weight_steps {
  std::int64_t output, input, row, column;
};
inline weight_steps steps_of_weight(const op::conv2d::geometry<run>& g) {
  run m(op::conv2d::name);
  const auto at = [&](std::int64_t o, std::int64_t c, std::int64_t kh, std::int64_t kw) {
    return g.weight_of(m, {o, {}}, {c, {}}, {kh, {}}, {kw, {}}).v;
  };
  return {at(1, 0, 0, 0), at(0, 1, 0, 0), at(0, 0, 1, 0), at(0, 0, 0, 1)};
}

/// y: a row for each output channel of a group, a column for each output position of the batch, terms over input
/// channels and taps.
template <class T>
window_product<T> product_of(const op::conv2d::args<T>& a, T* out) {
  const auto& g = a.shape;
  const auto x = channels_of(g, g.x, a.x.data()), y = channels_of(g, g.y, static_cast<const T*>(nullptr));
  const auto h = patch_axis::of_input(g.rows), w = patch_axis::of_input(g.columns);
  const weight_steps s = steps_of_weight(g);
  return {g.groups,
          g.group_outputs,
          g.x.dim[0],
          g.group_inputs,
          {h.positions, h.taps, h.elements, h.origin, h.position_step, h.tap_step},
          {w.positions, w.taps, w.elements, w.origin, w.position_step, w.tap_step},
          {a.x.data(), g.group_inputs * x.channel_step, x.image_step, x.channel_step, x.row_step, x.column_step},
          {a.weight.data(), g.group_outputs * s.output, s.output, s.input, s.row, s.column},
          a.has_bias ? a.bias.data() : nullptr,
          {out, g.group_outputs * y.channel_step, y.channel_step, y.image_step, y.row_step, y.column_step}};
}

/// One phase of dx: a row for each input channel of a group, a column for each input position of the batch that belongs
/// to the phase, terms over output channels and the taps that reach such positions.
template <class T>
window_product<T> product_of(const op::conv2d_input_grad::args<T>& a, const patch_axis::phase& h,
                             const patch_axis::phase& w, T* out) {
  const auto& g = a.shape.forward;
  const auto dy = channels_of(g, g.y, a.dy.data()), dx = channels_of(g, g.x, static_cast<const T*>(nullptr));
  const weight_steps s = steps_of_weight(g);
  return {g.groups,
          g.group_inputs,
          g.x.dim[0],
          g.group_outputs,
          {h.axis.positions, h.axis.taps, h.axis.elements, h.axis.origin, h.axis.position_step, h.axis.tap_step},
          {w.axis.positions, w.axis.taps, w.axis.elements, w.axis.origin, w.axis.position_step, w.axis.tap_step},
          {a.dy.data(), g.group_outputs * dy.channel_step, dy.image_step, dy.channel_step, dy.row_step, dy.column_step},
          {a.weight.data() + h.first_tap * s.row + w.first_tap * s.column, g.group_outputs * s.output, s.input,
           s.output, h.tap_stride * s.row, w.tap_stride * s.column},
          a.has_bias ? a.bias.data() : nullptr,
          {out + h.first_position * dx.row_step + w.first_position * dx.column_step, g.group_inputs * dx.channel_step,
           dx.channel_step, dx.image_step, h.position_stride * dx.row_step, w.position_stride * dx.column_step}};
}

/// Positions that lie a stride apart are read by the same taps, all others by other ones.
template <class T>
std::vector<window_product<T>> products_of(const op::conv2d_input_grad::args<T>& a, T* out) {
  const auto rows = patch_axis::of_output(a.shape.forward.rows),
             columns = patch_axis::of_output(a.shape.forward.columns);
  std::vector<window_product<T>> products;
  for (std::int64_t h = 0; h < rows.phases(); ++h)
    for (std::int64_t w = 0; w < columns.phases(); ++w)
      products.push_back(product_of(a, rows.phase_of(h), columns.phase_of(w), out));
  return products;
}

/// All phases of dx, the rows of one product; nothing where there is but one, or they do not read alike.
template <class T>
std::optional<joined_product<T>> joined_product_of(const op::conv2d_input_grad::args<T>& a, T* out) {
  const auto& g = a.shape.forward;
  const auto down = patch_axis::of_output(g.rows), across = patch_axis::of_output(g.columns);
  if (down.phases() * across.phases() < 2) return std::nullopt;
  const auto dx = channels_of(g, g.x, static_cast<const T*>(nullptr));
  const weight_steps s = steps_of_weight(g);
  const auto phases = products_of(a, out);
  return join(phases.front(), down, across, a.weight.data(), out, s.row, s.column, dx.row_step, dx.column_step, phases);
}

/// dweight: a row for each output channel of a group, a column for each tap of its input channels, terms over the output
/// positions of the batch.
template <class T>
window_product<T> product_of(const op::conv2d_weight_grad::args<T>& a, T* out) {
  const auto& g = a.shape.forward;
  const auto x = channels_of(g, g.x, a.x.data()), dy = channels_of(g, g.y, a.dy.data());
  const auto h = patch_axis::of_input(g.rows), w = patch_axis::of_input(g.columns);
  const weight_steps s = steps_of_weight(g);
  return {g.groups,
          g.group_outputs,
          g.group_inputs,
          g.x.dim[0],
          {h.taps, h.positions, h.elements, h.origin, h.tap_step, h.position_step},
          {w.taps, w.positions, w.elements, w.origin, w.tap_step, w.position_step},
          {a.x.data(), g.group_inputs * x.channel_step, x.channel_step, x.image_step, x.row_step, x.column_step},
          {a.dy.data(), g.group_outputs * dy.channel_step, dy.channel_step, dy.image_step, dy.row_step, dy.column_step},
          nullptr,
          {out, g.group_outputs * s.output, s.output, s.input, s.row, s.column}};
}

/// dbias as products with *one, the same element for every term: a row, a column for each channel, terms over images and
/// their positions.
template <class T>
window_product<T> product_of(const op::conv2d_bias_grad::args<T>& a, const T* one, T* out) {
  const bool nchw = a.shape.data_layout == op::conv2d::layout::nchw;
  const auto& d = a.shape.dy.dim;
  const std::int64_t channels = a.shape.dbias.numel, down = nchw ? d[2] : d[1], across = nchw ? d[3] : d[2];
  const std::int64_t image = down * across, channel_step = nchw ? image : 1, element_step = nchw ? 1 : channels;
  return {1,
          1,
          channels,
          d[0],
          {1, down, down, 0, 1, 1},
          {1, across, across, 0, 1, 1},
          {a.dy.data(), 0, channel_step, image * channels, across * element_step, element_step},
          {one, 0, 0, 0, 0, 0},
          nullptr,
          {out, 0, 0, 1, 0, 0}};
}

}  // namespace halfulp::kernels
