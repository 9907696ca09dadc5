#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>

#include <halfulp/kernels/kernel.hpp>
#include <halfulp/kernels/ops/conv2d.hpp>

namespace halfulp::kernels {
namespace {

/// dbias as products with 1: one row, a column for each channel, terms over the positions of the batch.
template <class T>
class conv2d_bias_grad_product {
 public:
  static constexpr bool can_underflow = false;  // nor is a product by 1 ever rounded

  explicit conv2d_bias_grad_product(const op::conv2d_bias_grad::args<T>& a) : a_(a) {
    const bool nchw = a.shape.data_layout == op::conv2d::layout::nchw;
    const auto& d = a.shape.dy.dim;
    const std::int64_t channels = a.shape.dbias.numel, image = nchw ? d[2] * d[3] : d[1] * d[2];
    const patch_axis line{image, 1, image, 0, 1, 0, 1}, point{1, 1, 1, 0, 1, 0, 1};
    dy_ = {{a.dy.data(), image * channels, nchw ? image : 1, 0, nchw ? 1 : channels}, point, line};
    shape_ = {1, channels, d[0] * image, 1, scale_of(a.dy)};
  }

  const product_shape& shape() const { return shape_; }
  double start(std::int64_t, std::int64_t) const { return no_start(shape_); }
  void load_rows(std::int64_t, index_interval, index_interval terms, double* out, std::int64_t) const {
    std::fill_n(out, terms.size(), 1.0);
  }
  void load_columns(std::int64_t, index_interval columns, index_interval terms, double* panels) {
    patches_.load(dy_, terms, columns);
    pack_panels(
        {patches_.base(), patches_.position_offset.data(), terms.size(), patches_.tap_offset.data(), columns.size()},
        panels);
  }

  std::int64_t element(std::int64_t, std::int64_t j) const { return j; }
  std::int64_t row_step() const { return shape_.columns; }
  bool reads_padding(std::int64_t, std::int64_t) const { return false; }
  tier repair(std::size_t element, T& rounded) const {
    return kernels::repair<op::conv2d_bias_grad>(a_, static_cast<std::int64_t>(element), rounded);
  }

 private:
  const op::conv2d_bias_grad::args<T>& a_;
  patch_grid<T> dy_;
  patches<T> patches_;
  product_shape shape_;
};

template <class T>
tier_counts bias_gradient(const op::conv2d_bias_grad::args<T>& a, std::span<const tensor_view> out) {
  const fp_environment environment;
  return round_sums_of_products(conv2d_bias_grad_product<T>(a), 1, out[0].elements<T>().data());
}

}  // namespace

template <>
tier_counts compute<op::conv2d_bias_grad, float16>(const op::conv2d_bias_grad::args<float16>& a,
                                                   std::span<const tensor_view> out) {
  return bias_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_bias_grad, bfloat16>(const op::conv2d_bias_grad::args<bfloat16>& a,
                                                    std::span<const tensor_view> out) {
  return bias_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_bias_grad, float>(const op::conv2d_bias_grad::args<float>& a,
                                                 std::span<const tensor_view> out) {
  return bias_gradient(a, out);
}
template <>
tier_counts compute<op::conv2d_bias_grad, double>(const op::conv2d_bias_grad::args<double>& a,
                                                  std::span<const tensor_view> out) {
  return bias_gradient(a, out);
}

}  // namespace halfulp::kernels
