// Launches the tiles of a product, and joins their parts.
#pragma once

#include <algorithm>
#include <cstdint>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tensor_product.cuh>

namespace halfulp::kernels::cuda {

/// Of so many tiles it is counted which of their parts have arrived.
inline constexpr std::int64_t most_arrivals = 4096;

template <class Tile, class T>
void launch_tiles(const window_product<T>& p, const typename Tile::plan& plan, int depth, const joined_rows& rows,
                  const operands_of<typename Tile::element>& operands, manner how, const left_sums& left,
                  unsigned* arrived, const cuda_queue& queue, const unsigned* asked = nullptr) {
  const int slabs = (depth + Tile::terms - 1) / Tile::terms;
  const tile_shares shares = tile_shares::of(p.groups * tiles_down<Tile>(p) * tiles_across<Tile>(p), slabs,
                                             std::int64_t{Tile::blocks} * multiprocessors());
  const std::int64_t most_parts = shares.most_parts();
  const auto parts = most_parts == 1 ? 0 : static_cast<std::size_t>(2 * shares.workers);
  const bool joins = most_parts > most_joined || shares.tiles > most_arrivals;
  const std::size_t totals = parts * tile_parts<Tile>::totals_each * sizeof(double),
                    reaches = totals + parts * Tile::threads * sizeof(double);
  const workspace memory(queue, reaches + parts * tile_parts<Tile>::squares_each * sizeof(float));
  const tile_parts<Tile> left_parts{memory.at<double>(), memory.at<double>(totals), memory.at<float>(reaches),
                                    joins ? nullptr : arrived, asked};
  constexpr std::size_t bytes = sizeof(tile_memory<Tile>);
  static_assert((bytes + 1024) * Tile::blocks <= 228 * 1024);
  check(cudaFuncSetAttribute(multiply_tiles<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch(queue, how, static_cast<unsigned>(std::min(shares.workers, most_blocks)), Tile::threads, bytes,
         multiply_tiles<T, Tile>, p, plan, rows, operands, shares, left_parts, left);
  if (!joins || most_parts == 1) return;
  const std::int64_t blocks = shares.tiles * (Tile::sums / joined_sums);
  launch(queue, manner{true}, static_cast<unsigned>(std::min(blocks, most_blocks)), Tile::threads, 0,
         join_tiles<T, Tile>, p, plan, rows, shares, left_parts, left);
}

}  // namespace halfulp::kernels::cuda
