// A window_product of a format whose products binary64 holds, by tiles on tensor cores.
#pragma once

#include <cstdint>
#include <type_traits>

#include <halfulp/kernels/core/tensor_core.cuh>
#include <halfulp/kernels/core/tile_loads.cuh>
#include <halfulp/kernels/core/tile_parts.cuh>
#include <halfulp/kernels/core/tile_rounding.cuh>
#include <halfulp/kernels/core/winograd_loads.cuh>
#include <halfulp/kernels/core/winograd_sums.cuh>

namespace halfulp::kernels::cuda {

/// What tiles multiply: binary32 numbers, or short ones, where the product's elements lie.
template <class Element>
struct operands_of {
  const Element *image, *factor;
  std::int64_t image_group, factor_group;  // from one group to the next
  packed_factor taps;                      // of patches of three taps, instead of the factor
};
using tile_operands = operands_of<float>;

template <class T, class Tile>
class tile_product {
 public:
  using operands = operands_of<typename Tile::element>;
  __device__ tile_product(const window_product<T>& p, const typename Tile::plan& plan, const joined_rows& rows,
                          const operands& from, tile_memory<Tile>& memory)
      : p_(p),
        operands_(from),
        memory_(memory),
        loads_(plan, rows, memory),
        rounding_(p, plan, rows, memory.margin),
        thread_(static_cast<int>(threadIdx.x)),
        lane_(thread_ % lanes),
        warp_(thread_ / lanes),
        half_((warp_ % Tile::down + warp_ / Tile::down) % 2) {}

  /// Rounds the sums of a tile, or leaves what some of its slabs give, unless all other parts are there.
  __device__ tile_piece compute(tile_piece piece, const tile_shares& shares, const tile_parts<Tile>& parts,
                                const left_sums& left) {
    loads_.begin(operands_.image + piece.at.group * operands_.image_group,
                 operands_.factor + piece.at.group * operands_.factor_group, piece.at);
    clear();
    if constexpr (Tile::has_patches) {
      if (thread_ == 0) memory_.piece = piece;
      const auto first = (piece.at.group * tiles_down<Tile>(p_) + piece.at.row / Tile::rows) * shares.slabs;
      if constexpr (Tile::packed) loads_.begin_taps(operands_.taps, first);
      add_up_patches(piece.first, piece.end, first);
      piece = memory_.piece;
      rounding_.begin(piece.at);
    } else {
      rounding_.begin(piece.at);
      add_up(piece.first, piece.end);
    }
    gather_squares();
    __syncthreads();
    float columns = squares_of_column(thread_ % Tile::columns), rows = squares_of_row(thread_ % Tile::rows);
    const bool whole = piece.end - piece.first == shares.slabs;
    if (!whole) leave(parts, shares.part(piece.worker, piece.at.tile), columns, rows);
    if (whole || (parts.arrived != nullptr && take(piece.at.tile, shares, parts, columns, rows)))
      round(columns, rows, left);
    __syncthreads();
    return piece;
  }

