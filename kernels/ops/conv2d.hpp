// What conv2d and its gradients share: their operands as patches and as rows of a product.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include <halfulp/kernels/core/sums_of_products.hpp>
#include <halfulp/kernels/ops/conv2d_images.hpp>

namespace halfulp::kernels {

/// A power of two that brings the largest finite magnitude into [1, 2), or near it; 1 for formats whose squares cannot
/// overflow or underflow in binary64.
template <class T>
double scale_of(std::span<const T>) {
  return 1;
}
template <>
inline double scale_of(std::span<const double> values) {
  const double largest = largest_finite(values.data(), static_cast<std::int64_t>(values.size()));
  return largest == 0 ? 1 : std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1022, 1022));
}

/// The elements of one channel at some positions of the batch, row-major, in binary64.
template <class T>
void widen_positions(const image_channels<T>& images, std::int64_t channel, std::int64_t positions_of_image,
                     index_interval positions, double* out) {
  for (std::int64_t p = positions.first; p < positions.end;) {
    const std::int64_t n = p / positions_of_image, at = p % positions_of_image;
    const std::int64_t count = std::min(positions.end - p, positions_of_image - at);
    widen_run(images.data + n * images.image_step + channel * images.channel_step + at * images.column_step,
              images.column_step, count, out);
    p += count;
    out += count;
  }
}

/// What a sum starts from that has no term but its products.
inline double no_start(const product_shape& shape) {
  return shape.depth == 0 ? 0.0 : -0.0;
}

/// The patches of some channels of a batch as a matrix: its columns are positions or taps. What a load returns is good
/// until the next one.
template <class T>
class patch_matrix {
 public:
  explicit patch_matrix(const patch_grid<T>& grid) : grid_(grid) {}

  const patch_grid<T>& grid() const { return grid_; }

  /// Element (k, j) is tap k of position j, channels counted from `first_channel`.
  panel_source load_positions(std::int64_t first_channel, index_interval positions, index_interval taps) {
    load(first_channel, positions, taps);
    return {patches_.base(), patches_.tap_offset.data(), taps.size(), patches_.position_offset.data(),
            positions.size()};
  }
  /// Element (k, j) is tap j of position k.
  panel_source load_taps(std::int64_t first_channel, index_interval taps, index_interval positions) {
    load(first_channel, positions, taps);
    return {patches_.base(), patches_.position_offset.data(), positions.size(), patches_.tap_offset.data(),
            taps.size()};
  }

 private:
  void load(std::int64_t first_channel, index_interval positions, index_interval taps) {
    patch_grid<T> grid = grid_;
    grid.images.data += first_channel * grid.images.channel_step;
    patches_.load(grid, positions, taps);
  }

  patch_grid<T> grid_;
  patches<T> patches_;
};

}  // namespace halfulp::kernels
