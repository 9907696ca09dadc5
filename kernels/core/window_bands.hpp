#pragma once

#include <algorithm>
#include <cstdint>

#include <halfulp/kernels/core/patch_axis.hpp>

namespace halfulp::kernels {

/// Products of few rows and short sums over patches, computed window by window: depthwise convolutions, and single
/// images with few filters. `Problem` gives, beside what sums_of_products.hpp asks,
///   grid(), first_channel(group)   the patches whose positions are its columns and whose taps are its terms
template <class Problem>
concept sums_over_windows = requires(const Problem& p) {
  p.grid();
  p.first_channel(std::int64_t{0});
};

/// Bands of rows of an image, as the tasks of threads: what the windows of a band read stays in the second cache.
template <class Problem>
class window_bands {
 public:
  window_bands(const Problem& problem, std::int64_t groups) : groups_(groups) {
    const auto& grid = problem.grid();
    const std::int64_t columns = grid.columns.positions, rows = grid.rows.positions;
    if (columns < 1 || rows < 1) return;
    images_ = problem.shape().columns / grid.positions_of_image();
    const std::int64_t line = grid.columns.reach(0, columns - 1) *
                              (problem.shape().depth / std::max<std::int64_t>(1, grid.taps_of_channel()));
    const std::int64_t halo = grid.rows.reach(0, 0);
    fits_ = line <= most_numbers && halo <= most_numbers / std::max<std::int64_t>(1, line);
    if (!fits_) return;
    const std::int64_t room = most_numbers / std::max<std::int64_t>(1, line) - halo;
    const std::int64_t most = 1 + room / grid.rows.position_step;
    bands_ = (rows + most - 1) / most;
    band_rows_ = (rows + bands_ - 1) / bands_;
    rows_ = rows;
  }

  bool fits() const { return fits_; }
  std::int64_t count() const { return groups_ * images_ * bands_; }
  std::int64_t group(std::int64_t task) const { return task / bands_ % groups_; }
  std::int64_t image(std::int64_t task) const { return task / bands_ / groups_; }
  index_interval rows(std::int64_t task) const {
    const std::int64_t first = std::min(task % bands_ * band_rows_, rows_);
    return {first, std::min(first + band_rows_, rows_)};
  }

 private:
  static constexpr std::int64_t most_numbers = std::int64_t{1} << 15;
  std::int64_t groups_, images_ = 0, bands_ = 1, band_rows_ = 0, rows_ = 0;
  bool fits_ = false;
};

}  // namespace halfulp::kernels
