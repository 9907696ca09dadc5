// The tiles of sums that blocks compute, and the shared memory that they do it in.
#pragma once

#include <cstdint>
#include <type_traits>

#include <halfulp/kernels/core/joined_product.hpp>
#include <halfulp/kernels/core/tile_plan.hpp>
#include <halfulp/kernels/core/window_rounding.cuh>
#include <halfulp/kernels/core/winograd_plan.hpp>

namespace halfulp::kernels::cuda {

/// A block's share: `columns` by `rows` sums, `terms` of each at a time: a slab. A warp has WarpColumns x WarpRows.
/// Quads: of what the image is copied four neighbours at a time, if it is. Filter: what the columns of a patch share; a
/// warp has 16 patches then, and terms are groups of taps.
template <int WarpColumns, int WarpRows, int Down, int Across, int Blocks, bool Joined = false,
          quads_of Quads = quads_of::none, winograd Filter = winograd::none>
struct tile {
  using element = float;                  // of operands
  static constexpr bool joined = Joined;  // rows are those of a joined_product
  static constexpr quads_of quads = Quads;
  static constexpr winograd filter = Filter;
  static constexpr bool has_patches = Filter != winograd::none;
  static constexpr int outputs = outputs_of(Filter);                     // of a patch
  static constexpr bool packed = Filter == winograd::two_of_three_taps;  // taps are packed_taps
  using plan = std::conditional_t<has_patches, winograd_plan, tile_plan>;
  static constexpr int warp_columns = WarpColumns, warp_rows = WarpRows, down = Down, across = Across;
  static constexpr int columns = down * warp_columns, rows = across * warp_rows, terms = 16;
  static constexpr int threads = lanes * down * across;
  static constexpr int blocks = Blocks;            // of a multiprocessor: what their registers leave room for
  static constexpr int stages = 4;                 // slabs that are fetched or multiplied at a time
  static constexpr int known_terms = 2 * threads;  // whose places are known: those of some slabs, and of as many more
  static constexpr int known_slabs = threads / terms;
  /// A thread's sums: of 2 x `pairs` columns and `eights` x 2 rows.
  static constexpr int pairs = warp_columns / 16, eights = warp_rows / 8, sums = pairs * eights * 4;
  /// Terms that one instruction multiplies.
  static constexpr int step = Quads == quads_of::columns ? 16 : 8;
  static constexpr int image_loads = terms * columns / threads, factor_loads = (terms * rows + threads - 1) / threads;
  /// The slabs before which the largest of a thread's sums is noted: of m additions each.
  static constexpr int group = has_patches ? 2 : 4, additions = group * terms;
  static_assert(terms * rows % threads == 0 && down % 2 == 0 && across <= 2);
  static_assert(has_patches ? threads == 128 && across == 2 && warp_columns == 16 * outputs && !joined &&
                                  quads == quads_of::none
                            : columns == 128 && threads % columns == 0);
};

/// The same for operands of 16 bits, which its threads make binary32 numbers: while a slab is multiplied they hold the next.
template <class Tile, class T>
struct short_tile : Tile {
  using element = T;
  static constexpr int stages = 2;
  static_assert(sizeof(T) == 2 && Tile::quads == quads_of::none && !Tile::has_patches);
};
template <class Tile>
inline constexpr bool is_short = sizeof(typename Tile::element) == 2;

/// What the rounding of a tile needs to know of its columns and rows.
template <class Tile>
struct tile_margin {
  std::int64_t out[Tile::columns];
  double column_norm[Tile::columns], row_norm[Tile::rows], start[Tile::rows];
  joined_row row[Tile::joined ? Tile::rows : 1];
  int2 column[Tile::joined ? Tile::columns : 1];  // its vertical and horizontal index
  bool exists[Tile::has_patches ? Tile::columns : 1];
};

/// Where a term of the image lies: its element, and its place on the vertical axis or the mask of its taps.
struct alignas(8) term_place {
  int image, vertical;
};

/// Which tile of which group: its first row and column, and its number.
struct tile_corner {
  std::int64_t tile, group;
  int row, column;
};
/// Some slabs of one tile.
struct tile_piece {
  tile_corner at;
  int first, end;
  std::int64_t worker;
};

/// Operands lie as the bits of binary32 numbers, so that a lane reads four neighbours at once and a warp all banks:
/// image element (term k, column c) at k * columns + c, its eights of columns swapped by k / 2; factor element (row r,
/// term k) at r * terms + k, its eights of terms swapped by r / 2. Terms 8 apart are swapped alike, and so are rows 8 apart
/// and columns 32 apart. The elements of patch j, and the taps of row r, lie term by term, and so far from those of the next
/// that 8 lanes read 8 quads modulo 8. Where quads of terms are copied the image lies like the factor, each column in its slot: those
/// that a warp reads at once are neighbours. Quads stay whole.
template <class Tile>
struct tile_memory {
  /// Words from one patch, and from one row of taps, to the next.
  static constexpr int patch_words = 4 * (Tile::terms + 1), row_words = Tile::packed ? patch_words : 3 * Tile::terms;
  alignas(16) std::uint32_t image[Tile::stages][Tile::has_patches ? Tile::columns / Tile::outputs * patch_words
                                                                  : Tile::terms * Tile::columns];
  alignas(16) std::uint32_t factor[Tile::stages][Tile::rows * (Tile::has_patches ? row_words : Tile::terms)];
  alignas(16) term_place term[Tile::known_terms];
  int term_horizontal[Tile::known_terms], term_factor[Tile::known_terms];
  int2 term_tap[Tile::joined ? Tile::known_terms : 1];
  tile_place column[Tile::columns], row[Tile::joined ? Tile::rows : 1];
  tile_margin<Tile> margin;
  float column_squares[2][Tile::columns], row_squares[2][Tile::rows];
  /// Where a thread's operands of patches lie in both halves of a slab: there are no registers to keep that in.
  uint4 first_operands[Tile::has_patches ? Tile::threads : 1];
  tile_piece piece;  // kept here for the same reason
  bool is_last;

