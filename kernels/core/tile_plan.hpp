// How tiles of a window_product read their operands, and how their terms are shared out: plain C++, tested on the host.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>

#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels {

/// One digit of a column or a term: its extent, and how far one step of it moves what is read.
struct place_digit {
  unsigned extent;
  int image, factor, vertical, horizontal;
  int bit;  // of the mask of taps, or no_bit
};

/// Where a column or a term lies: elements of the image and of the factor, and places on both axes.
struct alignas(16) tile_place {
  int image, vertical, horizontal, factor;
};

enum class quads_of { none, terms, columns };

/// What tiles need to know of a window_product, in 32 bits. Element (column, term) of the image lies at the sum of both
/// places, or in the padding, which counts as 0.
struct tile_plan {
  static constexpr int no_bit = 32, horizontal_bit = 16, never_bit = 15;
  static constexpr unsigned most_vertical_bits = 15, most_horizontal_bits = 16;

  place_digit column[3], term[3];  // the fastest first
  tile_place origin;               // of column 0
  unsigned vertical_elements, horizontal_elements;
  int rows, columns, depth, factor_row;
  bool image_by_terms;  // lanes that load the image are terms of a column; else columns of a term, whose taps have bits
  bool factor_by_rows;  // lanes that load the factor are rows of a term; else terms of a row
  quads_of image_quads, factor_quads;  // four neighbours lie in 16 bytes that are aligned, and are read or not together
  unsigned channels, taps;  // columns are taps of channels, where quads are of columns: the channels are the fastest

  /// Nothing where a number does not fit, or there is nothing to add up.
  template <class T>
  static std::optional<tile_plan> of(const window_product<T>& p);

  HALFULP_HOST_DEVICE static tile_place place_at(const place_digit (&digits)[3], unsigned k) {
    tile_place at{};
    for (const place_digit& d : digits) {
      const unsigned rest = k / d.extent;
      const int digit = static_cast<int>(k - rest * d.extent);
      at.image += digit * d.image;
      at.factor += digit * d.factor;
      at.vertical += digit * d.vertical;
      at.horizontal += digit * d.horizontal;
      k = rest;
    }
    return at;
  }
  HALFULP_HOST_DEVICE tile_place column_place(unsigned j) const {
    tile_place at = place_at(column, j);
    at.image += origin.image;
    at.vertical += origin.vertical;
    at.horizontal += origin.horizontal;
    return at;
  }
  /// Which column of the product the tiles' column j is.
  HALFULP_HOST_DEVICE unsigned product_column(unsigned j) const {
    const unsigned tap = j / channels;
    return (j - tap * channels) * taps + tap;
  }
  HALFULP_HOST_DEVICE tile_place term_place(unsigned k) const { return place_at(term, k); }
  HALFULP_HOST_DEVICE bool reads(const tile_place& j, const tile_place& k) const {
    return static_cast<unsigned>(j.vertical + k.vertical) < vertical_elements &&
           static_cast<unsigned>(j.horizontal + k.horizontal) < horizontal_elements;
  }
  /// The bits of a term's taps.
  HALFULP_HOST_DEVICE unsigned mask_of_term(unsigned k) const {
    unsigned mask = 0;
    for (const place_digit& d : term) {
      const unsigned rest = k / d.extent;
      if (d.bit != no_bit) mask |= 1u << (static_cast<unsigned>(d.bit) + k - rest * d.extent);
      k = rest;
    }
    return mask;
  }
  /// The bits of the taps by which a column reads padding: a term is read where its mask has none of them.
  HALFULP_HOST_DEVICE unsigned padding_of_column(const tile_place& j) const {
    unsigned mask = 1u << never_bit;
    for (const place_digit& d : term)
      if (d.bit != no_bit)
        for (int i = 0; i < static_cast<int>(d.extent); ++i) {
          const bool reads = d.bit == horizontal_bit
                                 ? static_cast<unsigned>(j.horizontal + i * d.horizontal) < horizontal_elements
                                 : static_cast<unsigned>(j.vertical + i * d.vertical) < vertical_elements;
          if (!reads) mask |= 1u << (d.bit + i);
        }
    return mask;
  }

  /// Finds quads of a product whose elements are binary32 numbers.
  void find_quads(const window_product<float>& p);
};

/// How many terms from the first on lie beside one another in the factor.
inline std::int64_t factor_run(const tile_plan& t) {
  std::int64_t run = 1;
  for (const place_digit& d : t.term)
    if (d.extent > 1) {
      if (d.factor != run) break;
      run *= d.extent;
    }
  return run;
}

