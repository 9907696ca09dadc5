// Tiles of products of residues: their sizes, what their warps share, and which of them do what.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/narrow_deal.hpp>
#include <halfulp/kernels/core/narrow_image.cuh>
#include <halfulp/kernels/core/narrow_rounding.cuh>
#include <halfulp/kernels/core/residue_wgmma.cuh>

namespace halfulp::kernels::cuda {

/// Two groups of four warps multiply, each 64 rows by `columns` columns; a thread of four warps more copies.
template <class Form_, int Columns, int Down = 3, int Across = 3>
struct narrow_tile {
  using form = Form_;
  static constexpr int down = Down, across = Across;  // taps whose products are written out: all, or one at a time
  static constexpr int groups = 2, columns = Columns, all_columns = groups * columns, sums = columns / 2;
  static constexpr int group_threads = 128, multipliers = groups * group_threads, threads = multipliers + group_threads;
  static constexpr int registers = 240, other_registers = 24;
  static constexpr int all_sums = narrow_plan::rows * all_columns;
  static_assert(all_columns % lanes == 0);
};

/// How residues of a tile come to shared memory: slabs of so many pairs of chunks, each to one of the stages.
struct narrow_slabs {
  int pairs, stages, window;
  int factor_bytes, image_bytes;  // of a pair

  __host__ __device__ int stage_bytes() const { return pairs * (factor_bytes + image_bytes); }
};

/// Where the sum of a column goes from its row's first, below 0 where there is none; and how many numbers were rounded that
/// it is made of. Read as four words together.
union narrow_column {
  struct {
    double lost;
    std::int32_t out;
  } is;
  int4 words;
};

/// Barriers of stages that were copied to, and of those that were read.
struct narrow_memory {
  static constexpr int most_stages = 8;
  alignas(8) std::uint64_t full[most_stages], empty[most_stages];
};

/// A tile by its number: tiles of the same columns follow one another.
struct narrow_place {
  std::int64_t group, row_tile;
  int column;
};

/// What the kernel of products is called with.
template <class T, class Tile>
struct narrow_call {
  using form = typename Tile::form;
  window_product<T> p;
  narrow_plan plan;
  narrow_slabs slabs;
  narrow_operands from;
  narrow_table<form> table;
  narrow_deal deal;
  left_sums left;

  __device__ narrow_place place_of(int tile) const {
    const int across = (plan.columns + Tile::all_columns - 1) / Tile::all_columns,
              high = static_cast<int>(plan.row_tiles), above = tile / high, group = above / across;
    return {group, tile - above * high, (above - group * across) * Tile::all_columns};
  }
  /// The fractions of a tile, by rows; and those of the tile that a block begins.
  __device__ std::uint64_t* fractions(int tile) const { return from.fraction + std::int64_t{tile} * Tile::all_sums; }
  __device__ std::uint64_t* begun(int block) const { return fractions(deal.tiles + block); }
};

template <int Registers>
__device__ inline void raise_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Registers));
}
template <int Registers>
__device__ inline void lower_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(Registers));
}
}  // namespace halfulp::kernels::cuda
