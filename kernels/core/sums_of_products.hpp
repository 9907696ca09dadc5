#pragma once

#include <cstdint>
#include <type_traits>

#include <omp.h>

#include <halfulp/kernels/core/tasks.hpp>
#include <halfulp/kernels/core/tile_rounding.hpp>
#include <halfulp/kernels/core/tiling.hpp>
#include <halfulp/kernels/core/windows.hpp>

namespace halfulp::kernels {

/// What all threads together keep of rows, 16 MiB; worth it where each set of rows serves several tiles.
inline constexpr std::int64_t most_kept_numbers = std::int64_t{1} << 21;

/// Tile after tile; in pairs, tiles of whole pairs.
template <class T, class Problem>
tier_counts round_tiles(const Problem& problem, std::int64_t groups, T* out) {
  const int threads = omp_get_max_threads();
  const auto round = [&](const tiling& tiles, bool pairs, auto columns_of) {
    const std::int64_t most_kept = tiles.column_tiles() > 2 ? most_kept_numbers / threads : 0;
    return run_tasks<tile_rounding<T, Problem>>(
        tiles.count(),
        [&](auto& tile, std::int64_t task) {
          const tile_range range = tiles.range(task);
          return tile.round(tiles.group(task), {range.rows, columns_of(range.columns)});
        },
        problem, out, most_kept, pairs);
  };
  if constexpr (sums_over_windows<Problem> && !Problem::can_underflow)
    if (prefers_pairs(problem)) {
      const position_pairs of_line{problem.grid().columns.positions};
      product_shape shape = problem.shape();
      shape.columns = of_line.pair_from(shape.columns);
      return round(tiling(groups, shape, threads, 2), true, [&](index_interval p) { return of_line.positions(p); });
    }
  return round(tiling(groups, problem.shape(), threads), false, [](index_interval c) { return c; });
}

/// Every element of `groups` products of the same shape, each the exact sum rounded once, by the threads that OpenMP
/// gives. Each thread has a copy of `problem`.
template <class T, class Problem>
tier_counts round_sums_of_products(const Problem& problem, std::int64_t groups, T* out) {
  if constexpr (sums_over_windows<Problem> && !std::is_same_v<T, double>) {
    const window_bands bands(problem, groups);
    if (bands.fits() && prefers_windows(problem))
      return run_tasks<window_rounding<T, Problem>>(
          bands.count(),
          [&](auto& windows, std::int64_t task) {
            return windows.round(bands.group(task), bands.image(task), bands.rows(task));
          },
          problem, out);
  }
  return round_tiles<T>(problem, groups, out);
}

}  // namespace halfulp::kernels
