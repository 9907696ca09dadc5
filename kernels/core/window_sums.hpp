// Sums over the windows of planes, without packing them: for products of few rows, where packing would cost more than
// the sums.
#pragma once

#include <cstdint>

namespace halfulp::kernels {

/// Rows of windows over planes of binary64 numbers: the sum of window (r, c) is
///   start + sum over k of weight[k] * base[r * row_step + c + tap_offset[k]].
/// Up to panel_slack() numbers after an element of a window are read.
struct window_rows {
  const double* base;
  std::int64_t row_step, rows, columns;
  const std::int64_t* tap_offset;
  const double* weight;
  std::int64_t taps;
  double start;
  double bound;   ///< |sum - exact| <= bound * (|start| + sum |products|), these added up in binary64
  double radius;  ///< |sum - exact| <= radius for every window
  bool exact;     ///< every sum is exact
  /// The windows of rows [full_row, full_row_end) and columns [full_column, full_column_end) read no padding.
  std::int64_t full_row, full_row_end, full_column, full_column_end;
};

/// Rounds the sums to the format T; rows of `out` are `out_step` apart. Windows that are not decided are noted in
/// `undecided`, which holds rows * columns numbers, as r * columns + c; where the sum is known to be an exact zero and
/// only its sign is not, the bits of that number are flipped. Returns how many. For float16, bfloat16, float.
template <class T>
std::int64_t round_windows(const window_rows&, T* out, std::int64_t out_step, std::int64_t* undecided);

}  // namespace halfulp::kernels
