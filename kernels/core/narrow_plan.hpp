// Where residues of a product's operands lie, so that the columns of a tile are consecutive places for every tap. Plain
// C++, tested on the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/oracle/core/reciprocal.hpp>

namespace halfulp::kernels {

/// An element of an image, or a column, by its parts; whether it is one.
struct narrow_index {
  int outer, vertical, horizontal;
  bool exists;
};

/// Elements of an image in lines with enough padding after each for all taps, and columns that move by one element: element
/// (outer, vertical, horizontal) and column (outer, vertical, horizontal) both have number
///   (outer * lines + vertical) * width + horizontal
/// and the tap that reads element `column + s` reads the number of the column plus s. An element's place is its number plus
/// `first`.
struct narrow_plan {
  static constexpr int chunk = 16, pair = 2 * chunk, rows = 64;  // terms; of a product of bytes; rows of a tile

  std::int64_t groups, row_tiles, images;
  int lines, width;                // of an image with padding
  int image_lines, image_width;    // of these, elements
  int column_lines, column_width;  // of these, columns
  int first, places;               // of a chunk's residues
  int columns;                     // numbers of columns, those between columns included
  int taps_down, taps_across;
  int tap_down, tap_across, begin;  // steps from one tap to the next, and of the first, from a column's place - `first`
  int least, most;                  // of all taps
  int chunks, channels;             // padded to pairs; as they are

  /// Nothing where steps of columns are not 1, or 32 bits or the bounds of `most_narrow_terms` do not hold.
  template <class T>
  static std::optional<narrow_plan> of(const window_product<T>& p, int tile_columns);

  /// The element at a place; the divisors are of `width` and `lines`.
  HALFULP_HOST_DEVICE narrow_index element_at(int place, const divisor& by_width, const divisor& by_lines) const {
    const int number = place - first;
    const std::uint32_t line = by_width.quotient(static_cast<std::uint32_t>(number < 0 ? 0 : number)),
                        outer = by_lines.quotient(line);
    const int x = number - static_cast<int>(line) * width, y = static_cast<int>(line) - static_cast<int>(outer) * lines;
    return {static_cast<int>(outer), y, x,
            number >= 0 && x < image_width && y < image_lines && static_cast<int>(outer) < images};
  }
  HALFULP_HOST_DEVICE narrow_index column_at(int number) const {
    const int line = number / width, outer = line / lines;
    const int x = number - line * width, y = line - outer * lines;
    return {outer, y, x, x < column_width && y < column_lines && outer < images};
  }
  HALFULP_HOST_DEVICE int taps() const { return taps_down * taps_across; }
  /// Places that a tile of so many columns reads.
  HALFULP_HOST_DEVICE int window(int tile_columns) const { return (tile_columns + most - least + 7) / 8 * 8; }
};

template <class T>
std::optional<narrow_plan> narrow_plan::of(const window_product<T>& p, int tile_columns) {
  constexpr std::int64_t most_number = std::int64_t{1} << 30;
  const product_axis &v = p.vertical, &h = p.horizontal;
  if (v.column_step != 1 || h.column_step != 1 || p.sums() < 1 || p.depth() < 1) return std::nullopt;
  for (const std::int64_t x :
       {v.columns, v.terms, v.elements, h.columns, h.terms, h.elements, p.outer_columns, p.outer_terms})
    if (x > 1 << 20) return std::nullopt;
  const auto reach = [](const product_axis& a, std::int64_t& low, std::int64_t& high) {
    const std::int64_t last = a.origin + (a.terms - 1) * a.term_step;
    low = std::min(a.origin, last);
    high = std::max(a.origin, last);
    if (std::max(-low, high) > 1 << 20) return std::int64_t{0};
    const std::int64_t after = std::max<std::int64_t>({-low, a.columns - 1 + high - (a.elements - 1), 0});
    return std::max(a.elements + after, a.columns);
  };
  std::int64_t low_line, high_line, low, high;
  const std::int64_t lines = reach(v, low_line, high_line), width = reach(h, low, high);
  if (lines < 1 || width < 1) return std::nullopt;
  const auto product = static_cast<double>(lines) * static_cast<double>(width);
  if (product * static_cast<double>(p.outer_columns + 4) > most_number) return std::nullopt;
  const auto last_column = static_cast<double>(p.outer_columns - 1) * static_cast<double>(p.out.outer_step) +
                           static_cast<double>(v.columns - 1) * static_cast<double>(p.out.vertical_step) +
                           static_cast<double>(h.columns - 1) * static_cast<double>(p.out.horizontal_step);
  if (last_column > most_number) return std::nullopt;
  narrow_plan n{};
  n.groups = p.groups;
  n.row_tiles = (p.rows + rows - 1) / rows;
  n.images = p.outer_columns;
  n.lines = static_cast<int>(lines);
  n.width = static_cast<int>(width);
  n.image_lines = static_cast<int>(v.elements);
  n.image_width = static_cast<int>(h.elements);
  n.column_lines = static_cast<int>(v.columns);
  n.column_width = static_cast<int>(h.columns);
  n.taps_down = static_cast<int>(v.terms);
  n.taps_across = static_cast<int>(h.terms);
  n.tap_down = static_cast<int>(v.term_step * width);
  n.tap_across = static_cast<int>(h.term_step);
  n.begin = static_cast<int>(v.origin * width + h.origin);
  n.least = static_cast<int>(low_line * width + low);
  n.most = static_cast<int>(high_line * width + high);
  n.columns = static_cast<int>(((p.outer_columns - 1) * lines + v.columns - 1) * width + h.columns);
  n.first = (std::max(0, -n.least) + 7) / 8 * 8;
  const int tiles = (n.columns + tile_columns - 1) / tile_columns;
  // Windows begin at the first column's place + least, wherever that is.
  n.places = (n.first + (tiles - 1) * tile_columns + std::max(n.least, 0) + n.window(tile_columns) + 7) / 8 * 8;
  n.channels = static_cast<int>(p.outer_terms);
  n.chunks = static_cast<int>((p.outer_terms + pair - 1) / pair * (pair / chunk));
  // Blocks are counted by 32 bits, and by 16 those of chunks.
  constexpr double most_residues = 0x1p34;
  const double residues = static_cast<double>(n.groups) * n.chunks * n.places * chunk;
  if (n.groups * n.chunks > 65535 || residues > most_residues) return std::nullopt;
  return n;
}

}  // namespace halfulp::kernels