inline void tile_plan::find_quads(const window_product<float>& p) {
  const auto aligned = [](const float* data, std::int64_t group_step, std::int64_t groups) {
    return reinterpret_cast<std::uintptr_t>(data) % 16 == 0 && (groups == 1 || group_step % 4 == 0);
  };
  /// Whether all steps but those of `first` are whole quads.
  const auto whole = [](const place_digit(&digits)[3], int place_digit::*step, const place_digit* first) {
    return std::all_of(std::begin(digits), std::end(digits),
                       [&](const place_digit& d) { return &d == first || d.*step % 4 == 0; });
  };
  const auto begins = [](const place_digit& d, int place_digit::*step) { return d.extent % 4 == 0 && d.*step == 1; };
  const std::int64_t run = factor_run(*this);
  bool rest_is_whole = run % 4 == 0 && factor_row % 4 == 0;
  std::int64_t extent = 1;
  for (const place_digit& d : term) {
    rest_is_whole = rest_is_whole && (extent < run || d.factor % 4 == 0);
    extent *= d.extent;
  }
  if (rest_is_whole && aligned(p.factor.data, p.factor.group_step, p.groups)) factor_quads = quads_of::terms;
  if (!aligned(p.image.data, p.image.group_step, p.groups) || origin.image % 4 != 0) return;
  const bool has_masks = p.vertical.terms <= most_vertical_bits && p.horizontal.terms <= most_horizontal_bits;
  if (has_masks && begins(term[0], &place_digit::image) && term[0].bit == no_bit &&
      whole(term, &place_digit::image, term) && whole(column, &place_digit::image, nullptr)) {
    image_quads = quads_of::terms;
    image_by_terms = false;
  } else if (begins(column[2], &place_digit::image) && whole(column, &place_digit::image, column + 2) &&
             whole(term, &place_digit::image, nullptr)) {
    image_quads = quads_of::columns;
    image_by_terms = true;
    channels = column[2].extent;
    taps = column[0].extent * column[1].extent;
    std::rotate(std::begin(column), column + 2, std::end(column));
  }
}

template <class T>
std::optional<tile_plan> tile_plan::of(const window_product<T>& p) {
  constexpr double most = 0x1p30;
  double image = 0, factor = 0, vertical = 0, horizontal = 0;
  bool fits = true;
  const auto digit = [&](std::int64_t extent, std::int64_t i, std::int64_t f, std::int64_t v, std::int64_t h, int bit) {
    const auto far = static_cast<double>(extent - 1);
    image += far * std::abs(static_cast<double>(i));
    factor += far * std::abs(static_cast<double>(f));
    vertical += far * std::abs(static_cast<double>(v));
    horizontal += far * std::abs(static_cast<double>(h));
    fits = fits && static_cast<double>(extent) < most;
    if (extent == 1) i = f = v = h = 0;
    if (!fits || image >= most || factor >= most || vertical >= most || horizontal >= most) {
      fits = false;
      return place_digit{};
    }
    return place_digit{static_cast<unsigned>(extent), static_cast<int>(i), static_cast<int>(f),
                       static_cast<int>(v),           static_cast<int>(h), bit};
  };
  const auto &v = p.vertical, &h = p.horizontal;
  const auto line = p.image.row_step, element = p.image.element_step;
  if (p.rows == 0 || static_cast<double>(p.rows) >= most || static_cast<double>(p.columns()) >= most ||
      static_cast<double>(p.depth()) >= most || p.columns() == 0 || p.depth() == 0)
    return std::nullopt;
  tile_plan t{};
  t.column[0] = digit(h.columns, h.column_step * element, 0, 0, h.column_step, no_bit);
  t.column[1] = digit(v.columns, v.column_step * line, 0, v.column_step, 0, no_bit);
  t.column[2] = digit(p.outer_columns, p.image.column_step, 0, 0, 0, no_bit);
  t.term[0] = digit(h.terms, h.term_step * element, p.factor.horizontal_step, 0, h.term_step, horizontal_bit);
  t.term[1] = digit(v.terms, v.term_step * line, p.factor.vertical_step, v.term_step, 0, 0);
  t.term[2] = digit(p.outer_terms, p.image.term_step, p.factor.outer_step, 0, 0, no_bit);
  const auto rows = digit(p.rows, 0, p.factor.row_step, 0, 0, no_bit);
  image += std::abs(static_cast<double>(v.origin) * static_cast<double>(line)) +
           std::abs(static_cast<double>(h.origin) * static_cast<double>(element));
  vertical += std::abs(static_cast<double>(v.origin));
  horizontal += std::abs(static_cast<double>(h.origin));
  if (!fits || image >= most || vertical >= most || horizontal >= most || v.elements >= most || h.elements >= most)
    return std::nullopt;
  t.origin = {static_cast<int>(v.origin * line + h.origin * element), static_cast<int>(v.origin),
              static_cast<int>(h.origin), 0};
  t.vertical_elements = static_cast<unsigned>(v.elements);
  t.horizontal_elements = static_cast<unsigned>(h.elements);
  t.rows = static_cast<int>(p.rows);
  t.columns = static_cast<int>(p.columns());
  t.depth = static_cast<int>(p.depth());
  t.factor_row = rows.factor;
  t.channels = static_cast<unsigned>(t.columns);
  t.taps = 1;

  /// How many neighbours in a line of 16 lanes lie beside one another.
  const auto neighbours = [](const place_digit(&digits)[3], int place_digit::*step) {
    for (const place_digit& d : digits)
      if (d.extent > 1) return std::min(d.extent, 16u) / std::max(1.0, std::abs(static_cast<double>(d.*step)));
    return 0.0;
  };
  if (t.term[2].extent > 1 && std::abs(t.term[2].image) == 1 && std::abs(t.term[0].image) != 1) {
    std::swap(t.term[1], t.term[2]);
    std::swap(t.term[0], t.term[1]);
  }
  const double along_columns = neighbours(t.column, &place_digit::image);
  t.image_by_terms = neighbours(t.term, &place_digit::image) > along_columns || v.terms > most_vertical_bits ||
                     h.terms > most_horizontal_bits;
  t.factor_by_rows = std::min(t.rows, 16) / std::max(1.0, std::abs(static_cast<double>(t.factor_row))) >
                     neighbours(t.term, &place_digit::factor);
  return t;
}

