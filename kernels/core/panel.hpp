// Products of panels of binary64 numbers: the one place of the kernels that is written for SIMD. Each function has a
// version for every instruction set that Highway compiles and calls the best that the processor has. Which one runs
// changes no result: sums are rounded once from certified enclosures (docs/ops/conv2d.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace halfulp::kernels {

/// Columns of a panel are stored together: element (k, j) of a panel of width w stands at k * w + j. A matrix is cut
/// into panels of whole vectors, at most `panel_width()` columns, the last one rounded up. Panels are aligned to
/// `panel_alignment` bytes.
inline constexpr std::size_t panel_alignment = 64;
inline constexpr int panel_vectors = 3;  // of a panel that is panel_width() wide
std::int64_t panel_width();
std::int64_t panel_slack();
/// How many of the n columns that are left the next panel takes: as many vectors as those after it, or one more.
std::int64_t next_panel_columns(std::int64_t n);
/// The number of columns that the panels of an n-column matrix have together.
std::int64_t padded_columns(std::int64_t n);

/// A part of a product: rows (row-major, `row_stride` apart) times a panel, over `depth` terms of each sum.
struct product_chunk {
  const double* rows;
  std::int64_t row_stride;
  std::int64_t row_count;
  const double* panel;
  std::int64_t column_count;  ///< at most panel_width()
  std::int64_t depth;
  const double* start;      ///< what each row's sums start from, in the first chunk; else nullptr
  double* high;             ///< element (i, j) of the sums is high + low at i * sum_stride + j
  double* low;              ///< nullptr where the chunks of recursive sums are added up as they are: then it is 0
  std::int64_t sum_stride;  ///< at least padded_columns(column_count)
};

/// high + low += the chunk, its terms added recursively from -0 (or `start`) in binary64 with fused or exact products,
/// the chunk's sum s joined by two_sum, or added where there is no low. For factors of at most 24 bits and c chunks of at
/// most n terms
/// |high + low - exact| <= joined_bound(n, c) or added_bound(n, c) * (|start| + sum |a b|)  (kernels/core/certificate.hpp)
void multiply_recursive(const product_chunk&);

/// The same in compensated arithmetic: products and sums by error-free transformations, their errors added to `low`.
/// |high + low - exact| <= compensated_bound(terms) * (|start| + sum |a b|) + underflow_bound(terms)  [ogita05]
void multiply_compensated(const product_chunk&);

/// Terms of one sum, dealt out over `lane_sums::count` compensated sums.
struct lane_sums {
  static constexpr std::int64_t count = 8;
  double high[count] = {}, low[count] = {}, magnitude[count] = {};
};
/// Adds a[i] * b[i] to lane i % count, and |a[i] * b[i]| to its magnitude; n is a multiple of `count`, a and b are
/// aligned.
void add_products(const double* a, const double* b, std::int64_t n, lane_sums&);

/// lowest[j] = min(lowest[j], 2^q) with 2^q the lowest set bit of any finite nonzero element of column j of a panel, and
/// nonzeros[j] += the number of its nonzero elements.
void find_lowest_bits(const double* panel, std::int64_t column_count, std::int64_t depth, double* lowest,
                      double* nonzeros);

/// The same of n numbers that lie together, aligned as a panel is.
double sum_of_squares(const double* x, std::int64_t n, double scale);
double lowest_bit(const double* x, std::int64_t n);
std::int64_t count_nonzeros(const double* x, std::int64_t n);

/// squares[j] = norm_from_squares(squares[j], n, scale) (kernels/core/certificate.hpp), each.
void norms_from_squares(double* squares, std::int64_t count, std::int64_t n, double scale);
/// The largest of some numbers at least 0, or NaN or infinity where one of them is.
double largest(const double* x, std::int64_t n);

/// The largest finite magnitude among n numbers that lie together anywhere, or 0.
double largest_finite(const double* x, std::int64_t n);

/// A matrix as it lies in memory: element (k, j) is base[row_offset[k] + column_offset[j]]. Up to panel_slack() numbers
/// before and after an element are read.
struct panel_source {
  const double* base;
  const std::int64_t* row_offset;
  std::int64_t depth;
  const std::int64_t* column_offset;
  std::int64_t column_count;

  panel_source columns(std::int64_t first, std::int64_t count) const {
    return {base, row_offset, depth, column_offset + first, count};
  }
};
/// Copies a matrix of at most panel_width() columns to a panel, and adds to the squares of its columns:
/// squares[j] += sum over k of (scale * panel(k, j))^2, for every padded column; not where `squares` is nullptr.
void pack_panel(const panel_source&, double* panel, double scale, double* squares);

/// One row of finished sums and what bounds their errors:
/// |high + low - exact| <= row_bound * column_norm[j] + row_extra
struct row_of_sums {
  const double* high = nullptr;
  const double* low = nullptr;  ///< where it is 0
  const double* column_norm = nullptr;
  std::int64_t column_count = 0;
  double row_bound = 0;
  double row_extra = 0;
  /// |exact| <= row_norm * column_norm[j] + row_start, where that is known; and the largest of the columns' norms. Rows
  /// without a low part whose every sum is far from overflow are rounded by fewer operations.
  double row_norm = 0, row_start = 0;
  double largest_column_norm = std::numeric_limits<double>::infinity();
};

/// What may prove the sums of a row exact. Those with
///   (row_norm * column_norm[j] + row_start) * terms <= room * min(row_lowest * column_lowest[j], start_lowest), finite,
/// are exact. A zero among them has the sign of `high` where row_nonzeros + column_nonzeros[j] > terms_of_sum.
struct exactness_of_row {
  double row_norm, row_start, row_lowest, start_lowest, terms, room;
  double row_nonzeros, terms_of_sum;
  const double* column_lowest;
  const double* column_nonzeros;
};

/// Rounds a row of sums to the format T. Where the enclosure does not decide (zeros among them) it notes the column in
/// `undecided` and returns how many; `rounded` there means nothing. Both hold column_count elements.
/// For float16, bfloat16, float, double.
template <class T>
std::int64_t decide_row(const row_of_sums&, T* rounded, std::int32_t* undecided);
/// The same, where some sums may be exact.
template <class T>
std::int64_t decide_row(const row_of_sums&, const exactness_of_row&, T* rounded, std::int32_t* undecided);

/// The name of the instruction set in use: "AVX3", "AVX2" ...
const char* instruction_set();

}  // namespace halfulp::kernels
