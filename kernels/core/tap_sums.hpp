// Sums over the positions of planes for each tap, without packing them: for weight gradients of groups with few
// channels, where packing would cost more than the sums.
#pragma once

#include <cstdint>

namespace halfulp::kernels {

/// The sum of tap t is
///   sum over r < rows, c < columns of by[r * columns + c] * base[r * row_step + c + tap_offset[t]].
/// Up to panel_slack() numbers after an element of either are read.
struct tap_planes {
  const double* base;
  std::int64_t row_step;
  const double* by;
  std::int64_t rows, columns;
  const std::int64_t* tap_offset;
  std::int64_t taps;
};

/// high[t] + low[t] += the sum of tap t, added recursively and joined by two_sum. For factors of at most 24 bits
/// |high + low - exact| <= joined_bound(tap_additions(rows, columns), joins) * sum |products|  (certificate.hpp)
/// after `joins` calls.
void add_tap_sums(const tap_planes&, double* high, double* low);

/// How many additions a product takes part in before its sum is joined.
std::int64_t tap_additions(std::int64_t rows, std::int64_t columns);

}  // namespace halfulp::kernels
