#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <optional>
#include <vector>

#include <omp.h>

#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/kernels/core/repair.hpp>
#include <halfulp/oracle/core/fp_environment.hpp>

namespace halfulp::kernels {

/// Rounds the elements of one tile once each and writes them to the output. `Problem` gives, beside what product_tile
/// asks,
///   element(group, j), row_step()   the output element of row 0 and column j, and what the next row adds to it
///   reads_padding(group, j)         whether terms of column j are padding: zeros that are no terms of the sum
///   repair(element, rounded)        the tier that decided that element by itself
template <class T, class Problem>
class tile_rounding {
 public:
  tile_rounding(const Problem& problem, T* out) : problem_(problem), out_(out), tile_(problem_) {}
  tile_rounding(const tile_rounding&) = delete;
  tile_rounding& operator=(const tile_rounding&) = delete;

  /// The ladder: all elements by their bounds; those left by a proof that their sums are exact; a tile of which many
  /// are left in compensated arithmetic; the rest one by one.
  tier_counts round(std::int64_t group, const tile_range& range) {
    group_ = group;
    range_ = range;
    decided_ = {};
    if (problem_.shape().depth == 0) return start_alone();
    tile_.reset(group, range);
    tile_.multiply(first);
    decide_all();
    if (left_.size() > few) prove_exact();
    if (first == arithmetic::recursive && left_.size() > few + elements() / worth_a_tile) {
      tile_.multiply(arithmetic::compensated);
      decide_left(arithmetic::compensated, true);
    }
    for (const auto& positions : {left_, zeros_})
      for (const auto& [i, j] : positions) ++decided_[problem_.repair(place(i, j), out_[place(i, j)])];
    return decided_;
  }

 private:
  struct position {
    std::int32_t i, j;
  };
  static constexpr std::size_t few = 4;            // elements that cost less one by one than another look at the tile
  static constexpr std::size_t worth_a_tile = 64;  // one by one, an element costs about this many in compensated panels
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
    zeros_.clear();
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
    decide_left(first, false);
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

  void prove_exact() {
    tile_.find_lowest();
    decide_left(first, true);
  }

  bool holds_nan(position p) const {
    return tile_.column_holds_nan(p.j) || (tile_.row_holds_nan(p.i) && !reads_padding(p));
  }
  bool reads_padding(position p) const { return problem_.reads_padding(group_, range_.columns.first + p.j); }

  /// Decides what is left by the sums as they are, the numbers proved exact among them if asked. An exact zero whose
  /// column has padding gets its sign from its terms alone.
  void decide_left(arithmetic how, bool exact_too) {
    std::size_t kept = 0;
    for (const position p : left_) {
      T& rounded = out_[place(p.i, p.j)];
      const double_double sum = tile_.value(p.i, p.j);
      if (holds_nan(p)) {
        rounded = canonical_nan<T>();
        ++decided_[tier::exact];
      } else if (exact_too && tile_.is_exact(p.i, p.j)) {
        if (sum.hi == 0 && reads_padding(p)) {
          zeros_.push_back(p);
        } else {
          rounded = round_to_nearest<T>(sum);
          ++decided_[tier_of(how)];
        }
      } else if (decide<T>(sum, tile_.radius(p.i, p.j), rounded)) {
        ++decided_[tier_of(how)];
      } else {
        left_[kept++] = p;
      }
    }
    left_.resize(kept);
  }

  Problem problem_;
  T* out_;
  product_tile<Problem> tile_;
  std::int64_t group_ = 0;
  tile_range range_{};
  std::vector<T> rounded_;
  std::vector<std::int32_t> undecided_;
  std::vector<run_of_columns> runs_;
  std::vector<position> left_, zeros_;
  tier_counts decided_;
};

/// Tiles of a product: as large as they may be, but enough of them for every thread.
struct tiling {
  std::int64_t groups, row_tiles, column_tiles, tile_rows;

  tiling(std::int64_t group_count, std::int64_t rows, std::int64_t columns, std::int64_t threads)
      : groups(group_count) {
    column_tiles = (columns + most_tile_columns - 1) / most_tile_columns;
    const std::int64_t wanted = groups * column_tiles < 2 * threads ? 2 * threads : 1;
    const std::int64_t fair = (rows + wanted - 1) / wanted;
    tile_rows = threads == 1 ? most_tile_rows : std::clamp<std::int64_t>((fair + 7) / 8 * 8, 64, most_tile_rows);
    row_tiles = (rows + tile_rows - 1) / tile_rows;
  }
  std::int64_t count() const { return groups * row_tiles * column_tiles; }
  std::int64_t group(std::int64_t tile) const { return tile / (row_tiles * column_tiles); }
  tile_range range(std::int64_t tile, std::int64_t rows, std::int64_t columns) const {
    const std::int64_t r = tile % row_tiles * tile_rows, c = tile / row_tiles % column_tiles * most_tile_columns;
    return {{r, std::min(r + tile_rows, rows)}, {c, std::min(c + most_tile_columns, columns)}};
  }
};

/// Every element of `groups` products of the same shape, each the exact sum rounded once, by the threads that OpenMP
/// gives. Each thread has a copy of `problem`.
template <class T, class Problem>
tier_counts round_sums_of_products(const Problem& problem, std::int64_t groups, T* out) {
  const product_shape shape = problem.shape();
  const tiling tiles(groups, shape.rows, shape.columns, omp_get_max_threads());
  tier_counts decided;
  std::exception_ptr failure;
#pragma omp parallel if (tiles.count() > 1)
  {
    const fp_environment environment;
    tier_counts mine;
    std::optional<tile_rounding<T, Problem>> tile;  // made in the loop, which no exception may leave
#pragma omp for schedule(dynamic) nowait
    for (std::int64_t t = 0; t < tiles.count(); ++t) {
      try {
        if (!tile) tile.emplace(problem, out);
        mine += tile->round(tiles.group(t), tiles.range(t, shape.rows, shape.columns));
      } catch (...) {
#pragma omp critical(halfulp_sums_of_products)
        failure = std::current_exception();
      }
    }
#pragma omp critical(halfulp_sums_of_products)
    decided += mine;
  }
  if (failure) std::rethrow_exception(failure);
  return decided;
}

}  // namespace halfulp::kernels
