#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/pair_panel.hpp>
#include <halfulp/kernels/core/patches.hpp>
#include <halfulp/kernels/core/product_shape.hpp>
#include <halfulp/kernels/core/window_bands.hpp>

namespace halfulp::kernels {

/// Neighbouring positions of a line of patches, two at a time; the last of an odd number is alone.
struct position_pairs {
  std::int64_t line;  ///< positions of a line

  std::int64_t pairs_of_line() const { return (line + 1) / 2; }
  std::int64_t first_position(std::int64_t pair) const {
    return pair / pairs_of_line() * line + pair % pairs_of_line() * 2;
  }
  /// Of a position with which a pair begins, or the end of a line.
  std::int64_t pair_from(std::int64_t position) const {
    return position / line * pairs_of_line() + position % line / 2;
  }
  index_interval positions(index_interval pairs) const {
    return {first_position(pairs.first), first_position(pairs.end)};
  }
  index_interval pairs(index_interval positions) const {
    return {pair_from(positions.first), pair_from(positions.end)};
  }
};

/// Patches that are pairs: what positions 2 p and 2 p + 1 of a line read by three taps, as four.
template <class T>
patch_grid<T> grid_of_pairs(patch_grid<T> grid) {
  patch_axis& across = grid.columns;
  if (across.tap_step < 0) across.origin -= pair_taps - 1;
  across.tap_step = across.position_step;
  across.position_step *= 2;
  across.positions = position_pairs{across.positions}.pairs_of_line();
  across.taps = pair_products;
  return grid;
}

/// Whether windows are better added up in pairs: kernels of width 3 that go on by one, with enough rows, columns and terms
/// that the products outweigh what goes before and after them, and lines long enough that vectors are loaded as runs.
template <class Problem>
bool prefers_pairs(const Problem& problem) {
  constexpr std::int64_t least_rows = 16, least_columns = 128, least_terms = 32, least_line = 10;
  const auto& grid = problem.grid();
  const auto& across = grid.columns;
  return across.taps == pair_taps && across.position_step == 1 && std::abs(across.tap_step) == 1 &&
         across.element_step == 1 && grid.rows.element_step == 1 && across.positions >= least_line &&
         problem.shape().rows >= least_rows && problem.shape().columns >= least_columns &&
         problem.shape().depth >= pair_taps * least_terms;
}

/// The sums of a tile of whole pairs of positions, by paired products. `Problem` gives, beside what product_tile.hpp asks,
/// grid() and first_channel(group).
template <class Problem>
class pair_sums {
 public:
  /// Keeps the transformed weights for the tiles that follow where they are not more than `most_kept` numbers.
  explicit pair_sums(std::int64_t most_kept) : most_kept_(most_kept) {}

  struct tile_of_sums {
    const double* start;
    double* sums;  ///< row-major; each row followed by room for two vectors
    std::int64_t stride;
    double* row_squares;     ///< to be added to; nullptr where the rows are those of the last tile
    double* column_squares;  ///< to be written, as a row of the sums is
  };
  /// The sums, with |sum - exact| <= paired_bound(chunk_terms(), chunks()) * (|start| + ||row|| ||column||).
  void multiply(Problem& problem, std::int64_t group, index_interval rows, index_interval columns,
                const tile_of_sums& out) {
    set(problem, rows, columns, out);
    for (std::int64_t k = 0; k < terms_; k += chunk_terms_) {
      const index_interval terms{k, std::min(k + chunk_terms_, terms_)};
      double* weights = weights_.data() + (keeps_weights_ ? k / chunk_terms_ * pair_products * weight_step() : 0);
      if (!weights_known_) load_weights(problem, group, terms, weights, out.row_squares);
      multiply_chunk(load_columns(problem, group, terms), weights);
    }
    weights_known_ = keeps_weights_;
    write_positions(out);
  }

  static std::int64_t chunk_terms(std::int64_t depth) {
    const std::int64_t terms = depth / pair_taps, chunks = (terms + most_chunk - 1) / most_chunk;
    return std::min(terms, ((terms + chunks - 1) / chunks + 7) / 8 * 8);  // of vectors
  }
  static std::int64_t chunks(std::int64_t depth) {
    return (depth / pair_taps + chunk_terms(depth) - 1) / chunk_terms(depth);
  }

 private:
  // Longer ones raise the bound, shorter ones cost more to be added up.
  static constexpr std::int64_t most_chunk = 96, block_rows = 16;

  struct run_of_pairs {
    std::int64_t first, count, column;
  };

