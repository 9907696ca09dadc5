// Sums joined from their residues, and rounded.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/extraction.cuh>
#include <halfulp/kernels/core/residue_tile.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// What a sum of `group` has to be known of to be rounded; columns are those from `first` on.
struct residue_sums {
  window_product<double> p;
  std::int64_t group, first;
  const residue_line *row, *column;
};

template <class Residue>
__device__ bool round_residues(const residue_table& table, const residue_line& row, const residue_line& column,
                               double start, Residue residue, double& rounded) {
  const joined_sum sum = join_residues(table, residue);
  const int exponent = row.exponent + column.exponent;
  const double scale = exponent >= -1022 && exponent <= 1023 ? __hiloint2double((exponent + 1023) << 20, 0) : NAN;
  const double radius = __dmul_ru(residue_bound(row, column, sum.rest), scale);
  return round_if_decided(sum.high * scale, sum.low * scale, start, radius, rounded);
}

/// A thread takes a word of every modulus: rows r and r + 8, columns c and c + 1.
template <class Tile>
__global__ void __launch_bounds__(Tile::multipliers)
    round_residue_tiles(const __grid_constant__ residue_sums s, const residue_tiles tiles,
                        const __grid_constant__ residue_table table, const std::uint32_t* residues,
                        std::int64_t columns, left_sums left) {
  const int thread = static_cast<int>(threadIdx.x), in_warp = thread % lanes;
  const std::int64_t all = tiles.down * tiles.across * Tile::words;
  for (std::int64_t b = blockIdx.x; b < all; b += gridDim.x) {
    const std::int64_t tile = b / Tile::words, w = b % Tile::words;
    const std::int64_t r = tile % tiles.down * Tile::rows + thread / lanes * 16 + in_warp / 4;
    const std::int64_t c = tile / tiles.down * Tile::columns + w * 8 + in_warp % 4 * 2;
    const std::uint32_t* from = residues + tile * Tile::tile_step + w * Tile::word_step + thread;
    std::uint32_t word[moduli];
#pragma unroll
    for (int i = 0; i < moduli; ++i) word[i] = from[i * Tile::modulus_step];
#pragma unroll 1
    for (int k = 0; k < 4; ++k) {
      const std::int64_t i = r + k / 2 * 8, j = c + k % 2;
      if (i >= s.p.rows || j >= columns) continue;
      const residue_line row = s.row[i], column = s.column[j];
      const double start = s.p.start == nullptr ? 0 : s.p.start[s.group * s.p.rows + i];
      double rounded;
      const bool known = round_residues(
          table, row, column, start, [&](int m) { return word[m] >> 8 * k & 255; }, rounded);
      s.p.out.data[row.out + column.out] = rounded;
      if (!known) left.add((s.group * s.p.rows + i) * s.p.columns() + s.first + j);
    }
  }
}

}  // namespace halfulp::kernels::cuda
