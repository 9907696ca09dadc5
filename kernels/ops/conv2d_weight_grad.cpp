#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

#include <halfulp/kernels/core/taps.hpp>
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/ops/conv2d.hpp>

namespace halfulp::kernels {
namespace {

/// dweight as products: a row for each output channel of a group, a column for each tap of its input channels, terms
/// over the output positions of the batch.
template <class T>
class conv2d_weight_grad_product {
 public:
  static constexpr bool can_underflow = std::is_same_v<T, double>;

  explicit conv2d_weight_grad_product(const op::conv2d_weight_grad::args<T>& a)
      : a_(a),
        x_({channels_of(a.shape.forward, a.shape.forward.x, a.x.data()), patch_axis::of_input(a.shape.forward.rows),
            patch_axis::of_input(a.shape.forward.columns)}),
        dy_(channels_of(a.shape.forward, a.shape.forward.y, a.dy.data())),
        shape_{a.shape.forward.group_outputs, a.shape.forward.group_inputs * x_.grid().taps_of_channel(),
               a.shape.forward.x.dim[0] * x_.grid().positions_of_image(), scale_of(a.dy), scale_of(a.x)} {}

  const product_shape& shape() const { return shape_; }
  const patch_grid<T>& tap_grid() const { return x_.grid(); }
  std::int64_t first_channel(std::int64_t group) const { return group * a_.shape.forward.group_inputs; }
  double start(std::int64_t, std::int64_t) const { return no_start(shape_); }
  void load_rows(std::int64_t group, index_interval rows, index_interval terms, double* out, std::int64_t step) const {
    for (std::int64_t i = rows.first; i < rows.end; ++i, out += step)
      widen_positions(dy_, group * shape_.rows + i, x_.grid().positions_of_image(), terms, out);
  }
  panel_source load_columns(std::int64_t group, index_interval columns, index_interval terms) {
    return x_.load_taps(first_channel(group), columns, terms);
  }

  std::int64_t element(std::int64_t group, std::int64_t j) const { return group * shape_.rows * shape_.columns + j; }
  std::int64_t row_step() const { return shape_.columns; }
  bool reads_padding(std::int64_t, std::int64_t j) const { return !x_.grid().every_position_reads(j); }
  template <class Sum>
  void accumulate(std::int64_t element, Sum& sum) const {
    op::conv2d_weight_grad::accumulate(a_, element, sum);
  }

 private:
  const op::conv2d_weight_grad::args<T>& a_;
  patch_matrix<T> x_;
  image_channels<T> dy_;
  product_shape shape_;
};

template <class T>
tier_counts weight_gradient(const op::conv2d_weight_grad::args<T>& a, std::span<const tensor_view> out) {
  const fp_environment environment;
  const conv2d_weight_grad_product<T> problem(a);
  const std::int64_t groups = a.shape.forward.groups;
  T* dweight = out[0].elements<T>().data();
  if constexpr (!std::is_same_v<T, double>)
    if (prefers_taps(problem, groups))
      return run_tasks<tap_rounding<T, conv2d_weight_grad_product<T>>>(
          groups, [](auto& taps, std::int64_t group) { return taps.round(group); }, problem, dweight);
  return round_sums_of_products(problem, groups, dweight);
}

}  // namespace

template <>
tier_counts compute<op::conv2d_weight_grad, float16>(const op::conv2d_weight_grad::args<float16>& a,
                                                     std::span<const tensor_view> out) {
  return weight_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_weight_grad, bfloat16>(const op::conv2d_weight_grad::args<bfloat16>& a,
                                                      std::span<const tensor_view> out) {
  return weight_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_weight_grad, float>(const op::conv2d_weight_grad::args<float>& a,
                                                   std::span<const tensor_view> out) {
  return weight_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_weight_grad, double>(const op::conv2d_weight_grad::args<double>& a,
                                                    std::span<const tensor_view> out) {
  return weight_gradient(a, out);
}

}  // namespace halfulp::kernels