  void set(Problem& problem, index_interval rows, index_interval columns, const tile_of_sums& out) {
    const auto& across = problem.grid().columns;
    const position_pairs of_line{across.positions};
    rows_ = rows;
    pairs_ = of_line.pairs(columns);
    reversed_ = across.tap_step < 0;
    terms_ = problem.shape().depth / pair_taps;
    chunk_terms_ = chunk_terms(problem.shape().depth);
    row_step_ = (chunk_terms_ + 7) / 8 * 8 + 8;  // not a power of two of vectors
    keeps_weights_ = chunks(problem.shape().depth) * pair_products * weight_step() <= most_kept_;
    weights_known_ = weights_known_ && out.row_squares == nullptr;
    if (!weights_known_)
      weights_.resize((keeps_weights_ ? chunks(problem.shape().depth) : 1) * pair_products * weight_step());
    room_step_ = (pair_taps * chunk_terms_ + 7) / 8 * 8 + 8;  // sum_of_squares takes aligned rows
    room_.resize(block_rows * room_step_);
    panel_.resize(pair_products * panel_step());
    stride_ = padded_columns(pairs_.size());
    // The runs that interleave() reads may end amid a vector.
    sums_.resize(2 * rows.size() * stride_ + panel_slack());
    for (std::int64_t i = 0; i < 2 * rows.size(); ++i)  // +0 where there is no start: then no zero is negative
      std::fill_n(sums_.data() + i * stride_, stride_, out.start[i % rows.size()] + 0.0);
    squares_.assign(2 * stride_ + panel_slack(), 0);
    find_runs(of_line, columns);
  }
  std::int64_t weight_step() const { return rows_.size() * row_step_; }
  std::int64_t panel_step() const { return panel_width() * chunk_terms_; }
  double* even() { return sums_.data(); }
  double* odd() { return sums_.data() + rows_.size() * stride_; }

  /// Where pairs stand side by side among the columns: all of them, or those of each line if its last one is alone.
  void find_runs(const position_pairs& of_line, index_interval columns) {
    runs_.clear();
    for (std::int64_t p = pairs_.first; p < pairs_.end;) {
      const std::int64_t end = of_line.line % 2 == 0
                                   ? pairs_.end
                                   : std::min(pairs_.end, (p / of_line.pairs_of_line() + 1) * of_line.pairs_of_line());
      runs_.push_back({p - pairs_.first, end - p, of_line.first_position(p) - columns.first});
      p = end;
    }
  }

  void load_weights(Problem& problem, std::int64_t group, index_interval terms, double* out, double* squares) {
    for (std::int64_t i = 0; i < rows_.size(); i += block_rows) {
      const index_interval some{i, std::min(i + block_rows, rows_.size())};
      problem.load_rows(group, {rows_.first + some.first, rows_.first + some.end},
                        {pair_taps * terms.first, pair_taps * terms.end}, room_.data(), room_step_);
      for (std::int64_t k = some.first; k < some.end; ++k) {
        const double* row = room_.data() + (k - some.first) * room_step_;
        if (squares != nullptr) squares[k] += sum_of_squares(row, pair_taps * terms.size(), 1);
        transform_weights(row, terms.size(), reversed_, out + k * row_step_, weight_step());
      }
    }
  }
  panel_source load_columns(Problem& problem, std::int64_t group, index_interval terms) {
    auto grid = grid_of_pairs(problem.grid());
    grid.images.data += problem.first_channel(group) * grid.images.channel_step;
    patches_.load(grid, pairs_, {pair_products * terms.first, pair_products * terms.end});
    return {patches_.base(), patches_.tap_offset.data(), pair_products * terms.size(), patches_.position_offset.data(),
            pairs_.size()};
  }

  void multiply_chunk(const panel_source& columns, const double* weights) {
    const std::int64_t terms = columns.depth / pair_products;
    for (std::int64_t j = 0, width = 0; j < pairs_.size(); j += width) {
      width = next_panel_columns(pairs_.size() - j);
      pack_pairs(columns.columns(j, width), panel_.data(), panel_step(), squares_.data() + j,
                 squares_.data() + stride_ + j);
      for (std::int64_t m = 0; m < pair_products; ++m)
        multiply_paired({weights + m * weight_step(), row_step_, rows_.size(), panel_.data() + m * panel_step(), width,
                         terms, m == 3 ? nullptr : even() + j, m == 0 ? nullptr : odd() + j, m == 2, stride_});
    }
  }

  void write_positions(const tile_of_sums& out) {
    for (const run_of_pairs& r : runs_) {
      interleave({even() + r.first, odd() + r.first, stride_, out.sums + r.column, out.stride, rows_.size(), r.count});
      interleave({squares_.data() + r.first, squares_.data() + stride_ + r.first, 0, out.column_squares + r.column, 0,
                  1, r.count});
    }
  }

  std::int64_t most_kept_, terms_ = 0, chunk_terms_ = 0, row_step_ = 0, room_step_ = 0, stride_ = 0;
  index_interval rows_{}, pairs_{};
  bool reversed_ = false, keeps_weights_ = false, weights_known_ = false;
  std::vector<run_of_pairs> runs_;
  patches<typename Problem::element_type> patches_;
  aligned_array weights_, room_, panel_, sums_, squares_;
};

/// In place of those that cannot be paired.
struct no_pair_sums {
  explicit no_pair_sums(std::int64_t) {}
};
template <class Problem>
struct pair_sums_or_none {
  using type = no_pair_sums;
};
template <class Problem>
requires sums_over_windows<Problem> &&(!Problem::can_underflow) struct pair_sums_or_none<Problem> {
  using type = pair_sums<Problem>;
};

}  // namespace halfulp::kernels
