// Tiles of a window_product of binary64 numbers, summed by extraction on the units of ordinary arithmetic.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/binary64_slabs.cuh>
#include <halfulp/kernels/core/extraction.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

template <class Tile>
class binary64_product {
 public:
  __device__ binary64_product(const window_product<double>& p, const binary64_terms& terms, const tile_loads& loads,
                              const magnitude_table& ranges, binary64_memory<Tile>& memory)
      : p_(p), terms_(terms), loads_(loads), ranges_(ranges), memory_(memory), thread_(static_cast<int>(threadIdx.x)) {}

  __device__ void round(const tile_run& run, const slab_runs& runs, const left_sums& left) {
    begin(run.tile);
    double2* totals = runs.template totals_of<Tile>(blockIdx.x, run.first == 0);
    add_up(run, totals);
    const bool whole = run.end - run.first == runs.slabs, some_aside = run.end - run.first > Tile::most_slabs;
    if (whole && !some_aside) {
      finish_alone();
      decide_all(0, left);
    } else {
      put_aside(totals, !some_aside);
      const std::int64_t first = runs.block_of(run.tile * runs.slabs),
                         last = runs.block_of((run.tile + 1) * runs.slabs - 1);
      if (whole) take_back(totals);
      if (whole || take_runs(run, runs, first, last))
        decide_all(runs.slabs / Tile::most_slabs + last - first + 2, left);
    }
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
    factor_ = p_.factor.data + group_ * p_.factor.group_step + row_ * p_.factor.row_step;
    for (int c = thread_; c < Tile::columns; c += Tile::threads) begin_column(c);
    if (thread_ < Tile::rows) {
      const std::int64_t r = group_ * p_.rows + row_ + thread_;
      const bool has = row_ + thread_ < p_.rows;
      memory_.row_range[thread_] = has ? ranges_.factor[r] : operand_range{};
      memory_.start[thread_] = has && p_.start != nullptr ? p_.start[r] : 0;
    }
    __syncthreads();
    clear();
  }

  __device__ void begin_column(int c) {
    const std::int64_t j = column_ + c;
    const window_index at = column_at(p_, j < p_.columns() ? j : 0);
    const auto down = terms_read(p_.vertical, at.vertical), across = terms_read(p_.horizontal, at.horizontal);
    halfulp::run m("window_product");
    memory_.column[c] = {group_ * p_.image.group_step + at.outer * p_.image.column_step +
                             (at.vertical * p_.vertical.column_step + p_.vertical.origin) * p_.image.row_step +
                             (at.horizontal * p_.horizontal.column_step + p_.horizontal.origin) * p_.image.element_step,
                         static_cast<int>(down.first), static_cast<int>(across.first),
                         j < p_.columns() ? static_cast<unsigned>(down.count(m)) : 0,
                         static_cast<unsigned>(across.count(m))};
    memory_.out[c] =
        at.outer * p_.out.outer_step + at.vertical * p_.out.vertical_step + at.horizontal * p_.out.horizontal_step;
    memory_.column_range[c] = ranges_.image[group_ * p_.outer_columns + at.outer];
  }

  /// The thread's i-th row and column of the tile: two pairs each, so that a warp's lanes load neighbours.
  __device__ int row_of(int i) const {
    return thread_ / lanes / Tile::warps_down * 16 + thread_ % lanes / 16 * 2 + i / 2 * 4 + i % 2;
  }
  __device__ int column_of(int j) const {
    return thread_ / lanes % Tile::warps_down * 64 + thread_ % 16 * 2 + j / 2 * 32 + j % 2;
  }
  __device__ summand& sum_at(int k) { return sum_[k / Tile::columns_of_thread][k % Tile::columns_of_thread]; }
  /// Of the terms that are added up before totals are put aside.
  __device__ double span(int row, int column) const {
    const auto terms = static_cast<double>(min(p_.depth(), std::int64_t{Tile::most_slabs * Tile::terms}));
    return span_of(terms, memory_.row_range[row].largest, memory_.column_range[column].largest);
  }
  __device__ void clear() {
#pragma unroll
    for (int i = 0; i < Tile::rows_of_thread; ++i)
#pragma unroll
      for (int j = 0; j < Tile::columns_of_thread; ++j) sum_[i][j] = summand(span(row_of(i), column_of(j)));
  }

