#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/product_shape.hpp>

namespace halfulp::kernels {

/// The lowest set bits of the rows and columns of a tile, infinite of zeros alone, and how many of their elements are not
/// zero: what proves sums exact. Found chunk by chunk, in any order; those of the rows are kept while the rows stay.
class lowest_bits {
 public:
  /// Turns to another tile, whose rows may be those of the last one.
  void turn(bool same_rows) { rows_known_ = rows_known_ && same_rows; }
  /// Begins with tiles of so many rows and columns; the rows anew if they are not known.
  void start(std::int64_t rows, std::int64_t columns) {
    const double infinity = std::numeric_limits<double>::infinity();
    column_lowest_.assign(columns, infinity);
    column_nonzeros_.assign(columns, 0);
    if (rows_known_) return;
    row_lowest_.assign(rows, infinity);
    row_nonzeros_.assign(rows, 0);
  }
  /// All chunks of the rows have been looked at.
  void finish() { rows_known_ = true; }

  /// Some rows of a chunk, `step` apart.
  void look_at_rows(index_interval some, const double* rows, std::int64_t terms, std::int64_t step) {
    for (std::int64_t i = some.first; !rows_known_ && i < some.end; ++i, rows += step) {
      row_lowest_[i] = std::min(row_lowest_[i], lowest_bit(rows, terms));
      row_nonzeros_[i] += static_cast<double>(count_nonzeros(rows, terms));
    }
  }
  /// A packed panel, whose first column is j.
  void look_at_panel(std::int64_t j, const double* panel, std::int64_t width, std::int64_t terms) {
    find_lowest_bits(panel, width, terms, column_lowest_.data() + j, column_nonzeros_.data() + j);
  }
  /// A column of its own.
  void look_at_column(std::int64_t j, const double* column, std::int64_t terms) {
    column_lowest_[j] = std::min(column_lowest_[j], lowest_bit(column, terms));
    column_nonzeros_[j] += static_cast<double>(count_nonzeros(column, terms));
  }
  /// No zero of column j is padding, so none of them leaves a sum without terms.
  void set_nonzeros(std::int64_t j) { column_nonzeros_[j] = std::numeric_limits<double>::infinity(); }

  double row(std::int64_t i) const { return row_lowest_[i]; }
  double row_nonzeros(std::int64_t i) const { return row_nonzeros_[i]; }
  const double* columns() const { return column_lowest_.data(); }
  const double* column_nonzeros() const { return column_nonzeros_.data(); }

 private:
  bool rows_known_ = false;
  aligned_array row_lowest_, column_lowest_, row_nonzeros_, column_nonzeros_;
};

}  // namespace halfulp::kernels
