// Sums of tiles that several workers share.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/tile_rounding.cuh>

namespace halfulp::kernels::cuda {

/// What the workers of a tile leave for whoever joins their parts (tile_shares::part).
template <class Tile>
struct tile_parts {
  double *totals, *reaches;
  float* squares;
  unsigned* arrived;      // for each tile, 0 at first; nullptr where another kernel joins the parts
  const unsigned* asked;  // 0 there: nothing is to be done; nullptr: that is known already

  static constexpr std::int64_t totals_each = Tile::columns * Tile::rows, squares_each = Tile::columns + Tile::rows;

  __device__ double& total(std::int64_t part, int k) const {
    return totals[part * totals_each + k * Tile::threads + static_cast<int>(threadIdx.x)];
  }
  /// What bounds the partial sums of this thread.
  __device__ double& reach(std::int64_t part) const {
    return reaches[part * Tile::threads + static_cast<int>(threadIdx.x)];
  }
  __device__ bool are_asked() const { return asked == nullptr || *asked != 0; }
  __device__ float* squares_of(std::int64_t part) const { return squares + part * squares_each; }
};

/// Sums that one thread of a block joins, and parts that it reads together.
inline constexpr int joined_sums = 4, joined_parts = 4;

/// Joins the parts of the tiles that workers share, a block so many sums of each thread.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::threads)
    join_tiles(const __grid_constant__ window_product<T> p, const __grid_constant__ typename Tile::plan plan,
               const __grid_constant__ joined_rows rows_of_phases, tile_shares shares, tile_parts<Tile> parts,
               left_sums left) {
  __shared__ tile_margin<Tile> margin;
  tile_rounding<T, Tile> rounding(p, plan, rows_of_phases, margin);
  constexpr int blocks = Tile::sums / joined_sums;
  const int thread = static_cast<int>(threadIdx.x);
  cudaGridDependencySynchronize();
  if (!parts.are_asked()) return;
  for (std::int64_t i = blockIdx.x; i < shares.tiles * blocks; i += gridDim.x) {
    const std::int64_t tile = i / blocks, first = shares.first_worker(tile), last = shares.last_worker(tile);
    if (first == last) continue;
    const int k = static_cast<int>(i % blocks) * joined_sums;
    rounding.begin(corner_of<Tile>(p, tile));
    double columns = 0, rows = 0, reach = 0, high[joined_sums] = {}, low[joined_sums] = {};
    for (std::int64_t worker = first; worker <= last; worker += joined_parts) {
      double total[joined_parts][joined_sums];
#pragma unroll
      for (int w = 0; w < joined_parts; ++w) {
        const bool is_part = worker + w <= last;
        // All but the first have the first of their parts here.
        const std::int64_t part = worker + w == first ? shares.part(first, tile) : 2 * (worker + w);
        const float* squares = parts.squares_of(part);
        reach += is_part ? parts.reach(part) : 0;
        columns += is_part ? squares[thread % Tile::columns] : 0;
        rows += is_part ? squares[Tile::columns + thread % Tile::rows] : 0;
#pragma unroll
        for (int e = 0; e < joined_sums; ++e) total[w][e] = is_part ? parts.total(part, k + e) : 0;
      }
#pragma unroll
      for (int w = 0; w < joined_parts; ++w)
#pragma unroll
        for (int e = 0; e < joined_sums; ++e) {
          const double_double s = two_sum(high[e], total[w][e]);
          high[e] = s.hi;
          low[e] += s.lo;
        }
    }
    rounding.set_norms(columns * (1 + 0x1p-20), rows * (1 + 0x1p-20), reach);
    __syncthreads();
    for (int e = 0; e < 2; ++e) {
      const sum_place<Tile> s(thread, k + e);
      const int column[] = {s.column, sum_place<Tile>(thread, k + e + 2).column};
      const double sum[] = {e == 0 ? high[0] + low[0] : high[1] + low[1], e == 0 ? high[2] + low[2] : high[3] + low[3]};
      const std::uint64_t bits = rounding.round(rounding.row(s.row), column, sum);
      rounding.leave((bits & 1) << e | (bits & 2) << (e + 1), k, left);
    }
    __syncthreads();
  }
}

}  // namespace halfulp::kernels::cuda
