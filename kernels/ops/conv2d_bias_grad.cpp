#include <halfulp/oracle/ops/conv2d_bias_grad.hpp>

#include <algorithm>
#include <functional>
#include <limits>

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
  template <class Sum>
  void accumulate(std::int64_t element, Sum& sum) const {
    op::conv2d_bias_grad::accumulate(a_, element, sum);
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
  channel_sums(const op::conv2d_bias_grad::args<T>& a, std::span<T> out)
      : a_(a),
        out_(out),
        images_(a.shape.dy.dim[0]),
        channels_(a.shape.dy.dim[1]),
        image_(a.shape.dy.dim[2] * a.shape.dy.dim[3]) {}

  tier_counts round(index_interval channels) const {
    tier_counts decided;
    if (image_ > most_short_run || images_ > most_images) {
      for (std::int64_t c = channels.first; c < channels.end; ++c) ++decided[round_one(c)];
      return decided;
    }
    for (std::int64_t c = channels.first; c < channels.end; c += most_together)
      decided += round_together({c, std::min(c + most_together, channels.end)});
    return decided;
  }

 private:
  static constexpr std::int64_t most_images = 16, most_together = 64;

  const T* run(std::int64_t image, std::int64_t channel) const {
    return a_.dy.data() + (image * channels_ + channel) * image_;
  }

  /// Where runs are short and few: by plain additions, and one by one what these leave.
  tier_counts round_together(index_interval channels) const {
    double sums[most_together] = {}, magnitudes[most_together] = {};
    for (std::int64_t n = 0; n < images_; ++n)
      add_short_runs(run(n, channels.first), image_, channels.size(), sums, magnitudes);
    // Twice: once for the sums, and more than enough for adding up the magnitudes.
    static const double g = 2 * gamma(short_run_additions + most_images, unit_roundoff);
    static_assert(magnitude_additions + most_images < 1 << 20);
    T rounded[most_together];
    std::int32_t undecided[most_together];
    const std::int64_t left = decide_row({sums, nullptr, magnitudes, channels.size(), g, 0}, rounded, undecided);
    std::copy_n(rounded, channels.size(), out_.data() + channels.first);
    tier_counts decided;
    decided[tier::binary64] = channels.size() - left;
    for (std::int64_t u = 0; u < left; ++u) ++decided[round_one(channels.first + undecided[u])];
    return decided;
  }

  tier round_one(std::int64_t channel) const {
    run_sum<T> sum;
    for (std::int64_t n = 0; n < images_; ++n) sum.add(run(n, channel), image_);
    T& rounded = out_[static_cast<std::size_t>(channel)];
    if (decide<T>(sum.value(), sum.radius(), rounded)) return tier::binary64;
    const double magnitude = sum.magnitude();
    if (is_finite(magnitude) && sum.value().hi != 0 && magnitude <= lowest_bit_of(channel) * exact_room) {
      rounded = round_to_nearest<T>(sum.value());
      return tier::binary64;
    }
    return repair<op::conv2d_bias_grad>(a_, channel, rounded);
  }

  double lowest_bit_of(std::int64_t channel) const {
    aligned_array wide;
    wide.resize(std::min(image_, most_short_run));
    double lowest = std::numeric_limits<double>::infinity();
    for (std::int64_t n = 0; n < images_; ++n)
      for (std::int64_t i = 0; i < image_; i += most_short_run) {
        const std::int64_t count = std::min(most_short_run, image_ - i);
        widen_run(run(n, channel) + i, 1, count, wide.data());
        lowest = std::min(lowest, lowest_bit(wide.data(), count));
      }
    return lowest;
  }

  const op::conv2d_bias_grad::args<T>& a_;
  std::span<T> out_;
  std::int64_t images_, channels_, image_;
};

/// Channels are dealt to threads by so many numbers; few are added up before another thread has begun.
template <class T>
tier_counts round_channels(const op::conv2d_bias_grad::args<T>& a, std::span<T> dbias) {
  constexpr std::int64_t numbers_of_task = 32768, few = 4 * numbers_of_task;
  const std::int64_t channels = a.shape.dbias.numel, numbers = a.shape.dy.numel;
  const std::int64_t of_task =
      std::max<std::int64_t>(1, numbers < few ? channels : numbers_of_task * channels / numbers);
  return run_tasks<channel_sums<T>>((channels + of_task - 1) / of_task,
                                    [&](const auto& sums, std::int64_t task) {
                                      return sums.round({task * of_task, std::min((task + 1) * of_task, channels)});
                                    },
                                    std::cref(a), dbias);
}

template <class T>
tier_counts bias_gradient(const op::conv2d_bias_grad::args<T>& a, std::span<const tensor_view> out) {
  const fp_environment environment;
  const std::span<T> dbias = out[0].elements<T>();
  if constexpr (!std::is_same_v<T, double>)
    if (a.shape.data_layout == op::conv2d::layout::nchw) return round_channels(a, dbias);
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
