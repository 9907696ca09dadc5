// Launches products of residues of operands of at most 24 bits.
#pragma once

#include <algorithm>
#include <cstdint>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/narrow_tile.cuh>

namespace halfulp::kernels::cuda {

/// Nothing where two stages of one pair of chunks do not fit into shared memory.
template <class Tile>
std::optional<narrow_slabs> narrow_slabs_of(const narrow_plan& plan) {
  constexpr int most_bytes = 227 * 1024 - static_cast<int>(sizeof(narrow_memory<Tile>));
  narrow_slabs s{};
  s.window = plan.window(Tile::all_columns);
  s.factor_bytes = plan.taps() * 2 * narrow_plan::rows * narrow_plan::chunk;
  s.image_bytes = 2 * s.window * narrow_plan::chunk;
  const int all = plan.chunks / 2, pairs = most_bytes / (s.factor_bytes + s.image_bytes);
  if (pairs < 2) return std::nullopt;
  // At least three stages, where they fit, of slabs of equal size.
  s.slabs = (all + std::max(pairs / 3, 1) - 1) / std::max(pairs / 3, 1);
  s.pairs = (all + s.slabs - 1) / s.slabs;
  s.stages = std::min(pairs / s.pairs, narrow_memory<Tile>::most_stages);
  return s;
}

template <class T, class Tile>
void launch_narrow(const window_product<T>& p, const narrow_plan& plan, const narrow_slabs& slabs,
                   const left_sums& left, const cuda_queue& queue) {
  using form = typename Tile::form;
  static constexpr auto table = make_narrow_table<form>();
  const std::int64_t lines = plan.groups * plan.row_tiles * narrow_plan::rows;
  const std::int64_t chunks = plan.groups * plan.chunks, places = chunks * plan.places;
  const std::size_t images = static_cast<std::size_t>(places * form::moduli * narrow_plan::chunk),
                    factors = static_cast<std::size_t>(lines * plan.chunks * plan.taps() * form::moduli * narrow_plan::chunk),
                    rows = static_cast<std::size_t>(lines) * sizeof(narrow_row);
  const workspace memory(queue, images + factors + rows + static_cast<std::size_t>(places) + 256);
  const narrow_operands to{memory.at<unsigned char>(), memory.at<unsigned char>(images),
                           memory.at<unsigned char>(images + factors + rows + 16),
                           memory.at<narrow_row>(images + factors), memory.at<unsigned>(images + factors + rows)};
  NARROW_MARK(0);
  check(cudaMemsetAsync(to.largest, 0, sizeof(unsigned), stream_of(queue)), "cudaMemsetAsync");
  launch(queue, static_cast<unsigned>(lines + 4 * multiprocessors()), narrow_threads, 0, write_narrow_rows<T, form>, p,
         plan, table, to, image_elements(p));
  NARROW_MARK(1);
  launch(queue, NARROW_MANNER,
         dim3{static_cast<unsigned>((plan.places + narrow_threads - 1) / narrow_threads), static_cast<unsigned>(chunks)},
         narrow_threads, 0, write_narrow_image<T, form>, p, plan, table, to, divisor(static_cast<unsigned>(plan.width)),
         divisor(static_cast<unsigned>(plan.lines)));
  NARROW_MARK(2);
  const std::int64_t across = (plan.columns + Tile::all_columns - 1) / Tile::all_columns,
                     tiles = plan.groups * plan.row_tiles * across;
  const int bytes = slabs.stages * slabs.stage_bytes() + static_cast<int>(sizeof(narrow_memory<Tile>));
  check(cudaFuncSetAttribute(multiply_narrow<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch(queue, NARROW_MANNER, static_cast<unsigned>(std::min<std::int64_t>(tiles, multiprocessors())), Tile::threads,
         static_cast<std::size_t>(bytes), multiply_narrow<T, Tile>, p, plan, slabs, to, table, tiles, left);
  NARROW_MARK(3);
}

}  // namespace halfulp::kernels::cuda
