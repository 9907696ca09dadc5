// Views whose neighbours in memory are not those of the output: transposed tile by tile, so that both are read and written in
// whole lines.
#pragma once

#include <algorithm>
#include <cstdlib>

#include <halfulp/kernels/core/strided_queue.cuh>

namespace halfulp::kernels::cuda {

inline constexpr int tile_threads = 256;
/// Elements along either side of a tile.
template <class Bits>
inline constexpr int tile_side = sizeof(Bits) > 4 ? 32 : 64;

/// y[.., i, .., j] = x[.. + i * step_of_row + j * step_of_column], step_of_row being 1 or -1: i and j run through a plane of
/// the output, the rest through the planes.
template <class Bits>
struct transposed_planes {
  const Bits* x;
  Bits* y;
  std::int64_t rows, columns, step_of_row, step_of_column, y_row;
  int rank;  // of the planes
  std::int64_t size[max_rank], from_step[max_rank], to_step[max_rank], planes;
};

/// Turns the tile of the planes at x and y whose first element is (i, j). Whole: none of it lies outside.
template <bool Whole, class Bits>
__device__ void transpose_tile(const transposed_planes<Bits>& g, const Bits* x, Bits* y, std::int64_t i,
                               std::int64_t j) {
  constexpr int side = tile_side<Bits>, height = tile_threads / side;
  __shared__ Bits tile[side][side + 1];
  const int across = static_cast<int>(threadIdx.x) % side, down = static_cast<int>(threadIdx.x) / side;
  const std::int64_t rows = g.rows - i, columns = g.columns - j;
  const Bits* read = x + (i + across) * g.step_of_row + (j + down) * g.step_of_column;
  const std::int64_t read_step = height * g.step_of_column, write_step = height * g.y_row;
#pragma unroll
  for (int k = 0; k < side; k += height, read += read_step)
    if (Whole || (across < rows && k + down < columns)) tile[k + down][across] = *read;
  __syncthreads();
  Bits* write = y + (i + down) * g.y_row + j + across;
#pragma unroll
  for (int k = 0; k < side; k += height, write += write_step)
    if (Whole || (k + down < rows && across < columns)) *write = tile[across][k + down];
  __syncthreads();
}

template <class Bits>
__global__ void __launch_bounds__(tile_threads) transpose_tiles(const __grid_constant__ transposed_planes<Bits> g) {
  constexpr int side = tile_side<Bits>;
  for (std::int64_t plane = blockIdx.z; plane < g.planes; plane += gridDim.z) {
    const Bits* x = g.x;
    Bits* y = g.y;
    std::int64_t rest = plane;
    for (int k = g.rank - 1; k >= 0; --k) {
      const std::int64_t at = k == 0 ? rest : rest % g.size[k];
      rest = k == 0 ? 0 : rest / g.size[k];
      x += at * g.from_step[k];
      y += at * g.to_step[k];
    }
    for (std::int64_t i = std::int64_t{blockIdx.y} * side; i < g.rows; i += std::int64_t{gridDim.y} * side)
      for (std::int64_t j = std::int64_t{blockIdx.x} * side; j < g.columns; j += std::int64_t{gridDim.x} * side)
        if (i + side <= g.rows && j + side <= g.columns)
          transpose_tile<true>(g, x, y, i, j);
        else
          transpose_tile<false>(g, x, y, i, j);
  }
}

/// The dimension whose neighbours are neighbours in memory, where it is not the last one and tiles are worth it; else -1.
template <class Bits>
int transposed_dimension(const operands<Bits, 1>& o) {
  constexpr int side = tile_side<Bits>;
  const auto& m = o.map;
  if (std::abs(m.step[0][o.last()]) <= 1 || o.row() < side / 2) return -1;
  for (int k = 0; k < o.last(); ++k)
    if (std::abs(m.step[0][k]) == 1 && m.shape[k] >= side / 2) return k;
  return -1;
}

/// Queues the view by tiles along dimension `row` and the last one.
template <class Bits>
void queue_transposed(const operands<Bits, 1>& o, int row, Bits* y, const cuda_queue& queue) {
  const auto& m = o.map;
  const auto y_step = row_major_strides(m.shape);
  transposed_planes<Bits> g{o.data[0] + m.offset[0],
                            y,
                            m.shape[row],
                            o.row(),
                            m.step[0][row],
                            m.step[0][o.last()],
                            y_step[row],
                            0,
                            {},
                            {},
                            {},
                            1};
  for (int k = 0; k < o.last(); ++k) {
    if (k == row) continue;
    g.size[g.rank] = m.shape[k];
    g.from_step[g.rank] = m.step[0][k];
    g.to_step[g.rank++] = y_step[k];
    g.planes *= m.shape[k];
  }
  const auto tiles = [](std::int64_t n) { return (n + tile_side<Bits> - 1) / tile_side<Bits>; };
  const auto of = [](std::int64_t n) { return static_cast<unsigned>(std::min(n, most_blocks)); };
  launch(queue, dim3(of(tiles(g.columns)), of(tiles(g.rows)), of(g.planes)), tile_threads, 0, transpose_tiles<Bits>, g);
}

}  // namespace halfulp::kernels::cuda
