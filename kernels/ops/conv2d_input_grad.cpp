#include <halfulp/oracle/ops/conv2d_input_grad.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/ops/conv2d.hpp>

namespace halfulp::kernels {
namespace {

using axis_phase = patch_axis::phase;

/// One phase of dx as products: a row for each input channel of a group, a column for each input position of the batch
/// that belongs to the phase, terms over output channels and the taps that reach such positions.
template <class T>
class conv2d_input_grad_product {
 public:
  using element_type = T;
  static constexpr bool can_underflow = std::is_same_v<T, double>;

  conv2d_input_grad_product(const op::conv2d_input_grad::args<T>& a, const axis_phase& rows, const axis_phase& columns,
                            double row_scale, double column_scale)
      : a_(a),
        rows_(rows),
        columns_(columns),
        dy_({channels_of(a.shape.forward, a.shape.forward.y, a.dy.data()), rows.axis, columns.axis}),
        dx_(channels_of(a.shape.forward, a.shape.forward.x, static_cast<const T*>(nullptr))),
        shape_{a.shape.forward.group_inputs, a.shape.forward.x.dim[0] * dy_.grid().positions_of_image(),
               a.shape.forward.group_outputs * dy_.grid().taps_of_channel(), row_scale, column_scale} {}

  const product_shape& shape() const { return shape_; }
  const patch_grid<T>& grid() const { return dy_.grid(); }
  std::int64_t first_channel(std::int64_t group) const { return group * a_.shape.forward.group_outputs; }
  double start(std::int64_t group, std::int64_t i) const {
    if (!a_.has_bias) return no_start(shape_);
    return widen(a_.bias[static_cast<std::size_t>(group * shape_.rows + i)]);
  }
  void load_rows(std::int64_t group, index_interval rows, index_interval terms, double* out, std::int64_t step) const {
    const std::int64_t taps = dy_.grid().taps_of_channel();
    const std::int64_t channel = a_.shape.forward.rows.kernel * a_.shape.forward.columns.kernel;
    std::int64_t output = group * a_.shape.forward.group_outputs + terms.first / taps, tap = terms.first % taps;
    for (std::int64_t k = terms.first; k < terms.end; ++k, ++out) {
      const T* weight = weight_at(output, rows.first, tap);
      for (std::int64_t i = 0; i < rows.size(); ++i) out[i * step] = widen(weight[i * channel]);
      if (++tap < taps) continue;
      tap = 0;
      ++output;
    }
  }
  panel_source load_columns(std::int64_t group, index_interval columns, index_interval terms) {
    return dy_.load_positions(first_channel(group), columns, terms);
  }

  std::int64_t element(std::int64_t group, std::int64_t j) const {
    const std::int64_t at = j % dy_.grid().positions_of_image();
    const std::int64_t h = rows_.first_position + at / columns_.axis.positions * rows_.position_stride;
    const std::int64_t w = columns_.first_position + at % columns_.axis.positions * columns_.position_stride;
    return j / dy_.grid().positions_of_image() * dx_.image_step + group * shape_.rows * dx_.channel_step +
           h * dx_.row_step + w * dx_.column_step;
  }
  std::int64_t row_step() const { return dx_.channel_step; }
  bool reads_padding(std::int64_t, std::int64_t j) const { return !dy_.grid().every_tap_reads(j); }
  template <class Sum>
  void accumulate(std::int64_t element, Sum& sum) const {
    op::conv2d_input_grad::accumulate(a_, element, sum);
  }

 private:
  const T* weight_at(std::int64_t o, std::int64_t c, std::int64_t tap) const {
    run m(op::conv2d_input_grad::name);
    const std::int64_t kh = rows_.first_tap + tap / columns_.axis.taps * rows_.tap_stride;
    const std::int64_t kw = columns_.first_tap + tap % columns_.axis.taps * columns_.tap_stride;
    return a_.weight.data() + a_.shape.forward.weight_of(m, {o, {}}, {c, {}}, {kh, {}}, {kw, {}}).v;
  }

  const op::conv2d_input_grad::args<T>& a_;
  axis_phase rows_, columns_;
  patch_matrix<T> dy_;
  image_channels<T> dx_;
  product_shape shape_;
};

/// Positions that lie a stride apart are read by the same taps, all others by other ones.
template <class T>
tier_counts input_gradient(const op::conv2d_input_grad::args<T>& a, std::span<const tensor_view> out) {
  const fp_environment environment;
  const auto& forward = a.shape.forward;
  const auto rows = patch_axis::of_output(forward.rows), columns = patch_axis::of_output(forward.columns);
  const double weight_scale = scale_of(a.weight), dy_scale = scale_of(a.dy);
  T* dx = out[0].elements<T>().data();
  tier_counts decided;
  for (std::int64_t h = 0; h < rows.phases(); ++h)
    for (std::int64_t w = 0; w < columns.phases(); ++w)
      decided += round_sums_of_products(
          conv2d_input_grad_product<T>(a, rows.phase_of(h), columns.phase_of(w), weight_scale, dy_scale),
          forward.groups, dx);
  return decided;
}

}  // namespace

template <>
tier_counts compute<op::conv2d_input_grad, float16>(const op::conv2d_input_grad::args<float16>& a,
                                                    std::span<const tensor_view> out) {
  return input_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_input_grad, bfloat16>(const op::conv2d_input_grad::args<bfloat16>& a,
                                                     std::span<const tensor_view> out) {
  return input_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_input_grad, float>(const op::conv2d_input_grad::args<float>& a,
                                                  std::span<const tensor_view> out) {
  return input_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_input_grad, double>(const op::conv2d_input_grad::args<double>& a,
                                                   std::span<const tensor_view> out) {
  return input_gradient(a, out);
}

}  // namespace halfulp::kernels
