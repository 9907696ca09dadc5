#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/patches.hpp>

namespace halfulp::kernels {

/// Terms that are added before a sum is joined to the others: the panel of a chunk stays in the first cache, and the
/// bound of a sum is that of a chunk.
inline constexpr std::int64_t most_chunk_terms = 128;
inline constexpr std::int64_t most_tile_columns = 192;
inline constexpr std::int64_t most_tile_rows = 512;

/// A matrix product of sums: element (i, j) is start(i) + sum over k of row(i, k) * column(k, j).
struct product_shape {
  std::int64_t rows, columns, depth;
  double row_scale, column_scale;  ///< powers of two that bring the largest finite |row(i, k)|, |column(k, j)| below 2
};

/// Which part of a product a tile holds.
struct tile_range {
  index_interval rows, columns;
};

enum class arithmetic { recursive, compensated };

/// The sums of a tile, with what bounds their errors. Loads rows and columns chunk by chunk, so that memory does not
/// grow with the depth. `Problem` gives
///   shape()                                       product_shape, the same for every group
///   start(group, i)                               -0 where there is no term to start from; +0 where there is no term
///   load_rows(group, rows, terms, out, step)      row-major, in binary64
///   load_columns(group, columns, terms, panels)   as panels
template <class Problem>
class product_tile {
 public:
  explicit product_tile(Problem& problem) : problem_(problem) {}

  /// Turns to another tile; memory is kept, and the norms of the rows if they stay the same. The depth must not be 0.
  void reset(std::int64_t group, const tile_range& range) {
    row_norms_known_ = row_norms_known_ && group == group_ && range.rows.first == range_.rows.first &&
                       range.rows.end == range_.rows.end;
    group_ = group;
    range_ = range;
    shape_ = problem_.shape();
    const std::int64_t chunks = (shape_.depth + most_chunk_terms - 1) / most_chunk_terms;
    chunk_terms_ = (shape_.depth + chunks - 1) / chunks;
    row_step_ = (chunk_terms_ + 7) / 8 * 8 + 8;  // whole vectors, and not a power of two of them
    sum_step_ = padded_columns(range.columns.size());
    rows_.resize(range.rows.size() * row_step_);
    panels_.resize(sum_step_ * chunk_terms_);
    high_.resize(range.rows.size() * sum_step_);
    low_.resize(range.rows.size() * sum_step_);
    start_.resize(range.rows.size());
    for (std::int64_t i = 0; i < range.rows.size(); ++i) start_[i] = problem_.start(group, range.rows.first + i);
  }

  /// Computes every sum of the tile, the norms of its rows and columns, and the bound.
  void multiply(arithmetic how) {
    how_ = how;
    bound_ =
        how == arithmetic::recursive ? recursive_bound(shape_.depth, chunk_terms_) : compensated_bound(shape_.depth);
    if (!row_norms_known_) row_norm_.assign(range_.rows.size(), 0);
    column_norm_.assign(sum_step_, 0);
    const double* start = start_.data();
    for_each_chunk([&](std::int64_t terms) {
      add_squares(panels_.data(), range_.columns.size(), terms, shape_.column_scale, column_norm_.data());
      for (std::int64_t i = 0; !row_norms_known_ && i < range_.rows.size(); ++i)
        row_norm_[i] += sum_of_squares(rows_.data() + i * row_step_, terms, shape_.row_scale);
      const product_chunk c{rows_.data(), row_step_, range_.rows.size(), panels_.data(), range_.columns.size(),
                            terms,        start,     high_.data(),       low_.data(),    sum_step_};
      how == arithmetic::recursive ? multiply_recursive(c) : multiply_compensated(c);
      start = nullptr;
    });
    if (!row_norms_known_)
      for (auto& r : row_norm_) r = norm_from_squares(r, shape_.depth, shape_.row_scale);
    row_norms_known_ = true;
    for (auto& c : column_norm_) c = norm_from_squares(c, shape_.depth, shape_.column_scale);
  }

  /// Finds the lowest set bits of rows and columns, which `is_exact` needs.
  void find_lowest() {
    row_lowest_.assign(range_.rows.size(), std::numeric_limits<double>::infinity());
    column_lowest_.assign(sum_step_, std::numeric_limits<double>::infinity());
    for_each_chunk([&](std::int64_t terms) {
      find_lowest_bits(panels_.data(), range_.columns.size(), terms, column_lowest_.data());
      for (std::int64_t i = 0; i < range_.rows.size(); ++i)
        row_lowest_[i] = std::min(row_lowest_[i], lowest_bit(rows_.data() + i * row_step_, terms));
    });
  }

  /// The sums of row i, with |high + low - exact| <= row_bound * column_norm + row_extra.
  row_of_sums row(std::int64_t i) const {
    const double underflow = Problem::can_underflow ? underflow_bound(shape_.depth) : 0;
    return {high_.data() + i * sum_step_, low_.data() + i * sum_step_, column_norm_.data(),
            range_.columns.size(),        up(bound_ * row_norm_[i]),   up(bound_ * std::abs(start_[i])) + underflow};
  }
  double_double value(std::int64_t i, std::int64_t j) const {
    return normalised(high_[i * sum_step_ + j], low_[i * sum_step_ + j]);
  }
  double radius(std::int64_t i, std::int64_t j) const {
    const row_of_sums r = row(i);
    return up(up(r.row_bound * column_norm_[j]) + r.row_extra);
  }
  /// Whether the element is exact: nothing was rounded on the way.
  bool is_exact(std::int64_t i, std::int64_t j) const {
    const double magnitude = up(up(row_norm_[i] * column_norm_[j]) + std::abs(start_[i]));
    double lowest = row_lowest_[i] * column_lowest_[j];
    if (start_[i] != 0) lowest = std::min(lowest, lowest_bit(&start_[i], 1));
    return how_ == arithmetic::recursive ? sums_exactly(magnitude, lowest)
                                         : compensates_exactly(magnitude, lowest, shape_.depth);
  }
  bool row_holds_nan(std::int64_t i) const { return std::isnan(row_norm_[i]); }
  bool column_holds_nan(std::int64_t j) const { return std::isnan(column_norm_[j]); }

 private:
  /// visit(number of terms) with rows_ and panels_ loaded, for each chunk.
  template <class Visit>
  void for_each_chunk(Visit visit) {
    for (std::int64_t k = 0; k < shape_.depth; k += chunk_terms_) {
      const index_interval terms{k, std::min(k + chunk_terms_, shape_.depth)};
      problem_.load_rows(group_, range_.rows, terms, rows_.data(), row_step_);
      problem_.load_columns(group_, range_.columns, terms, panels_.data());
      visit(terms.size());
    }
  }

  Problem& problem_;
  std::int64_t group_ = 0;
  tile_range range_{};
  product_shape shape_{};
  std::int64_t chunk_terms_ = 0, row_step_ = 0, sum_step_ = 0;
  arithmetic how_ = arithmetic::recursive;
  double bound_ = 0;
  bool row_norms_known_ = false;
  aligned_array rows_, panels_, high_, low_, start_, row_norm_, column_norm_, row_lowest_, column_lowest_;
};

}  // namespace halfulp::kernels