  /// Totals are put aside whenever as many slabs have been added up as `span` is for.
  __device__ void add_up(const tile_run& run, double2* totals) {
    for (int s = run.first; s < run.first + Tile::places; ++s) load_places(s, s < run.end);
    end_copies();
    wait_for_copies<0>();
    __syncthreads();
    for (int s = run.first; s < run.first + Tile::stages - 1; ++s) {
      for (int turn = 0; turn < Tile::turns; ++turn) load(s, turn, s < run.end);
      end_copies();
    }
    for (int s = run.first; s < run.end; ++s) {
      if (s > run.first && (s - run.first) % Tile::most_slabs == 0) {
        put_aside(totals, s - run.first == Tile::most_slabs);
        clear();
      }
      wait_for_copies<Tile::stages - 2>();
      __syncthreads();
      const int next = s + Tile::stages - 1;
#pragma unroll 1
      for (int turn = 0; turn < Tile::turns; ++turn) {
        load(next, turn, next < run.end);
        multiply(s % Tile::stages, turn);
      }
      load_places(s + Tile::places, s + Tile::places < run.end);
      end_copies();
    }
    wait_for_copies<0>();
  }

  /// Where the terms of a slab lie, `stages` - 1 turns before they are loaded.
  __device__ void load_places(int slab, bool exists) {
    constexpr int words = sizeof(image_place) / sizeof(std::int64_t) * Tile::terms;
    static_assert(words + Tile::terms <= Tile::threads && Tile::places == 2 * (Tile::stages - 1));
    if (!exists || thread_ >= words + Tile::terms) return;
    const std::int64_t first = static_cast<std::int64_t>(slab) * Tile::terms;
    if (thread_ < words)
      copy(reinterpret_cast<std::int64_t*>(memory_.term[slab % Tile::places]) + thread_,
           reinterpret_cast<const std::int64_t*>(terms_.image + first) + thread_);
    else
      copy(memory_.factor_term[slab % Tile::places] + thread_ - words, terms_.factor + first + thread_ - words);
  }

  /// This thread's share of a slab, in as many turns as it is multiplied in.
  __device__ void load(int slab, int turn, bool exists) {
    if (!exists) return;
    const image_place* terms = memory_.term[slab % Tile::places];
    constexpr int images = Tile::image_loads / Tile::turns;
    static_assert(images * Tile::turns == Tile::image_loads);
#pragma unroll
    for (int n = 0; n < images; ++n) {
      const slab_element<Tile::columns, Tile::terms, Tile::threads> e(loads_.image_along_terms, thread_,
                                                                      turn * images + n);
      const image_place t = terms[e.term];
      const binary64_column at = memory_.column[e.line];
      const bool reads = static_cast<unsigned>(t.vertical - at.first_line) < at.lines &&
                         static_cast<unsigned>(t.horizontal - at.first_element) < at.width;
      copy_or_zero(memory_.image[slab % Tile::stages] + e.term * Tile::image_step + e.line,
                   p_.image.data + (reads ? at.image + t.image : 0), reads);
    }
    constexpr int factors = Tile::factor_loads < Tile::turns ? 1 : Tile::factor_loads / Tile::turns;
    if (turn * factors >= Tile::factor_loads) return;
#pragma unroll
    for (int n = 0; n < factors; ++n) {
      const slab_element<Tile::rows, Tile::terms, Tile::threads> e(loads_.factor_along_terms, thread_,
                                                                   turn * factors + n);
      const bool reads = terms[e.term].vertical >= 0 && row_ + e.line < p_.rows;
      const std::int64_t at = memory_.factor_term[slab % Tile::places][e.term] + e.line * p_.factor.row_step;
      copy_or_zero(memory_.factor[slab % Tile::stages] + e.term * Tile::factor_step + e.line,
                   factor_ + (reads ? at : 0), reads);
    }
  }

  __device__ void multiply(int stage, int turn) {
    constexpr int terms = Tile::terms / Tile::turns;
    const double* image = memory_.image[stage] + turn * terms * Tile::image_step + column_of(0);
    const double* factor = memory_.factor[stage] + turn * terms * Tile::factor_step + row_of(0);
#pragma unroll
    for (int k = 0; k < terms; ++k, image += Tile::image_step, factor += Tile::factor_step) {
      double a[Tile::rows_of_thread], b[Tile::columns_of_thread];
      load_pairs(a, factor, 4);
      load_pairs(b, image, 32);
#pragma unroll
      for (int i = 0; i < Tile::rows_of_thread; i += 2) add_products<2>(sum_ + i, a + i, b);
    }
  }
  /// Pairs of numbers that lie `step` apart in shared memory.
  template <int N>
  static __device__ void load_pairs(double (&to)[N], const double* from, int step) {
#pragma unroll
    for (int i = 0; i < N; i += 2) {
      const double2 pair = *reinterpret_cast<const double2*>(from + i / 2 * step);
      to[i] = pair.x;
      to[i + 1] = pair.y;
    }
  }

