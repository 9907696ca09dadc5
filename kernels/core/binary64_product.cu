#include <halfulp/kernels/core/binary64_product.cuh>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <halfulp/kernels/core/binary64_tile.cuh>
#include <halfulp/kernels/core/magnitudes.cuh>

namespace halfulp::kernels::cuda {
namespace {

constexpr std::int64_t least_rows = 8, least_columns = 16;

template <class Tile>
std::int64_t tiles_of(const window_product<double>& p) {
  return p.groups * ((p.rows + Tile::rows - 1) / Tile::rows) * ((p.columns() + Tile::columns - 1) / Tile::columns);
}

/// As many blocks as run at once, but none for less than a few slabs.
template <class Tile>
std::int64_t blocks_for(std::int64_t slabs) {
  constexpr std::int64_t least_slabs = 4;
  return std::clamp<std::int64_t>(slabs / least_slabs, 1, Tile::blocks * multiprocessors());
}

/// How many columns, or terms, from the first on lie side by side in the image, or in the factor.
tile_loads loads_of(const window_product<double>& p) {
  const auto run = [](std::int64_t outer, std::int64_t outer_step, std::int64_t vertical, std::int64_t vertical_step,
                      std::int64_t horizontal, std::int64_t horizontal_step) {
    if (horizontal > 1) return horizontal_step == 1 ? horizontal : 1;
    if (vertical > 1) return vertical_step == 1 ? vertical : 1;
    return outer_step == 1 ? outer : 1;
  };
  const product_axis &v = p.vertical, &h = p.horizontal;
  const std::int64_t columns = run(p.outer_columns, p.image.column_step, v.columns, v.column_step * p.image.row_step,
                                   h.columns, h.column_step * p.image.element_step);
  const std::int64_t terms = run(p.outer_terms, p.image.term_step, v.terms, std::abs(v.term_step) * p.image.row_step,
                                 h.terms, std::abs(h.term_step) * p.image.element_step);
  const std::int64_t of_factor =
      run(p.outer_terms, p.factor.outer_step, v.terms, p.factor.vertical_step, h.terms, p.factor.horizontal_step);
  return {terms > columns, p.factor.row_step != 1 || of_factor >= p.rows};
}

template <class Tile>
void launch_tiles(const window_product<double>& p, const left_sums& left, const cuda_queue& queue) {
  const std::int64_t tiles = tiles_of<Tile>(p), slabs = (p.depth() + Tile::terms - 1) / Tile::terms;
  const std::int64_t blocks = blocks_for<Tile>(tiles * slabs);
  const auto places = static_cast<std::size_t>(slabs * Tile::terms);
  const array_regions image = image_regions(p), factor = factor_regions(p);
  const auto images = static_cast<std::size_t>(image.groups * image.count),
             factors = static_cast<std::size_t>(factor.groups * factor.count);
  const std::size_t of_terms = static_cast<std::size_t>(2 * blocks * Tile::sums) * sizeof(double2),
                    of_factor_terms = of_terms + places * sizeof(image_place),
                    of_image = of_factor_terms + places * sizeof(std::int64_t),
                    of_factor = of_image + images * sizeof(operand_range),
                    of_arrived = of_factor + factors * sizeof(operand_range),
                    of_tiles = static_cast<std::size_t>(tiles) * sizeof(unsigned);
  const workspace memory(queue, of_arrived + of_tiles);
  const slab_runs runs{tiles, slabs, blocks, memory.at<double2>(), memory.at<unsigned>(of_arrived)};
  check(cudaMemsetAsync(runs.arrived, 0, of_tiles, stream_of(queue)), "cudaMemsetAsync");
  queue_ranges(image, memory.at<operand_range>(of_image), queue);
  queue_ranges(factor, memory.at<operand_range>(of_factor), queue);
  const binary64_terms terms{memory.at<image_place>(of_terms), memory.at<std::int64_t>(of_factor_terms)};
  for_each_index(queue, static_cast<std::int64_t>(places), find_binary64_term{p, terms});
  constexpr std::size_t bytes = sizeof(binary64_memory<Tile>);
  check(cudaFuncSetAttribute(round_binary64_tiles<Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch(queue, static_cast<unsigned>(blocks), Tile::threads, bytes, round_binary64_tiles<Tile>, p, terms, loads_of(p),
         magnitude_table{memory.at<operand_range>(of_image), memory.at<operand_range>(of_factor)}, runs, left);
}

}  // namespace

bool prefers_binary64_tiles(const window_product<double>& p) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const product_axis &v = p.vertical, &h = p.horizontal;
  if (std::max({v.columns, v.terms, v.elements, h.columns, h.terms, h.elements, p.depth()}) > most) return false;
  if (image_regions(p).elements() > most) return false;
  return p.rows >= least_rows && p.columns() >= least_columns && p.depth() >= 1;
}

void round_binary64_products(const window_product<double>& p, const left_sums& left, const cuda_queue& queue) {
  using square = binary64_tile<64, 64>;
  using low = binary64_tile<128, 32>;
  using flat = binary64_tile<256, 16>;
  const std::int64_t by_square = tiles_of<square>(p), by_low = tiles_of<low>(p), by_flat = tiles_of<flat>(p);
  if (by_square <= std::min(by_low, by_flat))
    launch_tiles<square>(p, left, queue);
  else if (by_low <= by_flat)
    launch_tiles<low>(p, left, queue);
  else
    launch_tiles<flat>(p, left, queue);
}

}  // namespace halfulp::kernels::cuda
