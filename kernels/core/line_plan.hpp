// Sums of three by three neighbours of every channel, in tiles of whole lines: what those read. Plain C++, tested on the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels {

/// How tiles read a window_product of binary32 numbers whose columns of a line are neighbours in memory and move with their
/// taps by one place. A tile copies a window, all lines and places that its columns read, of a slab of channels at a time;
/// its nine taps are shifts of that. Taps are counted in the order of the places they read.
struct line_plan {
  static constexpr int taps = 3;                            // of both axes
  static constexpr int columns = 56, lines = 2, rows = 32;  // of a tile
  static constexpr int channels = 8;                        // of a slab
  static constexpr int window_lines = lines + taps - 1;     // that a tile reads
  static constexpr int before = 4, most_elements = 64;      // words of a window's line: around its elements are zeros
  static constexpr int pitch = 72;                          // words of a window's line: 8 modulo 32, see image_at
  static constexpr int window_words = window_lines * channels * pitch;
  static constexpr int step_factors = taps * rows * channels;  // of one vertical tap of a slab
  static constexpr int steps_of_slab = taps;
  static constexpr std::int64_t most_channels = std::int64_t{1} << 20;

  int elements, height;                            // of an image's channel: places of a line, and lines
  int line_columns, down;                          // columns of a line, and lines of columns
  int top, left;                                   // the place that the first taps of column 0 read
  int image_channels, slabs;                       // terms of a sum by nine
  bool turned[2];                                  // taps descend with the terms of the vertical, the horizontal axis
  bool pairs;                                      // two sums of even columns lie in 8 bytes that are aligned
  int tiles, group_tiles, image_tiles, row_tiles;  // all, of a group, of an image's rows of tiles, of its rows

  /// Nothing where sums are of another form, what is copied is not aligned to 16 bytes, or places do not fit.
  static std::optional<line_plan> of(const window_product<float>& p);

  HALFULP_HOST_DEVICE int steps() const { return slabs * steps_of_slab; }

  /// Where a tile lies. Tiles of the same columns follow one another: the image that they share stays in the cache.
  struct place {
    std::int64_t group, image, row_tile;
    int line;
  };
  HALFULP_HOST_DEVICE place tile_at(int tile) const {
    const int group = tile / group_tiles, rest = tile - group * group_tiles, across = rest / row_tiles;
    const int image = across / image_tiles;
    return {group, image, rest - across * row_tiles, (across - image * image_tiles) * lines};
  }
  /// Which term of an axis, 0 the vertical one, has a tap.
  HALFULP_HOST_DEVICE std::int64_t term_of(int axis, int tap) const { return turned[axis] ? taps - 1 - tap : tap; }
  /// The line of an image that is a window's line, if there is one.
  HALFULP_HOST_DEVICE int image_line(int first, int line) const { return top + first + line; }
  HALFULP_HOST_DEVICE bool has_line(int line) const {
    return static_cast<unsigned>(line) < static_cast<unsigned>(height);
  }
  /// The word of a line that a column's tap reads: an element from `before` on, or one of the zeros around them.
  HALFULP_HOST_DEVICE int word_of(int column, int tap) const { return before + left + column + tap; }
  /// Where a channel's word of a line lies in a window: the words that the lanes of a warp read at once, four channels of
  /// columns 7 apart, are in 32 banks.
  HALFULP_HOST_DEVICE static constexpr int image_at(int line, int channel, int word) {
    return (line * channels + channel) * pitch + word;
  }
  /// Where a tap's factor lies among those of a step: as lanes hold the fragments of 16 rows and 8 channels, two numbers
  /// beside one another.
  HALFULP_HOST_DEVICE static constexpr int factor_at(int tap, int row, int channel) {
    return (((tap * (rows / 16) + row / 16) * 2 + channel / 4) * 32 + row % 8 * 4 + channel % 4) * 2 + row % 16 / 8;
  }
};