  /// The sum as it stands, without what `high` began from.
  __device__ double2 total_of(int k) {
    const int i = k / Tile::columns_of_thread, j = k % Tile::columns_of_thread;
    return {sum_[i][j].high - 1.5 * span(row_of(i), column_of(j)), sum_[i][j].low};
  }
  static __device__ double2 join(double2 a, double2 b) {
    const double_double s = two_sum(a.x, b.x);
    return {s.hi, a.y + (b.y + s.lo)};
  }
  /// Adds the sums to those that this thread has put aside before.
  __device__ void put_aside(double2* totals, bool is_first) {
#pragma unroll
    for (int k = 0; k < Tile::sums_of_thread; ++k) {
      double2& kept = totals[k * Tile::threads + thread_];
      kept = is_first ? total_of(k) : join(kept, total_of(k));
    }
  }
  __device__ void take_back(const double2* totals) {
#pragma unroll
    for (int k = 0; k < Tile::sums_of_thread; ++k) {
      const double2 kept = __ldcg(totals + k * Tile::threads + thread_);
      sum_at(k).high = kept.x;
      sum_at(k).low = kept.y;
    }
  }
  __device__ void finish_alone() {
#pragma unroll
    for (int k = 0; k < Tile::sums_of_thread; ++k) sum_at(k).high = total_of(k).x;
  }

  /// Whether this block is the last of those that have a run of the tile; it has then added up the totals of all, in their
  /// order.
  __device__ bool take_runs(const tile_run& run, const slab_runs& runs, std::int64_t first, std::int64_t last) {
    __threadfence();
    __syncthreads();
    if (thread_ == 0)
      memory_.is_last = atomicAdd(runs.arrived + run.tile, 1u) + 1 == static_cast<unsigned>(last - first + 1);
    __syncthreads();
    if (!memory_.is_last) return false;
    __threadfence();
    take_back(runs.template totals_of<Tile>(first, true));
    for (std::int64_t b = first + 1; b <= last; ++b) {
      const double2* totals = runs.template totals_of<Tile>(b, false);
#pragma unroll
      for (int k = 0; k < Tile::sums_of_thread; ++k) {
        const double2 all = join({sum_at(k).high, sum_at(k).low}, __ldcg(totals + k * Tile::threads + thread_));
        sum_at(k).high = all.x;
        sum_at(k).low = all.y;
      }
    }
    return true;
  }

  /// For sums that were joined so many times.
  __device__ void decide_all(std::int64_t joins, const left_sums& left) {
    const double bound =
        extraction_bound(p_.depth(), min(p_.depth(), std::int64_t{Tile::most_slabs * Tile::terms}), joins);
    double* out = p_.out.data + group_ * p_.out.group_step;
#pragma unroll
    for (int i = 0; i < Tile::rows_of_thread; ++i)
#pragma unroll
      for (int j = 0; j < Tile::columns_of_thread; ++j) {
        const int r = row_of(i), c = column_of(j);
        if (row_ + r >= p_.rows || column_ + c >= p_.columns()) continue;
        const double most = extraction_total(p_.depth(), joins) * span(r, c);
        const bool exact = most <= 0x1p53 * memory_.row_range[r].lowest * memory_.column_range[c].lowest;
        double rounded;
        const bool known = round_if_decided(sum_[i][j].high, sum_[i][j].low, memory_.start[r],
                                            exact ? 0 : bound * span(r, c), rounded);
        out[(row_ + r) * p_.out.row_step + memory_.out[c]] = rounded;
        if (!known) left.add((group_ * p_.rows + row_ + r) * p_.columns() + column_ + c);
      }
  }

  const window_product<double>& p_;
  const binary64_terms terms_;
  const tile_loads loads_;
  const magnitude_table ranges_;
  binary64_memory<Tile>& memory_;
  const int thread_;
  std::int64_t group_ = 0, row_ = 0, column_ = 0;
  const double* factor_ = nullptr;
  summand sum_[Tile::rows_of_thread][Tile::columns_of_thread];
};

template <class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    round_binary64_tiles(const __grid_constant__ window_product<double> p, binary64_terms terms, tile_loads loads,
                         magnitude_table ranges, slab_runs runs, left_sums left) {
  extern __shared__ __align__(16) unsigned char shared[];
  binary64_product<Tile> product(p, terms, loads, ranges, *reinterpret_cast<binary64_memory<Tile>*>(shared));
  const std::int64_t end = runs.first(blockIdx.x + 1);
  for (std::int64_t at = runs.first(blockIdx.x); at < end;) {
    const std::int64_t tile = at / runs.slabs, of_tile = tile * runs.slabs;
    const std::int64_t until = min(end, of_tile + runs.slabs);
    product.round({tile, static_cast<int>(at - of_tile), static_cast<int>(until - of_tile)}, runs, left);
    at = until;
  }
}

}  // namespace halfulp::kernels::cuda