  __device__ static unsigned image_at(unsigned k, unsigned c) { return k * Tile::columns + (c ^ k / 2 % 4 * 8); }
  __device__ static unsigned factor_at(unsigned r, unsigned k) { return r * Tile::terms + (k ^ r / 2 % 2 * 8); }
  __device__ static unsigned patch_at(unsigned j, unsigned k) { return j * patch_words + 4 * k; }
  __device__ static unsigned taps_at(unsigned r, unsigned k) { return r * row_words + (Tile::packed ? 4 : 2) * k; }
  __device__ static unsigned column_of_slot(unsigned s) { return s / 32 * 32 + s % 8 * 4 + s % 32 / 8; }
};

template <class Tile, class T>
__host__ __device__ std::int64_t tiles_down(const window_product<T>& p) {
  return (p.rows + Tile::rows - 1) / Tile::rows;
}
template <class Tile, class T>
__host__ __device__ std::int64_t tiles_across(const window_product<T>& p) {
  return (tile_columns(p, Tile::filter) + Tile::columns - 1) / Tile::columns;
}
/// Tiles of the same columns follow one another: the image that they share stays in the cache.
template <class Tile, class T>
__device__ tile_corner corner_of(const window_product<T>& p, std::int64_t tile) {
  const std::int64_t down = tiles_down<Tile>(p), across = tiles_across<Tile>(p);
  return {tile, tile / down / across, static_cast<int>(tile % down * Tile::rows),
          static_cast<int>(tile / down % across * Tile::columns)};
}

/// Sum k of a thread by its row and column in the tile: columns 4 g + 0 to 3 of each 32 and rows 2 t, 2 t + 1 of each 8,
/// where tensor cores leave them; of patches, those of patch g and then of patch g + 8.
template <class Tile>
struct sum_place {
  int row, column;
  __device__ sum_place(int thread, int k) {
    const int lane = thread % lanes, warp = thread / lanes, pair = k / 4 / Tile::eights;
    row = warp / Tile::down * Tile::warp_rows + k / 4 % Tile::eights * 8 + lane % 4 * 2 + k % 2;
    const int first = warp % Tile::down * Tile::warp_columns, e = k / 2 % 2, output = 2 * pair + e;
    column =
        first + (Tile::has_patches ? (lane / 4 + output / Tile::outputs * 8) * Tile::outputs + output % Tile::outputs
                                   : pair / 2 * 32 + lane / 4 * 4 + pair % 2 * 2 + e);
  }
};

}  // namespace halfulp::kernels::cuda
