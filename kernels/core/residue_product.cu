#include <halfulp/kernels/core/residue_product.cuh>

#include <algorithm>
#include <limits>

#include <halfulp/kernels/core/residue_operands.cuh>
#include <halfulp/kernels/core/residue_rounding.cuh>
#include <halfulp/kernels/core/residue_tile.cuh>

namespace halfulp::kernels::cuda {
namespace {

constexpr std::int64_t rows_of_tile = 128;
// Residues in memory at a time: of columns and of their sums; and of rows, of which there are no parts.
constexpr std::int64_t most_part_bytes = std::int64_t{1} << 28, most_factor_bytes = std::int64_t{1} << 30;

std::int64_t quotient_up(std::int64_t x, std::int64_t by) {
  return (x + by - 1) / by;
}
std::int64_t slabs_of(const window_product<double>& p) {
  return quotient_up(p.depth(), residue_layout::slab_terms);
}

std::int64_t filled_rows(const window_product<double>& p) {
  return quotient_up(p.rows, rows_of_tile) * rows_of_tile;
}

/// Columns at a time: parts of about equal size, each of whole tiles.
template <class Tile>
std::int64_t columns_at_a_time(const window_product<double>& p) {
  static_assert(Tile::rows == rows_of_tile);
  const std::int64_t of_column = moduli * (slabs_of(p) * residue_layout::slab_terms + filled_rows(p));
  const std::int64_t parts = quotient_up(of_column * p.columns(), most_part_bytes);
  return quotient_up(quotient_up(p.columns(), parts), Tile::columns) * Tile::columns;
}

/// Workspace of one part of the columns of a group.
template <class Tile>
struct residue_workspace {
  residue_workspace(const window_product<double>& p, std::int64_t columns, const cuda_queue& queue)
      : image{nullptr, nullptr, {columns, slabs_of(p), Tile::columns}},
        factor{nullptr, nullptr, {p.rows, slabs_of(p), Tile::rows}},
        tiles{factor.layout.tiles(), image.layout.tiles()},
        terms(slabs_of(p) * residue_layout::slab_terms),
        memory(queue, first_factor_term() + bytes_of<std::int64_t>(terms)) {
    image.bytes = memory.at<unsigned char>();
    factor.bytes = memory.at<unsigned char>(first_factor());
    image.line = memory.at<residue_line>(first_line());
    factor.line = image.line + columns;
  }

  std::uint32_t* sums() const { return memory.at<std::uint32_t>(first_sum()); }
  binary64_terms table() const {
    return {memory.at<image_place>(first_term()), memory.at<std::int64_t>(first_factor_term())};
  }

  residue_operand image, factor;
  residue_tiles tiles;
  std::int64_t terms;

 private:
  template <class T>
  static std::size_t bytes_of(std::int64_t n) {
    return static_cast<std::size_t>(n) * sizeof(T);
  }
  std::size_t first_factor() const { return bytes_of<unsigned char>(moduli * image.layout.bytes()); }
  std::size_t first_sum() const { return first_factor() + bytes_of<unsigned char>(moduli * factor.layout.bytes()); }
  std::size_t first_term() const {
    return first_sum() + bytes_of<std::uint32_t>(tiles.down * tiles.across * Tile::tile_step);
  }
  std::size_t first_line() const { return first_term() + bytes_of<image_place>(terms); }
  std::size_t first_factor_term() const {
    return first_line() + bytes_of<residue_line>(image.layout.lines + factor.layout.lines);
  }

  workspace memory;
};

constexpr residue_table table = make_residue_table();

/// Columns [first, first + columns) of a group; `again`: the residues of the rows are there.
template <class Tile>
void launch_part(const window_product<double>& p, std::int64_t group, std::int64_t first, std::int64_t columns,
                 bool again, const residue_workspace<Tile>& w, const left_sums& left, const cuda_queue& queue) {
  residue_operand image = w.image, factor = w.factor;
  image.layout.lines = columns;
  const residue_tiles tiles{w.tiles.down, image.layout.tiles()};
  const std::int64_t lines = tiles.across * Tile::columns + (again ? 0 : tiles.down * Tile::rows);
  launch(queue, static_cast<unsigned>(std::min(lines / residue_lines, most_blocks)), residue_threads, 0, write_residues,
         residue_columns{p, w.table().image, group, first}, image, residue_rows{p, w.table().factor, group, p.depth()},
         factor, table, lines / residue_lines);
  constexpr std::size_t bytes = sizeof(residue_memory<Tile>);
  check(cudaFuncSetAttribute(multiply_residues<Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch(queue, static_cast<unsigned>(std::min<std::int64_t>(tiles.count(), multiprocessors())), Tile::threads, bytes,
         multiply_residues<Tile>, tiles, image, factor, table, w.sums());
  launch(queue, static_cast<unsigned>(std::min(tiles.down * tiles.across * Tile::words, most_blocks)),
         Tile::multipliers, 0, round_residue_tiles<Tile>, residue_sums{p, group, first, factor.line, image.line}, tiles,
         table, w.sums(), columns, left);
}

template <class Tile>
void launch_residues(const window_product<double>& p, const left_sums& left, const cuda_queue& queue) {
  const std::int64_t step = columns_at_a_time<Tile>(p);
  const residue_workspace<Tile> w(p, std::min(step, p.columns()), queue);
  for_each_index(queue, w.terms, find_binary64_term{p, w.table()});
  for (std::int64_t group = 0; group < p.groups; ++group)
    for (std::int64_t first = 0; first < p.columns(); first += step)
      launch_part<Tile>(p, group, first, std::min(step, p.columns() - first), first > 0, w, left, queue);
}

}  // namespace

bool prefers_residues(const window_product<double>& p) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const product_axis &v = p.vertical, &h = p.horizontal;
  if (std::max({v.columns, v.terms, v.elements, h.columns, h.terms, h.elements}) > most) return false;
  if (p.depth() < 1 || p.depth() > most_residue_terms || p.sums() < 1 || p.rows > most || p.columns() > most)
    return false;
  if (moduli * slabs_of(p) * residue_layout::slab_terms * filled_rows(p) > most_factor_bytes) return false;
  // Microseconds on an H200, in millionths: a number to be made residues, a term on tensor cores and by extraction, a
  // sum to be joined and rounded, and a group's kernels.
  constexpr double number = 20, term = .036, extracted = .42, sum = 22, group = 15e6;
  const auto groups = static_cast<double>(p.groups), depth = static_cast<double>(p.depth());
  const auto rows = static_cast<double>(p.rows), columns = static_cast<double>(p.columns());
  const auto filled = static_cast<double>(filled_rows(p));
  const double by_residues =
      groups * (group + number * depth * (filled + columns) + filled * columns * (term * depth + sum));
  return by_residues < groups * rows * columns * depth * extracted && has_wgmma();
}

void round_residue_products(const window_product<double>& p, const left_sums& left, const cuda_queue& queue) {
  const auto filled = [&](std::int64_t columns) { return quotient_up(p.columns(), columns) * columns; };
  if (filled(256) <= std::min(filled(224), filled(192)))
    launch_residues<residue_tile<256>>(p, left, queue);
  else if (filled(224) <= filled(192))
    launch_residues<residue_tile<224>>(p, left, queue);
  else
    launch_residues<residue_tile<192>>(p, left, queue);
}

}  // namespace halfulp::kernels::cuda
