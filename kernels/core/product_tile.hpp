#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/lone_column.hpp>
#include <halfulp/kernels/core/lowest_bits.hpp>
#include <halfulp/kernels/core/pair_sums.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/patches.hpp>
#include <halfulp/kernels/core/product_shape.hpp>

namespace halfulp::kernels {

/// Terms that are added before a sum is joined to the others: the panel of a chunk stays in the first cache, and the
/// bound of a sum is that of a chunk.
inline constexpr std::int64_t most_chunk_terms = 160;

/// Whether the sums of so many chunks are added up as they are: it costs a seventh of joining them by two_sum, and here
/// raises the bound by an eighth at most.
constexpr bool adds_chunks(std::int64_t chunks) {
  return 8 * (chunks - 1) <= most_chunk_terms;
}

/// Paired: recursive sums of products that serve two neighbouring columns each (pair_sums.hpp).
enum class arithmetic { recursive, paired, compensated };

/// The sums of a tile, with what bounds their errors. Loads rows and columns chunk by chunk, so that memory does not
/// grow with the depth. `Problem` gives
///   shape()                                       product_shape, the same for every group
///   start(group, i)                               -0 where there is no term to start from; +0 where there is no term
///   load_rows(group, rows, terms, out, step)      row-major, in binary64
///   load_columns(group, columns, terms)           a panel_source, good until the next call
template <class Problem>
class product_tile {
 public:
  /// Keeps the rows of a tile for the tiles that follow where they are not more than `most_kept` numbers.
  explicit product_tile(Problem& problem, std::int64_t most_kept = 0)
      : problem_(problem), most_kept_(most_kept), pairs_(most_kept) {}

  /// Turns to another tile; memory is kept, and the norms of the rows if they stay the same. The depth must not be 0.
  void reset(std::int64_t group, const tile_range& range) {
    rows_known_ =
        rows_known_ && group == group_ && range.rows.first == range_.rows.first && range.rows.end == range_.rows.end;
    rows_kept_ = rows_kept_ && rows_known_;
    lowest_.turn(rows_known_);
    group_ = group;
    range_ = range;
    shape_ = problem_.shape();
    const std::int64_t least = (shape_.depth + most_chunk_terms - 1) / most_chunk_terms;
    const std::int64_t even = (shape_.depth + least - 1) / least, whole = (even + 7) / 8 * 8;  // of vectors
    chunk_terms_ = std::min(whole, shape_.depth);
    chunks_ = (shape_.depth + chunk_terms_ - 1) / chunk_terms_;
    row_step_ = whole + 8;  // not a power of two of vectors
    keeps_rows_ = chunks_ * range.rows.size() * row_step_ <= most_kept_;
    sum_step_ = padded_columns(range.columns.size()) + 2 * panel_slack();
    loads_blocks_ = !rows_kept_ && range.columns.size() <= most_block_panels * panel_width();
    high_.resize(range.rows.size() * sum_step_);
    start_.resize(range.rows.size());
    for (std::int64_t i = 0; i < range.rows.size(); ++i) start_[i] = problem_.start(group, range.rows.first + i);
  }

  /// Computes every sum of the tile, the norms of its rows and columns, and the bound; if asked also what find_lowest
  /// finds.
  void multiply(arithmetic how, bool lowest_too = false) {
    how_ = how;
    if (how == arithmetic::paired) return multiply_pairs(lowest_too);
    make_room();
    if (has_low()) low_.resize(range_.rows.size() * sum_step_);
    if (lowest_too) lowest_.start(range_.rows.size(), sum_step_);
    bound_ = how == arithmetic::compensated ? compensated_bound(shape_.depth)
             : adds_chunks(chunks_)         ? added_bound(chunk_terms_, chunks_)
                                            : joined_bound(chunk_terms_, chunks_);
    if (!rows_known_) row_norm_.assign(range_.rows.size(), 0);
    column_norm_.assign(sum_step_, 0);
    loads_blocks_ ? multiply_blocks(lowest_too) : multiply_panels(lowest_too);
    rows_kept_ = keeps_rows_;
    if (lowest_too) lowest_.finish();
    find_norms();
  }

