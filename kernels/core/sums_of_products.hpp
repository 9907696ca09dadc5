#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <omp.h>

#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/kernels/core/repair.hpp>
#include <halfulp/kernels/core/tasks.hpp>
#include <halfulp/kernels/core/windows.hpp>

namespace halfulp::kernels {

/// Rounds the elements of one tile once each and writes them to the output. `Problem` gives, beside what product_tile
/// asks,
///   element(group, j), row_step()   the output element of row 0 and column j, and what the next row adds to it
///   reads_padding(group, j)         whether terms of column j are padding: zeros that are no terms of the sum
///   repair(element, rounded)        the tier that decided that element by itself
template <class T, class Problem>
class tile_rounding {
 public:
  tile_rounding(const Problem& problem, T* out, std::int64_t most_kept)
      : problem_(problem), out_(out), tile_(problem_, most_kept) {}
  tile_rounding(const tile_rounding&) = delete;
  tile_rounding& operator=(const tile_rounding&) = delete;

  /// The ladder: all elements by their bounds; if many are left, those whose sums are proved exact; if many still are,
  /// the tile in compensated arithmetic, likewise; the rest one by one.
  tier_counts round(std::int64_t group, const tile_range& range) {
    group_ = group;
    range_ = range;
    decided_ = {};
    if (problem_.shape().depth == 0) return start_alone();
    tile_.reset(group, range);
    tile_.multiply(first);
    decide_all();
    arithmetic how = first;
    if (left_.size() > few + elements() / worth_a_look) {
      tile_.find_lowest([this](std::int64_t j) { return reads_padding(j); });
      decide_left(how);
    }
    if (how == arithmetic::recursive && left_.size() > few + elements() / worth_a_tile) {
      how = arithmetic::compensated;
      tile_.multiply(how);
      decide_left(how);
    }
    decide_one_by_one(how);
    return decided_;
  }

 private:
  struct position {
    std::int32_t i, j;
  };
  // One by one, an element costs about as much as another look at this many, or as this many in compensated panels.
  static constexpr std::size_t few = 4, worth_a_look = 512, worth_a_tile = 64;
  /// Products of two factors of at most 24 bits are exact in binary64; longer ones need their errors.
  static constexpr arithmetic first =
      2 * format_of<T>.precision <= format_of<double>.precision ? arithmetic::recursive : arithmetic::compensated;
  static constexpr tier tier_of(arithmetic how) {
    return how == arithmetic::recursive ? tier::binary64 : tier::double_double;
  }

  struct run_of_columns {
    std::int64_t first, count, element;
  };

  std::size_t elements() const { return static_cast<std::size_t>(range_.rows.size() * range_.columns.size()); }
  std::size_t place(std::int64_t i, std::int64_t j) const {
    return static_cast<std::size_t>(problem_.element(group_, range_.columns.first + j) +
                                    (range_.rows.first + i) * problem_.row_step());
  }

  /// Sums without products: what they start from.
  tier_counts start_alone() {
    for (std::int64_t i = 0; i < range_.rows.size(); ++i)
      for (std::int64_t j = 0; j < range_.columns.size(); ++j)
        out_[place(i, j)] = narrow<T>(problem_.start(group_, range_.rows.first + i));
    decided_[tier::exact] += static_cast<std::int64_t>(elements());
    return decided_;
  }

  void decide_all() {
    const auto width = static_cast<std::size_t>(padded_columns(range_.columns.size()));
    rounded_.resize(width);
    undecided_.resize(width);
    left_.clear();
    find_runs();
    for (std::int64_t i = 0; i < range_.rows.size(); ++i) {
      const std::int64_t count = decide_row(tile_.row(i), rounded_.data(), undecided_.data());
      for (const auto& r : runs_)
        std::copy_n(rounded_.data() + r.first, r.count,
                    out_ + r.element + (range_.rows.first + i) * problem_.row_step());
      for (std::int64_t u = 0; u < count; ++u)
        left_.push_back({static_cast<std::int32_t>(i), undecided_[static_cast<std::size_t>(u)]});
    }
    decided_[tier_of(first)] += static_cast<std::int64_t>(elements() - left_.size());
  }

  /// Columns whose elements lie together in the output.
  void find_runs() {
    runs_.clear();
    for (std::int64_t j = 0; j < range_.columns.size(); ++j) {
      const std::int64_t element = problem_.element(group_, range_.columns.first + j);
      if (!runs_.empty() && element == runs_.back().element + runs_.back().count)
        ++runs_.back().count;
      else
        runs_.push_back({j, 1, element});
    }
  }

  /// Decides what is left by the sums of the tile as they are, the exact ones among them.
  void decide_left(arithmetic how) {
    std::size_t kept = 0;
    for (std::size_t first_of_row = 0; first_of_row < left_.size();) {
      const std::int32_t i = left_[first_of_row].i;
      const std::int64_t count = decide_row(tile_.row(i), tile_.exactness(i), rounded_.data(), undecided_.data());
      std::int64_t u = 0;
      for (; first_of_row < left_.size() && left_[first_of_row].i == i; ++first_of_row) {
        const position p = left_[first_of_row];
        while (u < count && undecided_[static_cast<std::size_t>(u)] < p.j) ++u;
        if (u < count && undecided_[static_cast<std::size_t>(u)] == p.j) {
          left_[kept++] = p;
        } else {
          out_[place(p.i, p.j)] = rounded_[static_cast<std::size_t>(p.j)];
          ++decided_[tier_of(how)];
        }
      }
    }
    left_.resize(kept);
  }

