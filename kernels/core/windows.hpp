#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/kernels/core/repair.hpp>
#include <halfulp/kernels/core/window_bands.hpp>
#include <halfulp/kernels/core/window_sums.hpp>
#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/core/tier.hpp>

namespace halfulp::kernels {

/// Whether windows are the better way: packing would cost more than the sums, and no plane is mostly skipped.
template <class Problem>
bool prefers_windows(const Problem& problem) {
  constexpr std::int64_t most_rows = 4;
  const auto& grid = problem.grid();
  const product_shape& shape = problem.shape();
  return shape.rows <= most_rows && shape.depth >= 1 && shape.depth <= most_chunk_terms &&
         grid.rows.element_step == 1 && grid.columns.element_step == 1 && grid.rows.position_step <= 4 &&
         grid.columns.position_step <= 4;
}

/// Rounds the windows of one band after another, each sum once.
template <class T, class Problem>
class window_rounding {
 public:
  window_rounding(const Problem& problem, T* out) : problem_(problem), out_(out) {}

  tier_counts round(std::int64_t group, std::int64_t image, index_interval rows) {
    group_ = group;
    rows_ = rows;
    decided_ = {};
    auto grid = problem_.grid();
    grid.images.data += problem_.first_channel(group) * grid.images.channel_step;
    first_ = image * grid.positions_of_image() + rows.first * grid.columns.positions;
    if (rows.size() == 0) return decided_;
    patches_.load_planes(grid, {first_, first_ + windows()}, {0, problem_.shape().depth});
    norm_ = norm_from_squares(sum_of_squares(patches_.base(), patches_.size(), 1), patches_.size(), 1);
    lowest_ = 0;
    all_nonzero_ = false;
    undecided_.resize(static_cast<std::size_t>(windows()));
    for (std::int64_t i = 0; i < problem_.shape().rows; ++i) round_row(i);
    return decided_;
  }

 private:
  static constexpr std::int64_t few = 8;  // windows that cost less one by one than all of them once more

  std::int64_t width() const { return problem_.grid().columns.positions; }
  std::int64_t windows() const { return rows_.size() * width(); }
  std::int64_t element(std::int64_t i, std::int64_t window) const {
    return problem_.element(group_, first_ + window) + i * problem_.row_step();
  }

  /// All windows of the band with row i of the product.
  void round_row(std::int64_t i) {
    const std::int64_t depth = problem_.shape().depth;
    weight_.resize(depth);
    nonzero_weights_ = -1;
    problem_.load_rows(group_, {i, i + 1}, {0, depth}, weight_.data(), depth);
    window_rows s = windows_of(problem_.start(group_, i));
    double magnitude = std::abs(s.start);  // at least |start| + sum |products| of any window
    for (std::int64_t k = 0; k < depth; ++k) magnitude = up(magnitude + up(std::abs(weight_[k]) * norm_));
    s.radius = up(s.bound * magnitude);
    s.exact = were_exact_ = were_exact_ && is_exact(s, magnitude);
    std::int64_t left = round(s, i);
    if (left > few && !s.exact && is_exact(s, magnitude)) {
      s.exact = were_exact_ = true;
      left = round(s, i);
    }
    decided_[tier::binary64] += windows() - left;
    for (std::int64_t u = 0; u < left; ++u) decide(s, magnitude, undecided_[static_cast<std::size_t>(u)], i);
  }

  window_rows windows_of(double start) const {
    const auto& grid = problem_.grid();
    const std::int64_t depth = problem_.shape().depth;
    // The magnitudes of a window are added up with `depth` roundings.
    const double bound = up(recursive_bound(depth, depth) * (1 + 2 * gamma(depth + 1, unit_roundoff)));
    const index_interval r = grid.rows.full(), c = grid.columns.full();
    return {patches_.base(),
            patches_.row_step(),
            rows_.size(),
            width(),
            patches_.tap_offset.data(),
            weight_.data(),
            depth,
            start,
            bound,
            0,
            false,
            r.first - rows_.first,
            r.end - rows_.first,
            c.first,
            c.end};
  }

