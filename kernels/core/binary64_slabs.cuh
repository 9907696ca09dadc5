// What tiles of binary64 numbers load, slab by slab, and how slabs are dealt to blocks.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/magnitudes.cuh>
#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels::cuda {

/// A block's share: Columns x Rows sums, `terms` of each at a time; a thread has 4 x 8 of them, a warp 64 x 16.
template <int Columns, int Rows>
struct binary64_tile {
  static constexpr int columns = Columns, rows = Rows, terms = 16, threads = 128, stages = 3, blocks = 2;
  static constexpr int sums = Columns * Rows;
  static constexpr int columns_of_thread = 4, rows_of_thread = 8, sums_of_thread = columns_of_thread * rows_of_thread;
  static constexpr int warps_down = Columns / 64;
  static constexpr int image_loads = terms * Columns / threads, factor_loads = terms * Rows / threads;
  static constexpr int turns = 4, most_slabs = 128;  // of a slab's loads; until totals are put aside
  static constexpr int places = 4;                   // slabs whose places are in shared memory, or on their way
  // Lines of both begin at a multiple of 16 bytes, as loads of two numbers ask for.
  static constexpr int image_step = Columns + 2, factor_step = Rows + 2;
  static_assert(sums == threads * sums_of_thread);
};

/// Where a term lies in the image, and by which taps; -1: past the last term.
struct alignas(16) image_place {
  std::int64_t image;
  int vertical, horizontal;
};

/// The terms of a product, and what fills the last slab.
struct binary64_terms {
  image_place* image;
  std::int64_t* factor;
};

struct find_binary64_term {
  window_product<double> p;
  binary64_terms table;

  __device__ void operator()(std::int64_t i) const {
    const window_index t = term_at(p, i);
    const bool is_term = i < p.depth();
    table.image[i] = {t.outer * p.image.term_step + t.vertical * p.vertical.term_step * p.image.row_step +
                          t.horizontal * p.horizontal.term_step * p.image.element_step,
                      is_term ? static_cast<int>(t.vertical) : -1, is_term ? static_cast<int>(t.horizontal) : -1};
    table.factor[i] =
        t.outer * p.factor.outer_step + t.vertical * p.factor.vertical_step + t.horizontal * p.factor.horizontal_step;
  }
};

/// What the loads of a column need: the terms that it reads, and how many.
struct alignas(16) binary64_column {
  std::int64_t image;
  int first_line, first_element;
  unsigned lines, width;
};

/// The n-th element of a slab of an operand that a thread loads: neighbours of one warp lie side by side in memory, be they
/// terms of one line or lines of one term.
template <int Lines, int Terms, int Threads>
struct slab_element {
  int term, line;

  __device__ slab_element(bool along_terms, int thread, int n)
      : term(along_terms ? thread % Terms : (thread + n * Threads) / Lines),
        line(along_terms ? thread / Terms + n * (Threads / Terms) : (thread + n * Threads) % Lines) {}
};

struct tile_loads {
  bool image_along_terms, factor_along_terms;
};

/// All slabs of all tiles, in one row, dealt to the blocks in runs of equal length. A tile that several blocks have runs of
/// is finished by whoever comes last; what the others have is left in device memory.
struct slab_runs {
  std::int64_t tiles, slabs, blocks;
  double2* totals;    // two tiles of them for each block: of a run's first tile, and of its last
  unsigned* arrived;  // of each tile; 0 at first

  __host__ __device__ std::int64_t first(std::int64_t block) const {  // without overflow: block <= blocks
    const std::int64_t all = tiles * slabs;
    return all / blocks * block + all % blocks * block / blocks;
  }
  /// The block whose run holds a slab.
  __device__ std::int64_t block_of(std::int64_t slab) const {
    const auto guess = static_cast<double>(slab) / static_cast<double>(tiles * slabs) * static_cast<double>(blocks);
    std::int64_t b = min(static_cast<std::int64_t>(guess), blocks - 1);
    while (b + 1 < blocks && first(b + 1) <= slab) ++b;
    while (first(b) > slab) --b;
    return b;
  }
  template <class Tile>
  __device__ double2* totals_of(std::int64_t block, bool begins_tile) const {
    return totals + (2 * block + (begins_tile ? 1 : 0)) * Tile::sums;
  }
};

/// Slabs [first, end) of a tile.
struct tile_run {
  std::int64_t tile;
  int first, end;
};

struct magnitude_table {
  const operand_range *image, *factor;  // of groups x outer columns, groups x rows
};

template <class Tile>
struct binary64_memory {
  double image[Tile::stages][Tile::terms * Tile::image_step];
  double factor[Tile::stages][Tile::terms * Tile::factor_step];
  image_place term[Tile::places][Tile::terms];
  std::int64_t factor_term[Tile::places][Tile::terms];
  binary64_column column[Tile::columns];
  std::int64_t out[Tile::columns];
  operand_range column_range[Tile::columns], row_range[Tile::rows];
  double start[Tile::rows];
  bool is_last;
};

/// Copies *from, or 0 unless `reads`, into shared memory; done when waited for.
__device__ inline void copy_or_zero(double* to, const double* from, bool reads) {
  asm volatile(
      "cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(to))),
      "l"(from), "r"(reads ? 8 : 0));
}
__device__ inline void copy(void* to, const void* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8;" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(to))),
               "l"(from));
}
__device__ inline void end_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Waits until no more than `Groups` of the groups of copies that this thread ended are under way.
template <int Groups>
__device__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
}

}  // namespace halfulp::kernels::cuda