  /// Finds the lowest set bits of rows and columns, which `exactness` needs, and how many elements are not zero.
  void find_lowest() {
    lowest_.start(range_.rows.size(), sum_step_);
    make_room();
    for_each_chunk([&](const double* rows, const panel_source& columns) {
      lowest_.look_at_rows({0, range_.rows.size()}, rows, columns.depth, row_step_);
      for_each_panel(columns, nullptr, [&](std::int64_t j, std::int64_t width) {
        lowest_.look_at_panel(j, panel_.data(), width, columns.depth);
      });
    });
    lowest_.finish();
  }
  /// Tells exactness that no zero of column j is padding: but for paired sums, whose zeros have not the sign of their terms.
  void reads_no_padding(std::int64_t j) {
    if (how_ != arithmetic::paired) lowest_.set_nonzeros(j);
  }

  /// The sums of row i, with |high + low - exact| <= row_bound * column_norm + row_extra.
  row_of_sums row(std::int64_t i) const {
    const double underflow = Problem::can_underflow ? underflow_bound(shape_.depth) : 0;
    const double of_start = start_[i] == 0 ? 0 : up(bound_ * std::abs(start_[i]));
    return {high_.data() + i * sum_step_,
            low(i, 0),
            column_norm_.data(),
            range_.columns.size(),
            up(bound_ * row_norm_[i]),
            not_subnormal(of_start + underflow),
            row_norm_[i],
            std::abs(start_[i]),
            largest_column_};
  }
  double_double value(std::int64_t i, std::int64_t j) const {
    const double* rest = low(i, j);
    return normalised(high_[i * sum_step_ + j], rest ? *rest : 0);
  }
  double radius(std::int64_t i, std::int64_t j) const {
    const row_of_sums r = row(i);
    return up(up(r.row_bound * column_norm_[j]) + r.row_extra);
  }
  /// What proves sums of row i exact, for `find_lowest`; a zero has its sign where no padding is read, or where row and
  /// column have more nonzero elements than the sum has terms, so that some product is not zero.
  exactness_of_row exactness(std::int64_t i) const {
    const double terms = how_ == arithmetic::recursive ? 1
                         : how_ == arithmetic::paired  ? paired_exact_terms
                                                       : static_cast<double>(shape_.depth + 2);
    return {row_norm_[i],
            std::abs(start_[i]),
            lowest_.row(i),
            start_[i] != 0 ? lowest_bit(&start_[i], 1) : std::numeric_limits<double>::infinity(),
            terms,
            how_ == arithmetic::compensated ? compensated_exact_room : exact_room,
            lowest_.row_nonzeros(i),
            static_cast<double>(shape_.depth),
            lowest_.columns(),
            lowest_.column_nonzeros()};
  }
  /// Whether `exactness` proves the element exact.
  bool is_exact(std::int64_t i, std::int64_t j) const {
    const exactness_of_row e = exactness(i);
    const double magnitude = up(up(e.row_norm * column_norm_[j]) + e.row_start);
    const double lowest = std::min(e.row_lowest * lowest_.columns()[j], e.start_lowest);
    return magnitude < std::numeric_limits<double>::infinity() && lowest > 0 &&
           up(magnitude * e.terms) <= lowest * e.room;
  }
  bool row_holds_nan(std::int64_t i) const { return std::isnan(row_norm_[i]); }
  bool column_holds_nan(std::int64_t j) const { return std::isnan(column_norm_[j]); }

 private:
  // Where rows are read once, a few of them are loaded at a time, and multiplied while the first cache has them; the panels
  // come from the second one.
  static constexpr std::int64_t block_rows = 16, most_block_panels = 8;