/// Whether tiles of lines take less time than others, on so many places that compute tiles: little of them is empty, and the
/// last tiles keep most of those at work, and the channels are those of whole slabs, since all that copy the line of zeros wait
/// for one another. (Measured: 47 TFLOP/s of full tiles against 38.)
inline bool lines_pay(const window_product<float>& p, const line_plan& plan, std::int64_t places) {
  constexpr double least_full = .8;
  constexpr int least_slabs = 4;
  const std::int64_t turns = (plan.tiles + places - 1) / places;
  const double room = static_cast<double>(turns * places) * line_plan::columns * line_plan::lines * line_plan::rows *
                      plan.slabs * line_plan::channels;
  return plan.slabs >= least_slabs && plan.image_channels % line_plan::channels == 0 &&
         static_cast<double>(p.sums()) * plan.image_channels >= least_full * room;
}

inline std::optional<line_plan> line_plan::of(const window_product<float>& p) {
  constexpr std::int64_t most = std::int64_t{1} << 28;
  const product_axis &v = p.vertical, &h = p.horizontal;
  for (const product_axis* a : {&v, &h})
    if (a->terms != taps || a->column_step != 1 || std::abs(a->term_step) != 1 || a->columns < 1 || a->elements < 1 ||
        a->columns >= most || a->elements >= most || std::abs(a->origin) >= most)
      return std::nullopt;
  if (p.groups < 1 || p.rows < 1 || p.outer_columns < 1 || p.outer_terms < 1 || p.outer_terms > most_channels ||
      p.image.element_step != 1 || p.out.horizontal_step != 1)
    return std::nullopt;
  const auto first = [](const product_axis& a) { return a.origin + (a.term_step < 0 ? 1 - taps : 0); };
  const auto quads = [](std::int64_t step, std::int64_t count) { return count == 1 || step % 4 == 0; };
  const std::int64_t left = first(h);
  if (h.columns > columns || h.elements % 4 != 0 || h.elements > most_elements || left < -before ||
      before + left + columns + taps - 1 > pitch)
    return std::nullopt;
  if (reinterpret_cast<std::uintptr_t>(p.image.data) % 16 != 0 || !quads(p.image.group_step, p.groups) ||
      !quads(p.image.column_step, p.outer_columns) || !quads(p.image.term_step, p.outer_terms) ||
      !quads(p.image.row_step, v.elements))
    return std::nullopt;
  const auto is_even = [](std::int64_t n) { return n % 2 == 0; };
  const auto parts = [](std::int64_t all, int each) { return (all + each - 1) / each; };
  line_plan t{};
  t.elements = static_cast<int>(h.elements);
  t.height = static_cast<int>(v.elements);
  t.line_columns = static_cast<int>(h.columns);
  t.down = static_cast<int>(v.columns);
  t.top = static_cast<int>(first(v));
  t.left = static_cast<int>(left);
  t.image_channels = static_cast<int>(p.outer_terms);
  t.slabs = static_cast<int>(parts(p.outer_terms, channels));
  t.turned[0] = v.term_step < 0;
  t.turned[1] = h.term_step < 0;
  t.pairs = reinterpret_cast<std::uintptr_t>(p.out.data) % 8 == 0 && is_even(h.columns) && is_even(p.out.group_step) &&
            is_even(p.out.row_step) && is_even(p.out.outer_step) && is_even(p.out.vertical_step);
  const double row_tiles = parts(p.rows, rows), image_tiles = parts(v.columns, lines);
  const double group_tiles = row_tiles * image_tiles * p.outer_columns;
  if (p.groups * group_tiles >= most) return std::nullopt;
  t.row_tiles = static_cast<int>(row_tiles);
  t.image_tiles = static_cast<int>(image_tiles);
  t.group_tiles = static_cast<int>(group_tiles);
  t.tiles = static_cast<int>(p.groups) * t.group_tiles;
  return t;
}

}  // namespace halfulp::kernels
