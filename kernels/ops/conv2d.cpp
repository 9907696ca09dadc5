#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/ops/conv2d.hpp>

namespace halfulp::kernels {
namespace {

/// y as products: a row for each output channel of a group, a column for each output position of the batch.
template <class T>
class conv2d_product {
 public:
  using element_type = T;
  static constexpr bool can_underflow = std::is_same_v<T, double>;

  explicit conv2d_product(const op::conv2d::args<T>& a)
      : a_(a),
        x_({channels_of(a.shape, a.shape.x, a.x.data()), patch_axis::of_input(a.shape.rows),
            patch_axis::of_input(a.shape.columns)}),
        y_(channels_of(a.shape, a.shape.y, static_cast<const T*>(nullptr))),
        shape_{a.shape.group_outputs, a.shape.x.dim[0] * x_.grid().positions_of_image(),
               a.shape.group_inputs * x_.grid().taps_of_channel(), scale_of(a.weight), scale_of(a.x)} {}

  const product_shape& shape() const { return shape_; }
  const patch_grid<T>& grid() const { return x_.grid(); }
  std::int64_t first_channel(std::int64_t group) const { return group * a_.shape.group_inputs; }
  double start(std::int64_t group, std::int64_t i) const {
    if (!a_.has_bias) return no_start(shape_);
    return widen(a_.bias[static_cast<std::size_t>(group * shape_.rows + i)]);
  }
  void load_rows(std::int64_t group, index_interval rows, index_interval terms, double* out, std::int64_t step) const {
    const T* first = a_.weight.data() + (group * shape_.rows + rows.first) * shape_.depth + terms.first;
    widen_rows<T>({first, rows.size(), 1, terms.size(), shape_.depth, shape_.depth, 1},
                  {out, step, step, terms.size(), 0, 1, nullptr});
  }
  panel_source load_columns(std::int64_t group, index_interval columns, index_interval terms) {
    return x_.load_positions(first_channel(group), columns, terms);
  }

  std::int64_t element(std::int64_t group, std::int64_t j) const {
    const std::int64_t image = x_.grid().positions_of_image();
    return j / image * y_.image_step + group * shape_.rows * y_.channel_step + j % image * y_.column_step;
  }
  std::int64_t row_step() const { return y_.channel_step; }
  bool reads_padding(std::int64_t, std::int64_t j) const { return !x_.grid().every_tap_reads(j); }
  template <class Sum>
  void accumulate(std::int64_t element, Sum& sum) const {
    op::conv2d::accumulate(a_, element, sum);
  }

 private:
  const op::conv2d::args<T>& a_;
  patch_matrix<T> x_;
  image_channels<T> y_;
  product_shape shape_;
};

template <class T>
tier_counts convolve(const op::conv2d::args<T>& a, std::span<const tensor_view> out) {
  const fp_environment environment;
  return round_sums_of_products(conv2d_product<T>(a), a.shape.groups, out[0].elements<T>().data());
}

}  // namespace

template <>
tier_counts compute<op::conv2d, float16>(const op::conv2d::args<float16>& a, std::span<const tensor_view> out) {
  return convolve(a, out);
}
template <>
tier_counts compute<op::conv2d, bfloat16>(const op::conv2d::args<bfloat16>& a, std::span<const tensor_view> out) {
  return convolve(a, out);
}
template <>
tier_counts compute<op::conv2d, float>(const op::conv2d::args<float>& a, std::span<const tensor_view> out) {
  return convolve(a, out);
}
template <>
tier_counts compute<op::conv2d, double>(const op::conv2d::args<double>& a, std::span<const tensor_view> out) {
  return convolve(a, out);
}

}  // namespace halfulp::kernels