  /// For the rows, or some of them, and the panels of columns.
  void make_room() {
    if (!rows_kept_) rows_.resize((keeps_rows_ ? chunks_ : 1) * range_.rows.size() * row_step_);
    panel_.resize((loads_blocks_ ? sum_step_ : panel_width()) * chunk_terms_);
  }
  void find_norms() {
    if (!rows_known_) norms_from_squares(row_norm_.data(), range_.rows.size(), shape_.depth, shape_.row_scale);
    rows_known_ = true;
    norms_from_squares(column_norm_.data(), sum_step_, shape_.depth, shape_.column_scale);
    largest_column_ = largest(column_norm_.data(), range_.columns.size());
  }

  void multiply_pairs(bool lowest_too) {
    if constexpr (can_pair) {
      bound_ = paired_bound(pairs_.chunk_terms(shape_.depth), pairs_.chunks(shape_.depth));
      if (!rows_known_) row_norm_.assign(range_.rows.size(), 0);
      column_norm_.assign(sum_step_, 0);
      pairs_.multiply(
          problem_, group_, range_.rows, range_.columns,
          {start_.data(), high_.data(), sum_step_, rows_known_ ? nullptr : row_norm_.data(), column_norm_.data()});
      find_norms();
      if (lowest_too) find_lowest();
    }
  }

  /// Panel after panel, each by all rows.
  void multiply_panels(bool lowest_too) {
    const double* start = start_.data();
    for_each_chunk([&](const double* rows, const panel_source& columns) {
      if (lowest_too) lowest_.look_at_rows({0, range_.rows.size()}, rows, columns.depth, row_step_);
      for_each_panel(columns, column_norm_.data(), [&](std::int64_t j, std::int64_t width) {
        if (lowest_too) lowest_.look_at_panel(j, panel_.data(), width, columns.depth);
        multiply_chunk({rows, row_step_, range_.rows.size(), panel_.data(), width, columns.depth, start,
                        high_.data() + j, low(0, j), sum_step_});
      });
      start = nullptr;
    });
  }
  /// Block after block of the rows, each by all panels. A last column that would fill a vector alone is a row of its own.
  void multiply_blocks(bool lowest_too) {
    const double* start = start_.data();
    double* kept = rows_.data();
    const std::int64_t width = range_.columns.size(), lone = stands_alone(width) ? 1 : 0;
    for (std::int64_t k = 0; k < shape_.depth; k += chunk_terms_) {
      const index_interval terms{k, std::min(k + chunk_terms_, shape_.depth)};
      const panel_source columns = problem_.load_columns(group_, range_.columns, terms);
      pack_all(columns, width - lone, lowest_too);
      for (std::int64_t i = 0; i < range_.rows.size(); i += block_rows) {
        const index_interval some{i, std::min(i + block_rows, range_.rows.size())};
        double* rows = kept + (keeps_rows_ ? i * row_step_ : 0);
        load_rows(some, terms, rows);
        if (lowest_too) lowest_.look_at_rows(some, rows, terms.size(), row_step_);
        const double* from = start == nullptr ? nullptr : start + i;
        for (std::int64_t j = 0, n = 0; j < width; j += n) {
          n = j < width - lone ? next_panel_columns(width - lone - j) : 1;
          const product_chunk c{rows,      row_step_,    some.size(), panel_.data() + j * terms.size(),
                                n,         terms.size(), from,        high_.data() + i * sum_step_ + j,
                                low(i, j), sum_step_};
          j < width - lone ? multiply_chunk(c) : multiply_column(c);
        }
      }
      if (keeps_rows_) kept += range_.rows.size() * row_step_;
      start = nullptr;
    }
  }
  void pack_all(const panel_source& columns, std::int64_t whole, bool lowest_too) {
    double* panel = panel_.data();
    for (std::int64_t j = 0, n = 0; j < whole; j += n, panel += n * columns.depth) {
      n = next_panel_columns(whole - j);
      pack_panel(columns.columns(j, n), panel, shape_.column_scale, column_norm_.data() + j);
      if (lowest_too) lowest_.look_at_panel(j, panel, n, columns.depth);
    }
    if (whole == columns.column_count) return;
    for (std::int64_t k = 0; k < columns.depth; ++k)
      panel[k] = columns.base[columns.row_offset[k] + columns.column_offset[whole]];
    column_norm_[whole] += sum_of_squares(panel, columns.depth, shape_.column_scale);
    if (lowest_too) lowest_.look_at_column(whole, panel, columns.depth);
  }
  void multiply_chunk(const product_chunk& c) const {
    how_ == arithmetic::recursive ? multiply_recursive(c) : multiply_compensated(c);
  }
  void multiply_column(const product_chunk& c) const {
    how_ == arithmetic::recursive ? multiply_column_recursive(c) : multiply_column_compensated(c);
  }
  bool stands_alone(std::int64_t columns) const {
    const bool may = how_ == arithmetic::recursive ? adds_chunks(chunks_) : shape_.depth >= least_column_terms;
    return may && padded_columns(columns - 1) == columns - 1;
  }

