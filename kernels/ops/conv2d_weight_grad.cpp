#include <halfulp/oracle/ops/conv2d_weight_grad.hpp>

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
  double start(std::int64_t, std::int64_t) const { return no_start(shape_); }
  void load_rows(std::int64_t group, index_interval rows, index_interval terms, double* out, std::int64_t step) const {
    for (std::int64_t i = rows.first; i < rows.end; ++i, out += step)
      widen_positions(dy_, group * shape_.rows + i, x_.grid().positions_of_image(), terms, out);
  }
  panel_source load_columns(std::int64_t group, index_interval columns, index_interval terms) {
    return x_.load_taps(group * a_.shape.forward.group_inputs, columns, terms);
  }

  std::int64_t element(std::int64_t group, std::int64_t j) const { return group * shape_.rows * shape_.columns + j; }
  std::int64_t row_step() const { return shape_.columns; }
  bool reads_padding(std::int64_t, std::int64_t j) const { return !x_.grid().every_position_reads(j); }
  tier repair(std::size_t element, T& rounded) const {
    return kernels::repair<op::conv2d_weight_grad>(a_, static_cast<std::int64_t>(element), rounded);
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
  return round_sums_of_products(conv2d_weight_grad_product<T>(a), a.shape.forward.groups, out[0].elements<T>().data());
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