  /// Whether nothing is rounded on the way to any sum of the band.
  bool is_exact(const window_rows& s, double magnitude) {
    if (lowest_ == 0) {
      lowest_ = lowest_bit(patches_.base(), patches_.size());
      all_nonzero_ = count_nonzeros(patches_.base(), patches_.size()) == patches_.elements();
    }
    double lowest = lowest_bit(weight_.data(), s.taps) * lowest_;
    if (s.start != 0) lowest = std::min(lowest, lowest_bit(&s.start, 1));
    return magnitude < std::numeric_limits<double>::infinity() && magnitude <= lowest * exact_room;
  }

  /// Into the output where its rows lie together, else by way of a buffer.
  std::int64_t round(const window_rows& s, std::int64_t i) {
    const std::int64_t first = element(i, 0);
    const std::int64_t column_step = width() > 1 ? element(i, 1) - first : 1;
    const std::int64_t row_step = s.rows > 1 ? element(i, width()) - first : 0;
    if (column_step == 1) return round_windows(s, out_ + first, row_step, undecided_.data());
    rounded_.resize(static_cast<std::size_t>(windows()));
    const std::int64_t left = round_windows(s, rounded_.data(), width(), undecided_.data());
    const T* from = rounded_.data();
    for (std::int64_t r = 0; r < s.rows; ++r)
      for (std::int64_t c = 0; c < s.columns; ++c) out_[first + r * row_step + c * column_step] = *from++;
    return left;
  }

  /// A window that the sums left; flipped where its sum is an exact zero.
  void decide(const window_rows& s, double magnitude, std::int64_t window, std::int64_t i) {
    const std::int64_t w = window < 0 ? ~window : window, at = element(i, w);
    const auto terms = [&](auto& sum) { problem_.accumulate(at, sum); };
    const plain_sum sum = window < 0 ? plain_sum() : sum_of(s, w);
    if (sum.is_exact()) {
      out_[at] = narrow<T>(sum.value());
    } else if (window >= 0 && !s.exact && !is_exact(s, magnitude)) {
      ++decided_[repair_sum<T, T>(terms, out_[at])];
      return;
    } else {
      out_[at] = all_nonzero_ && some_product_is_not_zero(w) ? zero_of<T>(false) : round_zero<T>(terms);
    }
    ++decided_[tier::binary64];
  }

  plain_sum sum_of(const window_rows& s, std::int64_t window) const {
    const double* x = s.base + window / s.columns * s.row_step + window % s.columns;
    plain_sum sum;
    sum.add_term(s.start);
    for (std::int64_t k = 0; k < s.taps; ++k) sum.add_term(s.weight[k] * x[s.tap_offset[k]]);
    return sum;
  }

  /// More weights are not zero than the window has taps in the padding, and no element is.
  bool some_product_is_not_zero(std::int64_t window) {
    const auto& grid = problem_.grid();
    const std::int64_t r = rows_.first + window / width(), c = window % width();
    const std::int64_t read = taps_read(grid.rows, r) * taps_read(grid.columns, c);
    const std::int64_t depth = problem_.shape().depth, channels = depth / grid.taps_of_channel();
    if (nonzero_weights_ < 0) nonzero_weights_ = count_nonzeros(weight_.data(), depth);
    return nonzero_weights_ > depth - channels * read;
  }

  /// Without the divisions of other element steps than 1.
  static std::int64_t taps_read(const patch_axis& axis, std::int64_t p) {
    std::int64_t read = 0;
    for (std::int64_t t = 0, at = axis.place(p, 0); t < axis.taps; ++t, at += axis.tap_step)
      read += at >= 0 && at < axis.elements;
    return read;
  }

  Problem problem_;
  T* out_;
  std::int64_t group_ = 0, first_ = 0;
  index_interval rows_{};
  patches<T> patches_;
  aligned_array weight_;
  std::int64_t nonzero_weights_ = -1;  // unknown
  double norm_ = 0, lowest_ = 0;
  bool all_nonzero_ = false;
  bool were_exact_ = false;  // those of the last band that needed a proof
  std::vector<std::int64_t> undecided_;
  std::vector<T> rounded_;
  tier_counts decided_;
};

}  // namespace halfulp::kernels
