// Tiles of a window_product of binary64 numbers, summed by extraction on the units of ordinary arithmetic.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/extraction.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// A block's share: Columns x Rows sums, `terms` of each at a time; a thread has 4 x 4 of them, a warp 32 x 16.
template <int Columns, int Rows>
struct binary64_tile {
  static constexpr int columns = Columns, rows = Rows, terms = 16, threads = 256, stages = 3, blocks = 2;
  static constexpr int sums = Columns * Rows, sums_of_thread = sums / threads;
  static constexpr int warps_down = Columns / 32;
  static constexpr int image_loads = terms * Columns / threads, image_terms = threads / Columns;
  static constexpr int factor_loads = terms * Rows / threads, factor_rows = threads / terms;
  // Lines of both begin at a multiple of 16 bytes, as loads of two numbers ask for.
  static constexpr int image_step = Columns + 2, factor_step = Rows + 2;
  static_assert(sums == 4096);
};

/// Where a term lies in both operands, and by which taps; -1: past the last term.
struct alignas(32) binary64_term {
  std::int64_t image;
  int vertical, horizontal;
  std::int64_t factor;
};

struct find_binary64_term {
  window_product<double> p;
  binary64_term* table;

  __device__ void operator()(std::int64_t i) const {
    const window_index t = term_at(p, i);
    const bool is_term = i < p.depth();
    table[i] = {t.outer * p.image.term_step + t.vertical * p.vertical.term_step * p.image.row_step +
                    t.horizontal * p.horizontal.term_step * p.image.element_step,
                is_term ? static_cast<int>(t.vertical) : -1, is_term ? static_cast<int>(t.horizontal) : -1,
                t.outer * p.factor.outer_step + t.vertical * p.factor.vertical_step +
                    t.horizontal * p.factor.horizontal_step};
  }
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
  const double *image, *factor;  // of groups x outer columns, groups x rows
};

template <class Tile>
struct binary64_memory {
  double image[Tile::stages][Tile::terms * Tile::image_step];
  double factor[Tile::stages][Tile::terms * Tile::factor_step];
  std::int64_t out[Tile::columns];
  double column_largest[Tile::columns], row_largest[Tile::rows], start[Tile::rows];
  bool is_last;
};

/// Copies *from, or 0 unless `reads`, into shared memory; done when waited for.
__device__ inline void copy_or_zero(double* to, const double* from, bool reads) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(
                   static_cast<unsigned>(__cvta_generic_to_shared(to))),
               "l"(from), "r"(reads ? 8 : 0)
               : "memory");
}
__device__ inline void end_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Waits until no more than `Groups` of the groups of copies that this thread ended are under way.
template <int Groups>
__device__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
}

template <class Tile>
class binary64_product {
 public:
  __device__ binary64_product(const window_product<double>& p, const binary64_term* terms, const magnitude_table& largest,
                              binary64_memory<Tile>& memory)
      : p_(p), terms_(terms), largest_(largest), memory_(memory), thread_(static_cast<int>(threadIdx.x)) {}

  __device__ void round(const tile_run& run, const slab_runs& runs, const left_sums& left) {
    begin(run.tile);
    add_up(run.first, run.end);
    std::int64_t blocks = 1;
    if (run.end - run.first == runs.slabs || take_runs(run, runs, blocks)) decide_all(blocks, left);
    __syncthreads();
  }

 private:
  using summand = extracted_sum;

