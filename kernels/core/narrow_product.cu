#include <halfulp/kernels/core/narrow_product.cuh>

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

#include <halfulp/kernels/core/narrow_image.cuh>
#include <halfulp/kernels/core/narrow_multiply.cuh>
#include <halfulp/kernels/core/narrow_round_tile.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// As many moduli and bits as leave few sums of normally distributed numbers.
using form_of_tiles = narrow_form<8, 26>;
template <int Down, int Across>
using tile_of = narrow_tile<form_of_tiles, 96, Down, Across>;

/// Nothing where two stages of one pair of chunks do not fit into shared memory.
template <class Tile>
std::optional<narrow_slabs> slabs_of(const narrow_plan& plan) {
  constexpr int most_bytes = 227 * 1024 - static_cast<int>(sizeof(narrow_memory)), least_stages = 3;
  narrow_slabs s{};
  s.window = plan.window(Tile::all_columns);
  s.factor_bytes = plan.taps() * 2 * narrow_plan::rows * narrow_plan::chunk;
  s.image_bytes = 2 * s.window * narrow_plan::chunk;
  const int all = plan.chunks / 2, pairs = most_bytes / (s.factor_bytes + s.image_bytes);
  if (pairs < 2) return std::nullopt;
  const int most_pairs = std::max(pairs / least_stages, 1), slabs = (all + most_pairs - 1) / most_pairs;
  s.pairs = (all + slabs - 1) / slabs;
  s.stages = std::min(pairs / s.pairs, narrow_memory::most_stages);
  return s;
}

/// What kernels leave for one another, in one piece of memory.
template <class Tile>
class narrow_workspace {
 public:
  using form = typename Tile::form;
  narrow_workspace(const narrow_plan& plan, const narrow_deal& deal, const cuda_queue& queue)
      : images_(static_cast<std::size_t>(plan.groups * plan.chunks * plan.places * form::moduli * narrow_plan::chunk)),
        lines_(static_cast<std::size_t>(plan.groups * plan.row_tiles * narrow_plan::rows)),
        factors_(lines_ * static_cast<std::size_t>(plan.chunks * plan.taps() * form::moduli * narrow_plan::chunk)),
        fractions_(static_cast<std::size_t>((deal.tiles + deal.blocks) * Tile::all_sums) * sizeof(std::uint64_t)),
        memory_(queue, first_lost() + static_cast<std::size_t>(plan.groups * plan.places) * sizeof(int)) {}

  narrow_operands operands(narrow_state* state) const {
    return {memory_.at<unsigned char>(),
            memory_.at<unsigned char>(images_),
            memory_.at<int>(first_lost()),
            memory_.at<narrow_row>(first_row()),
            state,
            memory_.at<std::uint64_t>(images_ + factors_)};
  }
  std::int64_t lines() const { return static_cast<std::int64_t>(lines_); }

 private:
  std::size_t first_row() const { return images_ + factors_ + fractions_; }
  std::size_t first_lost() const { return first_row() + lines_ * sizeof(narrow_row); }
  std::size_t images_, lines_, factors_, fractions_;
  workspace memory_;
};