 private:
  __device__ void add_up(int first, int end) {
    for_each_slab(
        first, end, [] {}, [&] { reach_ += largest_sum(); },
        [&](int stage) {
          if constexpr (Tile::step == 16)
            multiply_whole(stage);
          else
            multiply(stage);
        });
  }
  /// `from`: the first of all slabs of these rows.
  __device__ void add_up_patches(int first, int end, std::int64_t from) {
    winograd_sums<Tile> sums(memory_);
    for_each_slab(
        first, end,
        [&] {
          if constexpr (Tile::packed) note_squares_of_rows(operands_.taps.squares + from * Tile::rows, first, end);
        },
        [&] { reach_ += sums.largest_sum(); }, [&](int stage) { sums.multiply(stage); });
#pragma unroll
    for (int k = 0; k < Tile::sums; ++k)
      sum_[k / 4 / Tile::eights][k / 4 % Tile::eights][k % 4] =
          sums.sum(k / 4 / Tile::eights, k / 4 % Tile::eights, k % 4);
    for (int i = 0; i < Tile::pairs; ++i)
      for (int e = 0; e < 2; ++e) column_squares_[i][e] = sums.squares_of_column(i, e);
    if constexpr (!Tile::packed)
      for (int j = 0; j < Tile::eights; ++j) row_squares_[j] = sums.squares_of_row(j);
  }
  /// Those of rows' taps, slab by slab: half of the threads have every second one.
  __device__ void note_squares_of_rows(const float* squares, int first, int end) {
    const int row = thread_ % Tile::rows, turn = thread_ / Tile::rows;
    constexpr int turns = Tile::threads / Tile::rows, batch = 8;
    float all = 0;
    for (int s = first + turn; s < end; s += batch * turns) {
      float one[batch];
#pragma unroll
      for (int i = 0; i < batch; ++i) one[i] = s + i * turns < end ? squares[(s + i * turns) * Tile::rows + row] : 0;
#pragma unroll
      for (int i = 0; i < batch; ++i) all += one[i];
    }
    memory_.row_squares[turn][row] = all;
  }
  /// Slabs from the first on while others are fetched; `begin` comes once, `note` before each group of them: those whose
  /// numbers are multiples, of what is known as well.
  template <class Begin, class Note, class Multiply>
  __device__ void for_each_slab(int first, int end, Begin begin, Note note, Multiply multiply_slab) {
    loads_.know_terms(first);
    if (first % Tile::known_slabs != 0) loads_.know_terms(first + Tile::known_slabs);
    __syncthreads();
    for (int s = first; s < first + Tile::stages - 1; ++s) {
      if (s < end) loads_.copy(s, s % Tile::stages);
      if constexpr (is_short<Tile>) loads_.store(s % Tile::stages);
      end_group();
    }
    begin();
    for (int s = first; s < end; ++s) {
      wait_for_groups<Tile::stages - 2>();
      __syncthreads();
      const int next = s + Tile::stages - 1;
      if (next < end) loads_.copy(next, next % Tile::stages);
      end_group();
      if (s % Tile::known_slabs == 0) loads_.know_terms(s + Tile::known_slabs);
      if (s % Tile::group == 0) note();
      multiply_slab(s % Tile::stages);
      if constexpr (is_short<Tile>)
        if (next < end) loads_.store(next % Tile::stages);
    }
    wait_for_groups<0>();
  }
  __device__ void clear() {
    for (auto& a : sum_)
      for (auto& b : a)
        for (double& c : b) c = 0;
    for (auto& a : column_squares_)
      for (float& b : a) b = 0;
    for (float& a : row_squares_) a = 0;
    reach_ = 0;
  }

  /// At least the magnitude of every sum of this thread: binary64 numbers are ordered by their upper halves, and those as
  /// binary32 numbers alike. Where one is infinite or NaN, the norms are.
  __device__ double largest_sum() const {
    float upper = 0;
    for (const auto& a : sum_)
      for (const auto& b : a)
        for (const double& c : b) upper = fmaxf(upper, fabsf(__int_as_float(__double2hiint(c))));
    return __hiloint2double(__float_as_int(upper) + 1, 0);
  }

  __device__ int first_column() const {
    return warp_ % Tile::down * Tile::warp_columns;
  }
  __device__ int first_row() const {
    return warp_ / Tile::down * Tile::warp_rows;
  }

