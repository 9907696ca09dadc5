#include <halfulp/kernels/core/narrow_product.cuh>

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

#include <halfulp/kernels/core/narrow_image.cuh>
#include <halfulp/kernels/core/narrow_tile.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// As many moduli and bits as leave few sums of normally distributed numbers.
template <class T>
using form_of = std::conditional_t<std::is_same_v<T, float>, narrow_form<11, 40>, narrow_form<8, 26>>;

template <class T, int Down, int Across>
using tile_of = narrow_tile<form_of<T>, 128, Down, Across>;

/// Whether the current device is of the architecture that the kernels are compiled for, and no later one.
bool is_on_device() {
  int device = 0, major = 0, minor = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device), "cudaDeviceGetAttribute");
  return major == 9 && minor == 0;
}

/// Nothing where two stages of one pair of chunks do not fit into shared memory.
template <class Tile>
std::optional<narrow_slabs> slabs_of(const narrow_plan& plan) {
  constexpr int most_bytes = 227 * 1024 - static_cast<int>(sizeof(narrow_memory<Tile>)), least_stages = 3;
  narrow_slabs s{};
  s.window = plan.window(Tile::all_columns);
  s.factor_bytes = plan.taps() * 2 * narrow_plan::rows * narrow_plan::chunk;
  s.image_bytes = 2 * s.window * narrow_plan::chunk;
  const int all = plan.chunks / 2, pairs = most_bytes / (s.factor_bytes + s.image_bytes);
  if (pairs < 2) return std::nullopt;
  const int most_pairs = std::max(pairs / least_stages, 1);
  s.slabs = (all + most_pairs - 1) / most_pairs;
  s.pairs = (all + s.slabs - 1) / s.slabs;
  s.stages = std::min(pairs / s.pairs, narrow_memory<Tile>::most_stages);
  return s;
}

/// What kernels leave for one another, in one piece of memory.
template <class Form>
class narrow_workspace {
 public:
  narrow_workspace(const narrow_plan& plan, const cuda_queue& queue)
      : images_(static_cast<std::size_t>(plan.groups * plan.chunks * plan.places * Form::moduli * narrow_plan::chunk)),
        lines_(static_cast<std::size_t>(plan.groups * plan.row_tiles * narrow_plan::rows)),
        factors_(lines_ * static_cast<std::size_t>(plan.chunks * plan.taps() * Form::moduli * narrow_plan::chunk)),
        memory_(queue, first_lost() + static_cast<std::size_t>(plan.groups * plan.places) * sizeof(int)) {}

  narrow_operands operands(narrow_state* state) const {
    return {memory_.at<unsigned char>(), memory_.at<unsigned char>(images_), memory_.at<int>(first_lost()),
            memory_.at<narrow_row>(images_ + factors_), state};
  }
  std::int64_t lines() const { return static_cast<std::int64_t>(lines_); }

 private:
  std::size_t first_lost() const { return images_ + factors_ + lines_ * sizeof(narrow_row); }
  std::size_t images_, lines_, factors_;
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
  const narrow_workspace<form> w(*plan, queue);
  const narrow_operands to = w.operands(state);
  // Blocks of the largest magnitude share multiprocessors with those of rows.
  constexpr int blocks_of_processor = 3;
  launch(queue, static_cast<unsigned>(w.lines() + blocks_of_processor * multiprocessors()), row_threads, 0,
         write_narrow_rows<T, form>, p, *plan, table, to, image_elements(p));
  const auto blocks = static_cast<unsigned>((plan->places + narrow_threads - 1) / narrow_threads);
  launch(queue, manner{true}, dim3{blocks, static_cast<unsigned>(plan->groups * plan->chunks)}, narrow_threads, 0,
         write_narrow_image<T, form>, p, *plan, table, to, divisor(static_cast<unsigned>(plan->width)),
         divisor(static_cast<unsigned>(plan->lines)));
  const std::int64_t across = (plan->columns + Tile::all_columns - 1) / Tile::all_columns,
                     tiles = plan->groups * plan->row_tiles * across;
  const int bytes = slabs->stages * slabs->stage_bytes() + static_cast<int>(sizeof(narrow_memory<Tile>));
  check(cudaFuncSetAttribute(multiply_narrow<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch(queue, manner{true}, static_cast<unsigned>(std::min<std::int64_t>(tiles, multiprocessors())), Tile::threads,
         static_cast<std::size_t>(bytes), multiply_narrow<T, Tile>, p, *plan, *slabs, to, table, tiles, left);
  return true;
}

}  // namespace

template <class T>
bool prefers_narrow_residues(const window_product<T>& p) {
  using tile = tile_of<T, 3, 3>;
  if (p.depth() > most_narrow_terms || p.vertical.terms % tile::down != 0 || p.horizontal.terms % tile::across != 0)
    return false;
  const auto plan = narrow_plan::of(p, tile::all_columns);
  if (!plan || !slabs_of<tile>(*plan) || !is_on_device()) return false;
  // Microseconds on an H200: passes and what they wait for, residues of a million numbers, a term of a tile and what it ends
  // with; and a million products of tiles of ordinary numbers.
  constexpr double passes = 20, residues = .45, term = .0022, sums = sizeof(T) == 2 ? 17 : 27, products = .023;
  constexpr double million = 1e6;
  const auto groups = static_cast<double>(plan->groups), depth = static_cast<double>(p.depth());
  const auto tiles = static_cast<double>(plan->groups * plan->row_tiles) *
                     std::ceil(static_cast<double>(plan->columns) / tile::all_columns);
  const double moduli = tile::form::moduli, numbers = groups * plan->places * plan->chunks * narrow_plan::chunk;
  const double by_residues = passes + residues * moduli * numbers / million +
                             std::ceil(tiles / multiprocessors()) * (term * moduli * depth + sums);
  return by_residues < products * depth * static_cast<double>(p.sums()) / million;
}

template <class T>
bool round_narrow_products(const window_product<T>& p, narrow_state* state, const left_sums& left,
                           const cuda_queue& queue) {
  if (p.depth() > most_narrow_terms) return false;
  if (p.vertical.terms % 3 == 0 && p.horizontal.terms % 3 == 0)
    return launch_narrow<T, tile_of<T, 3, 3>>(p, state, left, queue);
  return launch_narrow<T, tile_of<T, 1, 1>>(p, state, left, queue);
}

template bool prefers_narrow_residues(const window_product<float16>&);
template bool prefers_narrow_residues(const window_product<bfloat16>&);
template bool prefers_narrow_residues(const window_product<float>&);
template bool round_narrow_products(const window_product<float16>&, narrow_state*, const left_sums&, const cuda_queue&);
template bool round_narrow_products(const window_product<bfloat16>&, narrow_state*, const left_sums&,
                                    const cuda_queue&);
template bool round_narrow_products(const window_product<float>&, narrow_state*, const left_sums&, const cuda_queue&);

}  // namespace halfulp::kernels::cuda
