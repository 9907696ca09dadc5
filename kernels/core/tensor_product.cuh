// A window_product of a format whose products binary64 holds, by tiles on tensor cores.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tensor_core.cuh>
#include <halfulp/kernels/core/tile_loads.cuh>
#include <halfulp/kernels/core/tile_rounding.cuh>

namespace halfulp::kernels::cuda {

/// What the workers of a tile leave for whoever joins their parts (tile_shares::part).
template <class Tile>
struct tile_parts {
  double* totals;
  float* squares;
  static constexpr std::int64_t totals_each = Tile::columns * Tile::rows, squares_each = Tile::columns + Tile::rows;

  __device__ double& total(std::int64_t part, int k) const {
    return totals[part * totals_each + k * Tile::threads + static_cast<int>(threadIdx.x)];
  }
  __device__ float* squares_of(std::int64_t part) const { return squares + part * squares_each; }
};

/// Some slabs of one tile.
struct tile_piece {
  tile_corner at;
  int first, end;
  bool whole;
  std::int64_t part;
};

template <class T, class Tile>
class tile_product {
 public:
  __device__ tile_product(const window_product<T>& p, const tile_plan<T>& plan, tile_memory<Tile>& memory)
      : p_(p),
        memory_(memory),
        loads_(plan, memory),
        rounding_(p, memory.margin),
        thread_(static_cast<int>(threadIdx.x)),
        lane_(thread_ % lanes),
        warp_(thread_ / lanes) {}

  /// Rounds the sums of a whole tile, or leaves what some of its slabs give.
  __device__ void compute(const tile_piece& piece, const tile_parts<Tile>& parts, const left_sums& left) {
    loads_.begin(p_.image.data + piece.at.group * p_.image.group_step,
                 p_.factor.data + piece.at.group * p_.factor.group_step, piece.at);
    if (piece.whole) rounding_.begin(piece.at);
    add_up(piece.first, piece.end);
    gather_squares();
    __syncthreads();
    if (piece.whole)
      round(left);
    else
      leave(parts, piece.part);
    __syncthreads();
  }

 private:
  __device__ void add_up(int first, int end) {
    clear();
    loads_.know_terms(first);
    __syncthreads();
    for (int s = first; s < first + Tile::stages - 1; ++s) {
      if (s < end) loads_.copy(s, s % Tile::stages);
      end_group();
    }
    for (int s = first; s < end; ++s) {
      wait_for_groups<Tile::stages - 2>();
      loads_.widen(s, s % Tile::stages);
      __syncthreads();
      const int next = s + Tile::stages - 1;
      if (next < end) loads_.copy(next, next % Tile::stages);
      end_group();
      if ((s - first) % 8 == 0) loads_.know_terms(s + 8);
      multiply(s % Tile::stages, static_cast<float>(end - s));
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
  }

  __device__ int first_column() const { return warp_ % Tile::down * Tile::warp_columns; }
  __device__ int first_row() const { return warp_ / Tile::down * Tile::warp_rows; }

  /// Adds the products of a slab, of whose terms lane t holds 4 t to 4 t + 3: two for each product of 8.
  __device__ void multiply(int stage, float weight) {
    const auto g = static_cast<unsigned>(lane_) / 4, t = static_cast<unsigned>(lane_) % 4;
    const std::uint32_t* image =
        memory_.image[stage] + memory_.image_at(4 * t, static_cast<unsigned>(first_column()) + 4 * g);
    const std::uint32_t* factors =
        memory_.factor[stage] + memory_.factor_at(static_cast<unsigned>(first_row()) + g, 4 * t);
    float4 factor[Tile::eights];
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j) factor[j] = four_at(factors + 8 * j * Tile::terms);
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      double b[Tile::eights][2];
#pragma unroll
      for (int j = 0; j < Tile::eights; ++j) {
        const float2 f = half == 0 ? float2{factor[j].x, factor[j].y} : float2{factor[j].z, factor[j].w};
        b[j][0] = f.x;
        b[j][1] = f.y;
        add_square(row_squares_[j], f.x, weight);
        add_square(row_squares_[j], f.y, weight);
      }
#pragma unroll
      for (int i = 0; i < Tile::pairs; i += 2) {
        const float4 low = four_at(image + 2 * half * Tile::columns + 16 * i),
                     high = four_at(image + (2 * half + 1) * Tile::columns + 16 * i);
        add_products(i, b, low.x, low.y, high.x, high.y, weight);
        add_products(i + 1, b, low.z, low.w, high.z, high.w, weight);
      }
    }
  }
  __device__ void add_products(int i, const double (&b)[Tile::eights][2], float low0, float low1, float high0, float high1,
                               float weight) {
    const double a[4] = {lowered(__float_as_uint(low0)), lowered(__float_as_uint(low1)),
                         lowered(__float_as_uint(high0)), lowered(__float_as_uint(high1))};
    add_square(column_squares_[i][0], low0, weight);
    add_square(column_squares_[i][0], high0, weight);
    add_square(column_squares_[i][1], low1, weight);
    add_square(column_squares_[i][1], high1, weight);
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j) multiply_add(sum_[i][j], a, b[j]);
  }
  __device__ static void add_square(float& squares, float x, float weight) { squares = fmaf(x * weight, x, squares); }
  __device__ static float4 four_at(const std::uint32_t* bits) { return *reinterpret_cast<const float4*>(bits); }

  /// The weighted squares of each column and row, by the warps that come first to them.
  __device__ void gather_squares() {
    const int g = lane_ / 4, t = lane_ % 4;
#pragma unroll
    for (int i = 0; i < Tile::pairs; ++i)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const float squares = over_terms(column_squares_[i][e]);
        if (t == 0 && first_row() == 0)
          memory_.column_squares[first_column() + i / 2 * 32 + 4 * g + i % 2 * 2 + e] = squares;
      }
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j) {
      const float squares = over_terms(row_squares_[j]);
      if (t == 0 && first_column() == 0) memory_.row_squares[first_row() + 8 * j + g] = squares;
    }
  }
  __device__ static float over_terms(float squares) {
    squares += __shfl_xor_sync(every_lane, squares, 1);
    return squares + __shfl_xor_sync(every_lane, squares, 2);
  }

  __device__ double sum_at(int k) const { return sum_[k / 4 / Tile::eights][k / 4 % Tile::eights][k % 4]; }
  __device__ void round(const left_sums& left) {
    rounding_.set_norms(memory_.column_squares[thread_], memory_.row_squares[min(thread_, Tile::rows - 1)]);
    __syncthreads();
    std::uint64_t undecided = 0;
#pragma unroll
    for (int j = 0; j < Tile::eights; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        const auto row = rounding_.row(sum_place<Tile>(thread_, j * 4 + e).row);
#pragma unroll
        for (int i = 0; i < Tile::pairs; ++i)
#pragma unroll
          for (int h = 0; h < 2; ++h) {
            const int k = (i * Tile::eights + j) * 4 + h * 2 + e;
            if (rounding_.round(row, sum_place<Tile>(thread_, k).column, sum_[i][j][h * 2 + e]))
              undecided |= std::uint64_t{1} << k;
          }
      }
    rounding_.leave(undecided, 0, left);
  }
  __device__ void leave(const tile_parts<Tile>& parts, std::int64_t part) {
#pragma unroll
    for (int k = 0; k < Tile::sums; ++k) parts.total(part, k) = sum_at(k);
    float* squares = parts.squares_of(part);
    squares[thread_] = memory_.column_squares[thread_];
    if (thread_ < Tile::rows) squares[Tile::columns + thread_] = memory_.row_squares[thread_];
  }

  const window_product<T>& p_;
  tile_memory<Tile>& memory_;
  tile_loads<T, Tile> loads_;
  tile_rounding<T, Tile> rounding_;
  int thread_, lane_, warp_;
  double sum_[Tile::pairs][Tile::eights][4];
  float column_squares_[Tile::pairs][2], row_squares_[Tile::eights];
};