  /// Adds the products of a slab, half by half; of 8 terms lane t holds 2 t and 2 t + 1. Two warps hold the same elements:
  /// each adds up the squares of the half that it begins with. Where one warp has columns to itself it takes both.
  __device__ void multiply(int stage) {
    const auto g = static_cast<unsigned>(lane_) / 4, t = static_cast<unsigned>(lane_) % 4;
    const auto image_of = [&](int half) {
      if constexpr (Tile::quads == quads_of::terms)
        return memory_.image[stage] + memory_.factor_at(static_cast<unsigned>(first_column()) + g, 2 * t + 8 * half);
      else
        return memory_.image[stage] + half * 8 * Tile::columns +
               memory_.image_at(2 * t, static_cast<unsigned>(first_column()) + 4 * g);
    };
    const auto factor_of = [&](int half) {
      return memory_.factor[stage] + memory_.factor_at(static_cast<unsigned>(first_row()) + g, 2 * t + 8 * half);
    };
    multiply_half<true, true>(image_of(half_), factor_of(half_));
    multiply_half<Tile::across == 1, false>(image_of(1 - half_), factor_of(1 - half_));
  }
  template <bool ColumnSquares, bool RowSquares>
  __device__ void multiply_half(const std::uint32_t* image, const std::uint32_t* factor) {
    double b[Tile::eights][2];
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j) {
      const float2 f = *reinterpret_cast<const float2*>(factor + 8 * j * Tile::terms);
      b[j][0] = f.x;
      b[j][1] = f.y;
      if constexpr (RowSquares) row_squares_[j] = fmaf(f.y, f.y, fmaf(f.x, f.x, row_squares_[j]));
    }
#pragma unroll
    for (int i = 0; i < Tile::pairs; i += 2) {
      if constexpr (Tile::quads == quads_of::terms) {
        add_products_of_slots<ColumnSquares>(i, b, image + 16 * i * Tile::terms);
        add_products_of_slots<ColumnSquares>(i + 1, b, image + (16 * i + 16) * Tile::terms);
      } else {
        const uint4 low = four_at(image + 16 * i), high = four_at(image + Tile::columns + 16 * i);
        add_products<ColumnSquares>(i, b, low.x, low.y, high.x, high.y);
        add_products<ColumnSquares>(i + 1, b, low.z, low.w, high.z, high.w);
      }
    }
  }
  /// Of two slots 8 apart, two terms each.
  template <bool ColumnSquares>
  __device__ void add_products_of_slots(int i, const double (&b)[Tile::eights][2], const std::uint32_t* slot) {
    const uint2 first = *reinterpret_cast<const uint2*>(slot),
                second = *reinterpret_cast<const uint2*>(slot + 8 * Tile::terms);
    add_products<ColumnSquares>(i, b, first.x, second.x, first.y, second.y);
  }
  /// The same of 16 terms at a time: lane t holds 2 t, 2 t + 1 and those 8 further on.
  __device__ void multiply_whole(int stage) {
    const auto g = static_cast<unsigned>(lane_) / 4, t = static_cast<unsigned>(lane_) % 4;
    const std::uint32_t* factor[2];
    double b[Tile::eights][4];
#pragma unroll
    for (unsigned half = 0; half < 2; ++half)
      factor[half] =
          memory_.factor[stage] + memory_.factor_at(static_cast<unsigned>(first_row()) + g, 2 * t + 8 * half);
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const float2 f = *reinterpret_cast<const float2*>(factor[half] + 8 * j * Tile::terms);
        b[j][2 * half] = f.x;
        b[j][2 * half + 1] = f.y;
        if (half == half_) row_squares_[j] = fmaf(f.y, f.y, fmaf(f.x, f.x, row_squares_[j]));
      }
    const std::uint32_t* image =
        memory_.image[stage] + memory_.image_at(2 * t, static_cast<unsigned>(first_column()) + 4 * g);
#pragma unroll
    for (int i = 0; i < Tile::pairs; i += 2) {
      std::uint32_t a[2][8];
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const uint4 four = four_at(image + (k / 2 * 8 + k % 2) * Tile::columns + 16 * i);
        a[0][2 * k] = four.x;
        a[0][2 * k + 1] = four.y;
        a[1][2 * k] = four.z;
        a[1][2 * k + 1] = four.w;
      }
      add_whole_products(i, b, a[0]);
      add_whole_products(i + 1, b, a[1]);
    }
  }
  __device__ void add_whole_products(int i, const double (&b)[Tile::eights][4], const std::uint32_t (&bits)[8]) {
    double a[8];
#pragma unroll
    for (int k = 0; k < 8; ++k) a[k] = lowered(bits[k]);
#pragma unroll
    for (int half = 0; half < 2; ++half)
      if (Tile::across == 1 || half == half_)
        for (int e = 0; e < 2; ++e) add_squares(column_squares_[i][e], bits[4 * half + e], bits[4 * half + 2 + e]);
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j) multiply_add(sum_[i][j], a, b[j]);
  }
  template <bool ColumnSquares>
  __device__ void add_products(int i, const double (&b)[Tile::eights][2], std::uint32_t low0, std::uint32_t low1,
                               std::uint32_t high0, std::uint32_t high1) {
    const double a[4] = {lowered(low0), lowered(low1), lowered(high0), lowered(high1)};
    if constexpr (ColumnSquares) {
      add_squares(column_squares_[i][0], low0, high0);
      add_squares(column_squares_[i][1], low1, high1);
    }
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j) multiply_add(sum_[i][j], a, b[j]);
  }
  __device__ static void add_squares(float& squares, std::uint32_t a, std::uint32_t b) {
    const float x = __uint_as_float(a), y = __uint_as_float(b);
    squares = fmaf(y, y, fmaf(x, x, squares));
  }
  __device__ static uint4 four_at(const std::uint32_t* bits) {
    return *reinterpret_cast<const uint4*>(bits);
  }

  /// The squares of each column and row: those of both halves, or of all terms and none.
  __device__ void gather_squares() {
    const int g = lane_ / 4, t = lane_ % 4;
#pragma unroll
    for (int i = 0; i < Tile::pairs; ++i)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const float squares = over_terms(column_squares_[i][e]);
        const int c = sum_place<Tile>(thread_, 4 * i * Tile::eights + 2 * e).column;
        if (t == 0) memory_.column_squares[warp_ / Tile::down][c] = squares;
        if (t == 0 && Tile::across == 1) memory_.column_squares[1][c] = 0;
      }
    if constexpr (!Tile::packed) {
#pragma unroll
      for (int j = 0; j < Tile::eights; ++j) {
        const float squares = over_terms(row_squares_[j]);
        if (t == 0 && warp_ % Tile::down < 2)
          memory_.row_squares[warp_ % Tile::down][first_row() + 8 * j + g] = squares;
      }
    }
  }
  __device__ static float over_terms(float squares) {
    squares += __shfl_xor_sync(every_lane, squares, 1);
    return squares + __shfl_xor_sync(every_lane, squares, 2);
  }
  __device__ float squares_of_column(int c) const {
    return memory_.column_squares[0][c] + memory_.column_squares[1][c];
  }
  __device__ float squares_of_row(int r) const {
    return memory_.row_squares[0][r] + memory_.row_squares[1][r];
  }

  __device__ double sum_at(int k) const {
    return sum_[k / 4 / Tile::eights][k / 4 % Tile::eights][k % 4];
  }
  /// Leaves nothing of the sums.
  __device__ void round(float columns, float rows, const left_sums& left) {
    rounding_.set_norms(columns, rows, reach_);
    __syncthreads();
    if constexpr (is_short<Tile>) {
      // Sums move to where the first were: written out for each row, instructions would not stay in their cache.
#pragma unroll 1
      for (int j = 0; j < Tile::eights; ++j) {
        round_rows<Tile::pairs>(0, j, left);
#pragma unroll
        for (int i = 0; i < Tile::pairs; ++i)
#pragma unroll
          for (int next = 1; next < Tile::eights; ++next)
#pragma unroll
            for (int e = 0; e < 4; ++e) sum_[i][next - 1][e] = sum_[i][next][e];
      }
    } else {
#pragma unroll
      for (int j = 0; j < Tile::eights; ++j) round_rows<1>(j, j, left);
    }
  }
  /// The j-th of rows, whose sums are the at-th; so many pairs of columns together.
  template <int Pairs>
  __device__ void round_rows(int at, int j, const left_sums& left) const {
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      const auto row = rounding_.row(sum_place<Tile>(thread_, j * 4 + e).row);
      std::uint64_t undecided = 0;
#pragma unroll
      for (int i = 0; i < Tile::pairs; i += Pairs) {
        int column[2 * Pairs];
        double sum[2 * Pairs];
#pragma unroll
        for (int n = 0; n < 2 * Pairs; ++n) {
          column[n] = sum_place<Tile>(thread_, (i + n / 2) * Tile::eights * 4 + n % 2 * 2).column;
          sum[n] = sum_[i + n / 2][at][e + n % 2 * 2];
        }
        const std::uint64_t bits = rounding_.round(row, column, sum);
#pragma unroll
        for (int n = 0; n < 2 * Pairs; ++n)
          undecided |= (bits >> n & 1) << ((i + n / 2) * Tile::eights * 4 + e + n % 2 * 2);
      }
      rounding_.leave(undecided << 4 * j, 0, left);
    }
  }
  __device__ void leave(const tile_parts<Tile>& parts, std::int64_t part, float columns, float rows) {
#pragma unroll
    for (int k = 0; k < Tile::sums; ++k) parts.total(part, k) = sum_at(k);
    parts.reach(part) = reach_;
    float* squares = parts.squares_of(part);
    if (thread_ < Tile::columns) squares[thread_] = columns;
    if (thread_ < Tile::rows) squares[Tile::columns + thread_] = rows;
  }
  /// Adds up all parts of a tile, in their order, if the last of them has just been left.
  __device__ bool take(std::int64_t tile, const tile_shares& shares, const tile_parts<Tile>& parts, float& columns,
                       float& rows) {
    const std::int64_t first = shares.first_worker(tile), last = shares.last_worker(tile);
    __threadfence();
    __syncthreads();
    if (thread_ == 0) memory_.is_last = atomicAdd(parts.arrived + tile, 1u) == static_cast<unsigned>(last - first);
    __syncthreads();
    if (!memory_.is_last) return false;
    __threadfence();
    clear();
    columns = rows = 0;
    for (std::int64_t worker = first; worker <= last; ++worker) {
      const std::int64_t part = shares.part(worker, tile);
#pragma unroll
      for (int k = 0; k < Tile::sums; ++k)
        sum_[k / 4 / Tile::eights][k / 4 % Tile::eights][k % 4] += parts.total(part, k);
      reach_ += parts.reach(part);
      const float* squares = parts.squares_of(part);
      columns += squares[thread_ % Tile::columns];
      rows += squares[Tile::columns + thread_ % Tile::rows];
    }
    return true;
  }

  const window_product<T>& p_;
  const operands& operands_;
  tile_memory<Tile>& memory_;
  std::conditional_t<Tile::has_patches, winograd_loads<Tile>, tile_loads<Tile>> loads_;
  tile_rounding<T, Tile> rounding_;
  int thread_, lane_, warp_, half_;
  double sum_[Tile::pairs][Tile::eights][4];
  float column_squares_[Tile::pairs][2], row_squares_[Tile::eights];
  double reach_ = 0;  // the largest sum of this thread before each group of slabs, added up
};

