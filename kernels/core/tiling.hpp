#pragma once

#include <algorithm>
#include <cstdint>

#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/product_tile.hpp>

namespace halfulp::kernels {

/// Tiles of a product, in the order in which they are best computed: those of the same rows follow one another. A tile
/// is as large as its sums fit into the second cache, but there are enough of them for every thread.
class tiling {
 public:
  static constexpr std::int64_t most_sums = 49152, most_columns = 768, least_panels = 4;
  static constexpr std::int64_t good_rows = 128, least_rows = 64;  // that columns are worth packing for

  /// Each column stands for `width` columns of sums.
  tiling(std::int64_t groups, const product_shape& shape, std::int64_t threads, std::int64_t width = 1)
      : groups_(groups), rows_(shape.rows), columns_(shape.columns) {
    const std::int64_t panel = panel_width(), wanted = threads == 1 ? 1 : 4 * threads;
    tile_rows_ = even_part(
        rows_, parts(rows_, std::max<std::int64_t>(256, most_sums / 2 / width / std::max<std::int64_t>(1, columns_))),
        8);
    const std::int64_t most =
        std::clamp(most_sums / width / tile_rows_ / panel * panel, panel, most_columns / panel * panel);
    const std::int64_t of_rows = std::max<std::int64_t>(1, groups_ * parts(rows_, tile_rows_));
    const std::int64_t wide = std::min(parts(wanted, of_rows), parts(columns_, least_panels * panel));
    tile_columns_ = even_part(columns_, std::max(parts(columns_, most), wide), panel);
    const std::int64_t of_columns = std::max<std::int64_t>(1, groups_ * column_tiles());
    const std::int64_t high = std::min(parts(wanted, of_columns),
                                       std::max(parts(rows_, good_rows), std::min(threads, parts(rows_, least_rows))));
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

}  // namespace halfulp::kernels