template <class T, class Tile>
bool launch_narrow(const window_product<T>& p, narrow_state* state, const left_sums& left, const cuda_queue& queue) {
  using form = typename Tile::form;
  static constexpr auto table = make_narrow_table<form>();
  const auto plan = narrow_plan::of(p, Tile::all_columns);
  if (!plan) return false;
  const auto slabs = slabs_of<Tile>(*plan);
  if (!slabs) return false;
  const std::int64_t across = (plan->columns + Tile::all_columns - 1) / Tile::all_columns,
                     tiles = plan->groups * plan->row_tiles * across;
  constexpr std::int64_t most_parts = (std::int64_t{1} << 31) - 1;
  if (tiles * form::moduli > most_parts / (multiprocessors() + 1)) return false;
  const narrow_deal deal{static_cast<int>(tiles), form::moduli,
                         static_cast<int>(std::min<std::int64_t>(tiles, multiprocessors()))};
  const narrow_workspace<Tile> w(*plan, deal, queue);
  const narrow_operands to = w.operands(state);
  // Blocks of the largest magnitude share multiprocessors with those of rows.
  constexpr int blocks_of_processor = 3;
  launch(queue, static_cast<unsigned>(w.lines() + blocks_of_processor * multiprocessors()), row_threads, 0,
         write_narrow_rows<T, form>, p, *plan, table, to, image_elements(p));
  const auto blocks = static_cast<unsigned>((plan->places + narrow_threads - 1) / narrow_threads);
  launch(queue, manner{true}, dim3{blocks, static_cast<unsigned>(plan->groups * plan->chunks)}, narrow_threads, 0,
         write_narrow_image<T, form>, p, *plan, table, to, divisor(static_cast<unsigned>(plan->width)),
         divisor(static_cast<unsigned>(plan->lines)));
  const int bytes = slabs->stages * slabs->stage_bytes() + static_cast<int>(sizeof(narrow_memory));
  check(cudaFuncSetAttribute(multiply_narrow<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  const narrow_call<T, Tile> call{p, *plan, *slabs, to, table, deal, left};
  launch(queue, manner{true}, static_cast<unsigned>(deal.blocks), Tile::threads, static_cast<std::size_t>(bytes),
         multiply_narrow<T, Tile>, call);
  launch(queue, manner{true}, dim3{static_cast<unsigned>(tiles), narrow_rounder<T, Tile>::blocks}, narrow_threads, 0,
         round_narrow<T, Tile>, call);
  return true;
}

}  // namespace

template <class T>
bool prefers_narrow_residues(const window_product<T>& p) {
  using tile = tile_of<3, 3>;
  if (p.depth() > most_narrow_terms || p.vertical.terms % tile::down != 0 || p.horizontal.terms % tile::across != 0)
    return false;
  const auto plan = narrow_plan::of(p, tile::all_columns);
  if (!plan || !slabs_of<tile>(*plan) || !has_wgmma()) return false;
  // Microseconds on an H200: what kernels wait for, residues of a million numbers, a term of a modulus of a tile, and a
  // million sums; and a million products of tiles of ordinary numbers.
  constexpr double passes = 24, residues = .4, term = .0027, sums = 3.5, products = .045, million = 1e6;
  const auto groups = static_cast<double>(plan->groups), depth = static_cast<double>(p.depth());
  const auto tiles = static_cast<double>(plan->groups * plan->row_tiles) *
                     std::ceil(static_cast<double>(plan->columns) / tile::all_columns);
  const double moduli = tile::form::moduli, numbers = groups * plan->places * plan->chunks * narrow_plan::chunk,
               all = static_cast<double>(p.sums()) / million;
  const double run = std::ceil(tiles * moduli / std::min<double>(tiles, multiprocessors()));
  return passes + residues * moduli * numbers / million + term * run * depth + sums * all < products * depth * all;
}

template <class T>
bool round_narrow_products(const window_product<T>& p, narrow_state* state, const left_sums& left,
                           const cuda_queue& queue) {
  if (p.depth() > most_narrow_terms) return false;
  if (p.vertical.terms % 3 == 0 && p.horizontal.terms % 3 == 0)
    return launch_narrow<T, tile_of<3, 3>>(p, state, left, queue);
  return launch_narrow<T, tile_of<1, 1>>(p, state, left, queue);
}

template bool prefers_narrow_residues(const window_product<float16>&);
template bool prefers_narrow_residues(const window_product<bfloat16>&);
template bool round_narrow_products(const window_product<float16>&, narrow_state*, const left_sums&, const cuda_queue&);
template bool round_narrow_products(const window_product<bfloat16>&, narrow_state*, const left_sums&,
                                    const cuda_queue&);

}  // namespace halfulp::kernels::cuda
