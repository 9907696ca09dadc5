#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>

#include <functional>

#include <halfulp/kernels/core/run_sum.hpp>
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
  panel_source load_columns(std::int64_t, index_interval columns, index_interval terms) {
    patches_.load(dy_, terms, columns);
    return {patches_.base(), patches_.position_offset.data(), terms.size(), patches_.tap_offset.data(), columns.size()};
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

/// dbias of images whose channels lie together: runs of numbers, added up as they are.
template <class T>
class channel_sums {
 public:
  channel_sums(const op::conv2d_bias_grad::args<T>& a, std::span<T> out) : a_(a), out_(out) {}

  tier_counts round(std::int64_t channel) const {
    const auto& d = a_.shape.dy.dim;
    const std::int64_t image = d[2] * d[3];
    run_sum<T> sum;
    for (std::int64_t n = 0; n < d[0]; ++n) sum.add(a_.dy.data() + (n * d[1] + channel) * image, image);
    T& rounded = out_[static_cast<std::size_t>(channel)];
    tier_counts decided;
    if (decide<T>(sum.value(), sum.radius(), rounded))
      ++decided[tier::binary64];
    else
      ++decided[repair<op::conv2d_bias_grad>(a_, channel, rounded)];
    return decided;
  }

 private:
  const op::conv2d_bias_grad::args<T>& a_;
  std::span<T> out_;
};

template <class T>
tier_counts bias_gradient(const op::conv2d_bias_grad::args<T>& a, std::span<const tensor_view> out) {
  const fp_environment environment;
  const std::span<T> dbias = out[0].elements<T>();
  if constexpr (!std::is_same_v<T, double>)
    if (a.shape.data_layout == op::conv2d::layout::nchw)
      return run_tasks<channel_sums<T>>(
          a.shape.dbias.numel, [](const auto& sums, std::int64_t channel) { return sums.round(channel); }, std::cref(a),
          dbias);
  return round_sums_of_products(conv2d_bias_grad_product<T>(a), 1, dbias.data());
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
