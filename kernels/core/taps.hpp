#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include <halfulp/kernels/core/patches.hpp>
#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/kernels/core/repair.hpp>
#include <halfulp/kernels/core/tap_sums.hpp>
#include <halfulp/kernels/core/tasks.hpp>
#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {

/// Numbers that the planes of a group may have in one image, so that they stay in the second cache.
inline constexpr std::int64_t most_plane_numbers = std::int64_t{1} << 16;

/// Whether sums over positions are the better way for products whose columns are taps and whose terms are positions:
/// packing would cost more than the sums, and there are groups for every thread. `Problem` gives, beside what
/// product_tile.hpp asks, tap_grid() and first_channel(group).
template <class Problem>
bool prefers_taps(const Problem& problem, std::int64_t groups) {
  constexpr std::int64_t most_rows = 4, least_groups = 8;
  const auto& grid = problem.tap_grid();
  const product_shape& shape = problem.shape();
  if (shape.rows > most_rows || groups < least_groups || shape.depth < 1 || shape.columns < 1) return false;
  const std::int64_t height = grid.rows.reach(0, grid.rows.positions - 1),
                     width = grid.columns.reach(0, grid.columns.positions - 1),
                     channels = shape.columns / grid.taps_of_channel();
  return grid.rows.position_step <= 4 && grid.columns.position_step <= 4 && height <= most_plane_numbers / width &&
         channels <= most_plane_numbers / (height * width);
}

/// Rounds the sums of one group after another, each once.
template <class T, class Problem>
class tap_rounding {
 public:
  tap_rounding(const Problem& problem, T* out) : problem_(problem), out_(out) {}

  tier_counts round(std::int64_t group) {
    group_ = group;
    decided_ = {};
    const product_shape& shape = problem_.shape();
    const std::int64_t images = shape.depth / problem_.tap_grid().positions_of_image();
    row_squares_.assign(shape.rows, 0);
    row_lowest_.assign(shape.rows, std::numeric_limits<double>::infinity());
    squares_ = 0;
    lowest_ = std::numeric_limits<double>::infinity();
    looked_ = false;
    high_.assign(shape.rows * shape.columns, 0);
    low_.assign(shape.rows * shape.columns, 0);
    joins_ = 0;
    for (std::int64_t n = 0; n < images; ++n) {
      load(n);
      add_image(n);
    }
    for (std::int64_t i = 0; i < shape.rows; ++i) round_row(i);
    return decided_;
  }

 private:
  index_interval positions(std::int64_t image) const {
    const std::int64_t size = problem_.tap_grid().positions_of_image();
    return {image * size, (image + 1) * size};
  }

  void load(std::int64_t image) {
    auto grid = problem_.tap_grid();
    grid.images.data += problem_.first_channel(group_) * grid.images.channel_step;
    patches_.load_planes(grid, positions(image), {0, problem_.shape().columns});
  }
  void load_row(std::int64_t i, std::int64_t image) {
    const index_interval terms = positions(image);
    row_.resize(terms.size() + panel_slack());
    problem_.load_rows(group_, {i, i + 1}, terms, row_.data(), terms.size());
  }

  /// The terms of an image, in bands of rows whose sums are joined.
  void add_image(std::int64_t image) {
    const auto& grid = problem_.tap_grid();
    const std::int64_t width = grid.columns.positions, rows = grid.rows.positions;
    const std::int64_t of_row = tap_additions(1, width);
    const std::int64_t band = std::clamp<std::int64_t>(most_chunk_terms / of_row, 1, rows);
    additions_ = tap_additions(band, width);
    squares_ += sum_of_squares(patches_.base(), patches_.size(), 1);
    for (std::int64_t i = 0; i < problem_.shape().rows; ++i) {
      load_row(i, image);
      row_squares_[i] += sum_of_squares(row_.data(), rows * width, 1);
      for (std::int64_t r = 0; r < rows; r += band)
        add_tap_sums({patches_.base() + r * patches_.row_step(), patches_.row_step(), row_.data() + r * width,
                      std::min(band, rows - r), width, patches_.tap_offset.data(), problem_.shape().columns},
                     high_.data() + i * problem_.shape().columns, low_.data() + i * problem_.shape().columns);
    }
    joins_ += (rows + band - 1) / band;
  }

  void round_row(std::int64_t i) {
    const product_shape& shape = problem_.shape();
    const std::int64_t images = shape.depth / problem_.tap_grid().positions_of_image();
    // Squares of several images are added up with one more rounding each.
    const double magnitude = up(norm_from_squares(row_squares_[i], shape.depth + images, 1) *
                                norm_from_squares(squares_, images * (patches_.size() + 1), 1));
    const double radius = up(joined_bound(additions_, joins_) * magnitude);
    for (std::int64_t j = 0; j < shape.columns; ++j) {
      const std::int64_t at = i * shape.columns + j;
      const double_double sum = normalised(high_[at], low_[at]);
      T& rounded = out_[problem_.element(group_, j) + i * problem_.row_step()];
      ++decided_[decide<T>(sum, radius, rounded) ? tier::binary64 : decide_exactly(i, j, sum, magnitude, rounded)];
    }
  }

  /// A sum that its bound left: exact as it is, or repaired.
  tier decide_exactly(std::int64_t i, std::int64_t j, double_double sum, double magnitude, T& rounded) {
    const std::int64_t element = problem_.element(group_, j) + i * problem_.row_step();
    const auto terms = [&](auto& s) { problem_.accumulate(element, s); };
    if (!looked_) look();
    if (!is_finite(magnitude) || !(magnitude <= row_lowest_[i] * lowest_ * exact_room))
      return repair_sum<T, T>(terms, rounded);
    rounded = sum.hi != 0 ? narrow<T>(sum.hi) : round_zero<T>(terms);
    return tier::binary64;
  }

  /// Finds the lowest set bits of all that was added up.
  void look() {
    looked_ = true;
    const product_shape& shape = problem_.shape();
    for (std::int64_t n = 0; n < shape.depth / problem_.tap_grid().positions_of_image(); ++n) {
      load(n);
      lowest_ = std::min(lowest_, lowest_bit(patches_.base(), patches_.size()));
      for (std::int64_t i = 0; i < shape.rows; ++i) {
        load_row(i, n);
        row_lowest_[i] = std::min(row_lowest_[i], lowest_bit(row_.data(), positions(n).size()));
      }
    }
  }

  Problem problem_;
  T* out_;
  std::int64_t group_ = 0, additions_ = 0, joins_ = 0;
  patches<T> patches_;
  aligned_array row_, high_, low_, row_squares_, row_lowest_;
  double squares_ = 0, lowest_ = 0;
  bool looked_ = false;
  tier_counts decided_;
};

}  // namespace halfulp::kernels