  /// What this thread loads, and what the whole tile needs to begin and to end. Tiles of the same columns follow one
  /// another: the image that they share stays in the cache.
  __device__ void begin(std::int64_t tile) {
    const std::int64_t down = (p_.rows + Tile::rows - 1) / Tile::rows;
    const std::int64_t across = (p_.columns() + Tile::columns - 1) / Tile::columns;
    group_ = tile / down / across;
    row_ = tile % down * Tile::rows;
    column_ = tile / down % across * Tile::columns;
    const int c = thread_ % Tile::columns;
    const std::int64_t j = column_ + c;
    const window_index at = column_at(p_, j < p_.columns() ? j : 0);
    const auto down_read = terms_read(p_.vertical, at.vertical), across_read = terms_read(p_.horizontal, at.horizontal);
    halfulp::run m("window_product");
    image_ = p_.image.data + group_ * p_.image.group_step + at.outer * p_.image.column_step +
             (at.vertical * p_.vertical.column_step + p_.vertical.origin) * p_.image.row_step +
             (at.horizontal * p_.horizontal.column_step + p_.horizontal.origin) * p_.image.element_step;
    first_line_ = static_cast<int>(down_read.first);
    first_element_ = static_cast<int>(across_read.first);
    lines_ = j < p_.columns() ? static_cast<unsigned>(down_read.count(m)) : 0;
    width_ = static_cast<unsigned>(across_read.count(m));
    const std::int64_t first = row_ + thread_ / Tile::terms;
    factor_ = p_.factor.data + group_ * p_.factor.group_step + first * p_.factor.row_step;
    rows_left_ = static_cast<int>(min(p_.rows - first, static_cast<std::int64_t>(Tile::rows)));
    if (thread_ < Tile::columns) {
      memory_.out[c] =
          at.outer * p_.out.outer_step + at.vertical * p_.out.vertical_step + at.horizontal * p_.out.horizontal_step;
      memory_.column_largest[c] = largest_.image[group_ * p_.outer_columns + at.outer];
    }
    if (thread_ < Tile::rows) {
      const std::int64_t r = group_ * p_.rows + row_ + thread_;
      const bool has = row_ + thread_ < p_.rows;
      memory_.row_largest[thread_] = has ? largest_.factor[r] : 0;
      memory_.start[thread_] = has && p_.start != nullptr ? p_.start[r] : 0;
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int j2 = 0; j2 < 4; ++j2) sum_[i][j2] = summand(span(row_of(i), column_of(j2)));
  }

  /// The thread's i-th row and column of the tile: two pairs each, so that a warp's lanes load neighbours.
  __device__ int row_of(int i) const {
    return thread_ / lanes / Tile::warps_down * 16 + thread_ % lanes / 8 * 2 + i / 2 * 8 + i % 2;
  }
  __device__ int column_of(int j) const {
    return thread_ / lanes % Tile::warps_down * 32 + thread_ % 8 * 2 + j / 2 * 16 + j % 2;
  }
  __device__ double span(int row, int column) const {
    return span_of(static_cast<double>(p_.depth()), memory_.row_largest[row], memory_.column_largest[column]);
  }

  __device__ void add_up(int first, int end) {
    for (int s = first; s < first + Tile::stages - 1; ++s) load(s, s < end);
    for (int s = first; s < end; ++s) {
      wait_for_copies<Tile::stages - 2>();
      __syncthreads();
      load(s + Tile::stages - 1, s + Tile::stages - 1 < end);
      multiply(s % Tile::stages);
    }
    wait_for_copies<0>();
  }

  __device__ void load(int slab, bool exists) {
    if (exists) {
      double* image = memory_.image[slab % Tile::stages] + thread_ / Tile::columns * Tile::image_step +
                      thread_ % Tile::columns;
      const binary64_term* terms = terms_ + static_cast<std::int64_t>(slab) * Tile::terms;
#pragma unroll
      for (int i = 0; i < Tile::image_loads; ++i) {
        const binary64_term& t = terms[thread_ / Tile::columns + i * Tile::image_terms];
        const bool reads = static_cast<unsigned>(t.vertical - first_line_) < lines_ &&
                           static_cast<unsigned>(t.horizontal - first_element_) < width_;
        copy_or_zero(image + i * Tile::image_terms * Tile::image_step, reads ? image_ + t.image : p_.image.data, reads);
      }
      double* factor = memory_.factor[slab % Tile::stages] + thread_ % Tile::terms * Tile::factor_step +
                       thread_ / Tile::terms;
      const binary64_term& t = terms[thread_ % Tile::terms];
#pragma unroll
      for (int i = 0; i < Tile::factor_loads; ++i) {
        const bool reads = t.vertical >= 0 && i * Tile::factor_rows < rows_left_;
        copy_or_zero(factor + i * Tile::factor_rows,
                     reads ? factor_ + t.factor + i * Tile::factor_rows * p_.factor.row_step : p_.factor.data, reads);
      }
    }
    end_copies();
  }