/// A worker's share after the other.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    multiply_tiles(const __grid_constant__ window_product<T> p, const __grid_constant__ typename Tile::plan plan,
                   const __grid_constant__ joined_rows rows,
                   const __grid_constant__ operands_of<typename Tile::element> operands, tile_shares shares,
                   tile_parts<Tile> parts, left_sums left) {
  extern __shared__ __align__(16) unsigned char shared[];
  tile_product<T, Tile> product(p, plan, rows, operands, *reinterpret_cast<tile_memory<Tile>*>(shared));
  cudaGridDependencySynchronize();
  if (!parts.are_asked()) return;
  for (std::int64_t worker = blockIdx.x; worker < shares.workers; worker += gridDim.x)
    for (std::int64_t slab = shares.first(worker); slab < shares.first(worker + 1);) {
      const std::int64_t tile = slab / shares.slabs, from = tile * shares.slabs;
      const std::int64_t to = min(shares.first(worker + 1), from + shares.slabs);
      const int first = static_cast<int>(slab - from), last = static_cast<int>(to - from);
      const tile_piece done = product.compute({corner_of<Tile>(p, tile), first, last, worker}, shares, parts, left);
      slab = done.at.tile * shares.slabs + done.end;
      worker = done.worker;
    }
}

}  // namespace halfulp::kernels::cuda
