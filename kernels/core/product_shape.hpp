#pragma once

#include <cstdint>

#include <halfulp/kernels/core/patch_axis.hpp>

namespace halfulp::kernels {

/// A matrix product of sums: element (i, j) is start(i) + sum over k of row(i, k) * column(k, j).
struct product_shape {
  std::int64_t rows, columns, depth;
  double row_scale, column_scale;  ///< powers of two that bring the largest finite |row(i, k)|, |column(k, j)| below 2
};

/// Which part of a product a tile holds.
struct tile_range {
  index_interval rows, columns;
};

}  // namespace halfulp::kernels