/// A worker's share after the other.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads, Tile::blocks)
    multiply_tiles(const __grid_constant__ window_product<T> p, const __grid_constant__ tile_plan<T> plan,
                   tile_shares shares, tile_parts<Tile> parts, left_sums left) {
  extern __shared__ __align__(16) unsigned char shared[];
  tile_product<T, Tile> product(p, plan, *reinterpret_cast<tile_memory<Tile>*>(shared));
  for (std::int64_t worker = blockIdx.x; worker < shares.workers; worker += gridDim.x) {
    const std::int64_t end = shares.first(worker + 1);
    for (std::int64_t slab = shares.first(worker); slab < end;) {
      const std::int64_t tile = slab / shares.slabs, from = tile * shares.slabs;
      const std::int64_t to = min(end, from + shares.slabs);
      const int first = static_cast<int>(slab - from), last = static_cast<int>(to - from);
      product.compute({corner_of<Tile>(p, tile), first, last, last - first == shares.slabs, shares.part(worker, tile)},
                      parts, left);
      slab = to;
    }
  }
}

/// Sums that one thread of a block joins.
inline constexpr int joined_sums = 8;

/// Joins the parts of the tiles that workers share, a block so many sums of each thread.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads)
    join_tiles(const __grid_constant__ window_product<T> p, tile_shares shares, tile_parts<Tile> parts, left_sums left) {
  __shared__ tile_margin<Tile> margin;
  cudaGridDependencySynchronize();
  tile_rounding<T, Tile> rounding(p, margin);
  constexpr int joined = joined_sums < Tile::sums ? joined_sums : Tile::sums, blocks = Tile::sums / joined;
  const int thread = static_cast<int>(threadIdx.x);
  for (std::int64_t i = blockIdx.x; i < shares.tiles * blocks; i += gridDim.x) {
    const std::int64_t tile = i / blocks, first = shares.first_worker(tile), last = shares.last_worker(tile);
    if (first == last) continue;
    const int k = static_cast<int>(i % blocks) * joined;
    rounding.begin(corner_of<Tile>(p, tile));
    double columns = 0, rows = 0, high[joined] = {}, low[joined] = {};
    for (std::int64_t worker = first; worker <= last; ++worker) {
      const std::int64_t part = shares.part(worker, tile);
      const float* squares = parts.squares_of(part);
      columns += squares[thread];
      rows += squares[Tile::columns + min(thread, Tile::rows - 1)];
#pragma unroll
      for (int e = 0; e < joined; ++e) {
        const double_double s = two_sum(high[e], parts.total(part, k + e));
        high[e] = s.hi;
        low[e] += s.lo;
      }
    }
    rounding.set_norms(columns * (1 + 0x1p-20), rows * (1 + 0x1p-20));
    __syncthreads();
    std::uint64_t undecided = 0;
#pragma unroll
    for (int e = 0; e < joined; ++e) {
      const sum_place<Tile> s(thread, k + e);
      if (rounding.round(rounding.row(s.row), s.column, high[e] + low[e])) undecided |= std::uint64_t{1} << e;
    }
    rounding.leave(undecided, k, left);
    __syncthreads();
  }
}

}  // namespace halfulp::kernels::cuda