  bool reads_padding(std::int64_t j) const { return problem_.reads_padding(group_, range_.columns.first + j); }
  bool holds_nan(position p) const {
    return tile_.column_holds_nan(p.j) || (tile_.row_holds_nan(p.i) && !reads_padding(p.j));
  }

  /// The sums of the tile as they are, by the sharper test of one element; then sums of their own.
  void decide_one_by_one(arithmetic how) {
    for (const position p : left_) {
      T& rounded = out_[place(p.i, p.j)];
      if (holds_nan(p)) {
        rounded = canonical_nan<T>();
        ++decided_[tier::exact];
      } else if (decide<T>(tile_.value(p.i, p.j), tile_.radius(p.i, p.j), rounded)) {
        ++decided_[tier_of(how)];
      } else {
        ++decided_[problem_.repair(place(p.i, p.j), rounded)];
      }
    }
  }

  Problem problem_;
  T* out_;
  product_tile<Problem> tile_;
  std::int64_t group_ = 0;
  tile_range range_{};
  std::vector<T> rounded_;
  std::vector<std::int32_t> undecided_;
  std::vector<run_of_columns> runs_;
  std::vector<position> left_;
  tier_counts decided_;
};

/// Tiles of a product, in the order in which they are best computed: those of the same rows follow one another. A tile
/// is as large as its sums fit into the second cache, but there are enough of them for every thread.
class tiling {
 public:
  static constexpr std::int64_t most_sums = 24576, most_columns = 768, least_rows = 64, least_panels = 4;

  tiling(std::int64_t groups, const product_shape& shape, std::int64_t threads)
      : groups_(groups), rows_(shape.rows), columns_(shape.columns) {
    const std::int64_t panel = panel_width(), wanted = threads == 1 ? 1 : 4 * threads;
    tile_rows_ =
        even_part(rows_, parts(rows_, std::max<std::int64_t>(256, most_sums / std::max<std::int64_t>(1, columns_))), 8);
    const std::int64_t most = std::clamp(most_sums / tile_rows_ / panel * panel, panel, most_columns / panel * panel);
    const std::int64_t of_rows = std::max<std::int64_t>(1, groups_ * parts(rows_, tile_rows_));
    const std::int64_t wide = std::min(parts(wanted, of_rows), parts(columns_, least_panels * panel));
    tile_columns_ = even_part(columns_, std::max(parts(columns_, most), wide), panel);
    const std::int64_t of_columns = std::max<std::int64_t>(1, groups_ * column_tiles());
    const std::int64_t high = std::min(parts(wanted, of_columns), parts(rows_, least_rows));
    tile_rows_ = even_part(rows_, std::max(parts(rows_, tile_rows_), high), 8);
  }

  std::int64_t count() const { return groups_ * row_tiles() * column_tiles(); }
  std::int64_t column_tiles() const { return parts(columns_, tile_columns_); }
  std::int64_t group(std::int64_t tile) const { return tile / (row_tiles() * column_tiles()); }
  tile_range range(std::int64_t tile) const {
    const std::int64_t c = tile % column_tiles() * tile_columns_, r = tile / column_tiles() % row_tiles() * tile_rows_;
    return {{r, std::min(r + tile_rows_, rows_)}, {c, std::min(c + tile_columns_, columns_)}};
  }

 private:
  static std::int64_t parts(std::int64_t whole, std::int64_t part) { return (whole + part - 1) / part; }
  /// The size of `count` equal parts, but a multiple of `unit`.
  static std::int64_t even_part(std::int64_t whole, std::int64_t count, std::int64_t unit) {
    return std::max<std::int64_t>(1, parts(parts(whole, std::max<std::int64_t>(1, count)), unit)) * unit;
  }
  std::int64_t row_tiles() const { return parts(rows_, tile_rows_); }

  std::int64_t groups_, rows_, columns_, tile_rows_ = 0, tile_columns_ = 0;
};

/// What all threads together keep of rows, 16 MiB; worth it where each set of rows serves several tiles.
inline constexpr std::int64_t most_kept_numbers = std::int64_t{1} << 21;

/// Every element of `groups` products of the same shape, each the exact sum rounded once, by the threads that OpenMP
/// gives. Each thread has a copy of `problem`.
template <class T, class Problem>
tier_counts round_sums_of_products(const Problem& problem, std::int64_t groups, T* out) {
  if constexpr (sums_over_windows<Problem> && !std::is_same_v<T, double>) {
    const window_bands bands(problem, groups);
    if (bands.fits() && prefers_windows(problem))
      return run_tasks<window_rounding<T, Problem>>(
          bands.count(),
          [&](auto& windows, std::int64_t task) {
            return windows.round(bands.group(task), bands.image(task), bands.rows(task));
          },
          problem, out);
  }
  const int threads = omp_get_max_threads();
  const tiling tiles(groups, problem.shape(), threads);
  const std::int64_t most_kept = tiles.column_tiles() > 2 ? most_kept_numbers / threads : 0;
  return run_tasks<tile_rounding<T, Problem>>(
      tiles.count(), [&](auto& tile, std::int64_t task) { return tile.round(tiles.group(task), tiles.range(task)); },
      problem, out, most_kept);
}

}  // namespace halfulp::kernels