  /// Where element (i, j) has its low part: nowhere if the sums are recursive and of few chunks.
  double* low(std::int64_t i, std::int64_t j) { return has_low() ? low_.data() + i * sum_step_ + j : nullptr; }
  const double* low(std::int64_t i, std::int64_t j) const {
    return has_low() ? low_.data() + i * sum_step_ + j : nullptr;
  }
  bool has_low() const {
    return how_ == arithmetic::compensated || (how_ == arithmetic::recursive && !adds_chunks(chunks_));
  }

  /// visit(rows, columns) for each chunk of the terms.
  template <class Visit>
  void for_each_chunk(Visit visit) {
    double* rows = rows_.data();
    for (std::int64_t k = 0; k < shape_.depth; k += chunk_terms_) {
      const index_interval terms{k, std::min(k + chunk_terms_, shape_.depth)};
      if (!rows_kept_) load_rows({0, range_.rows.size()}, terms, rows);
      visit(rows, problem_.load_columns(group_, range_.columns, terms));
      if (keeps_rows_) rows += range_.rows.size() * row_step_;
    }
  }
  /// Some rows of some terms, and their squares while the first cache has them.
  void load_rows(index_interval all, index_interval terms, double* out) {
    for (std::int64_t i = all.first; i < all.end; i += block_rows, out += block_rows * row_step_) {
      const index_interval some{i, std::min(i + block_rows, all.end)};
      problem_.load_rows(group_, {range_.rows.first + some.first, range_.rows.first + some.end}, terms, out, row_step_);
      for (std::int64_t k = some.first; !rows_known_ && k < some.end; ++k)
        row_norm_[k] += sum_of_squares(out + (k - some.first) * row_step_, terms.size(), shape_.row_scale);
    }
  }
  /// visit(first column, columns) with panel_ packed, for each panel; adds to the squares of the columns.
  template <class Visit>
  void for_each_panel(const panel_source& columns, double* squares, Visit visit) {
    for (std::int64_t j = 0, width = 0; j < columns.column_count; j += width) {
      width = next_panel_columns(columns.column_count - j);
      pack_panel(columns.columns(j, width), panel_.data(), shape_.column_scale,
                 squares == nullptr ? nullptr : squares + j);
      visit(j, width);
    }
  }

  using pairs = typename pair_sums_or_none<std::remove_const_t<Problem>>::type;
  static constexpr bool can_pair = !std::is_same_v<pairs, no_pair_sums>;

  Problem& problem_;
  std::int64_t most_kept_, group_ = 0;
  pairs pairs_;
  tile_range range_{};
  product_shape shape_{};
  std::int64_t chunk_terms_ = 0, chunks_ = 0, row_step_ = 0, sum_step_ = 0;
  arithmetic how_ = arithmetic::recursive;
  double bound_ = 0, largest_column_ = 0;
  bool rows_known_ = false;  // their norms
  bool rows_kept_ = false;   // their elements
  lowest_bits lowest_;
  bool keeps_rows_ = false, loads_blocks_ = false;
  aligned_array rows_, panel_, high_, low_, start_, row_norm_, column_norm_;
};

}  // namespace halfulp::kernels