/// The slabs of all tiles, tile after tile, shared out evenly among workers: a worker's share is one range of them. A tile
/// that several workers share is added up from parts; each leaves at most two, of its first tile and of its last.
struct tile_shares {
  std::int64_t tiles, workers;
  int slabs;  // of each tile

  HALFULP_HOST_DEVICE std::int64_t all() const { return tiles * slabs; }
  HALFULP_HOST_DEVICE std::int64_t first(std::int64_t worker) const {
    return workers == tiles ? worker * slabs : worker * all() / workers;
  }
  /// Whose share a slab is in.
  HALFULP_HOST_DEVICE std::int64_t worker_of(std::int64_t slab) const {
    return workers == tiles ? slab / slabs : ((slab + 1) * workers - 1) / all();
  }
  HALFULP_HOST_DEVICE std::int64_t first_worker(std::int64_t tile) const { return worker_of(tile * slabs); }
  HALFULP_HOST_DEVICE std::int64_t last_worker(std::int64_t tile) const { return worker_of((tile + 1) * slabs - 1); }
  HALFULP_HOST_DEVICE bool is_shared(std::int64_t tile) const { return first_worker(tile) != last_worker(tile); }
  /// At most so many workers share a tile.
  HALFULP_HOST_DEVICE std::int64_t most_parts() const {
    return workers == tiles ? 1 : (slabs - 1) / std::max<std::int64_t>(1, all() / workers) + 2;
  }
  /// The part that a worker leaves of a tile which it shares.
  HALFULP_HOST_DEVICE std::int64_t part(std::int64_t worker, std::int64_t tile) const {
    return 2 * worker + (first(worker) <= tile * slabs ? 1 : 0);
  }

  /// One tile a worker, where that fills the device well and no sum gets long, so that its bound stays small; else shares
  /// as even as may be, of at least `least` slabs. `places`: how many workers the device runs at a time.
  static tile_shares of(std::int64_t tiles, int slabs, std::int64_t places) {
    constexpr std::int64_t least = 8, most = 256, most_shared = std::int64_t{1} << 34;  // products in 64 bits
    const std::int64_t all = tiles * slabs, turns = (tiles + places - 1) / places;
    const bool fills = 10 * tiles >= 9 * turns * places || slabs <= least;
    if ((fills && slabs <= most) || all > most_shared) return {tiles, tiles, slabs};
    const std::int64_t workers = std::max(std::min(places, (all + least - 1) / least), (all + most - 1) / most);
    return {tiles, std::max<std::int64_t>(workers, 1), slabs};
  }
};

}  // namespace halfulp::kernels