  __device__ void multiply(int stage) {
    const double* image = memory_.image[stage] + column_of(0);
    const double* factor = memory_.factor[stage] + row_of(0);
#pragma unroll 4
    for (int k = 0; k < Tile::terms; ++k, image += Tile::image_step, factor += Tile::factor_step) {
      double a[4], b[4];
#pragma unroll
      for (int i = 0; i < 4; i += 2) {
        const double2 x = *reinterpret_cast<const double2*>(factor + i / 2 * 8);
        const double2 y = *reinterpret_cast<const double2*>(image + i / 2 * 16);
        a[i] = x.x;
        a[i + 1] = x.y;
        b[i] = y.x;
        b[i + 1] = y.y;
      }
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) sum_[i][j].add_product(a[i], b[j]);
    }
  }

  /// Leaves the totals of this run for whoever comes last; the last one adds up those of all runs, in their order. False:
  /// not the last one. `high` less its beginning is exact, and so are sums of these (kernels/core/extraction.cuh).
  __device__ bool take_runs(const tile_run& run, const slab_runs& runs, std::int64_t& blocks) {
    const std::int64_t first = runs.block_of(run.tile * runs.slabs), last = runs.block_of((run.tile + 1) * runs.slabs - 1);
    blocks = last - first + 1;
    double2* totals = runs.template totals_of<Tile>(blockIdx.x, run.first == 0);
#pragma unroll
    for (int k = 0; k < Tile::sums_of_thread; ++k) {
      const summand& s = sum_[k / 4][k % 4];
      totals[k * Tile::threads + thread_] = {s.high - 1.5 * span(row_of(k / 4), column_of(k % 4)), s.low};
    }
    __threadfence();
    __syncthreads();
    if (thread_ == 0)
      memory_.is_last = atomicAdd(runs.arrived + run.tile, 1u) + 1 == static_cast<unsigned>(blocks);
    __syncthreads();
    if (!memory_.is_last) return false;
    __threadfence();
#pragma unroll
    for (int k = 0; k < Tile::sums_of_thread; ++k) sum_[k / 4][k % 4] = summand();
    for (std::int64_t b = first; b <= last; ++b) {
      const double2* others = runs.template totals_of<Tile>(b, b == first);
#pragma unroll
      for (int k = 0; k < Tile::sums_of_thread; ++k) {
        const double2 part = __ldcg(others + k * Tile::threads + thread_);
        sum_[k / 4][k % 4].high += part.x;
        sum_[k / 4][k % 4].low += part.y;
      }
    }
    return true;
  }

  __device__ void decide_all(std::int64_t blocks, const left_sums& left) {
    const double bound = extraction_bound(p_.depth(), p_.depth() + blocks);
    double* out = p_.out.data + group_ * p_.out.group_step;
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        const int r = row_of(i), c = column_of(j);
        if (row_ + r >= p_.rows || column_ + c >= p_.columns()) continue;
        const double s = span(r, c);
        const double high = blocks == 1 ? sum_[i][j].high - 1.5 * s : sum_[i][j].high;
        double rounded;
        const bool known = round_if_decided(high, sum_[i][j].low, memory_.start[r], bound * s, rounded);
        out[(row_ + r) * p_.out.row_step + memory_.out[c]] = rounded;
        if (!known) left.add((group_ * p_.rows + row_ + r) * p_.columns() + column_ + c);
      }
  }

  const window_product<double>& p_;
  const binary64_term* terms_;
  const magnitude_table largest_;
  binary64_memory<Tile>& memory_;
  int thread_, rows_left_ = 0, first_line_ = 0, first_element_ = 0;
  unsigned lines_ = 0, width_ = 0;
  std::int64_t group_ = 0, row_ = 0, column_ = 0;
  const double *image_ = nullptr, *factor_ = nullptr;
  summand sum_[4][4];
};

template <class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    round_binary64_tiles(const __grid_constant__ window_product<double> p, const binary64_term* terms,
                         magnitude_table largest, slab_runs runs, left_sums left) {
  extern __shared__ __align__(16) unsigned char shared[];
  binary64_product<Tile> product(p, terms, largest, *reinterpret_cast<binary64_memory<Tile>*>(shared));
  const std::int64_t end = runs.first(blockIdx.x + 1);
  for (std::int64_t at = runs.first(blockIdx.x); at < end;) {
    const std::int64_t tile = at / runs.slabs, of_tile = tile * runs.slabs;
    const std::int64_t until = min(end, of_tile + runs.slabs);
    product.round({tile, static_cast<int>(at - of_tile), static_cast<int>(until - of_tile)}, runs, left);
    at = until;
  }
}

}  // namespace halfulp::kernels::cuda
