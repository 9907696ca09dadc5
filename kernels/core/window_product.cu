#include <halfulp/kernels/core/round_products.hpp>

#include <algorithm>
#include <limits>
#include <type_traits>

#include <halfulp/kernels/core/binary64_product.cuh>
#include <halfulp/kernels/core/few_products.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tensor_product.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

constexpr unsigned repair_threads = 128;

/// Each sum by one thread, in compensated arithmetic: for binary64, and where there are too few rows for tiles.
template <class T>
struct round_one {
  window_product<T> p;
  left_sums left;

  __device__ void operator()(std::int64_t i) const {
    const sum_index s = sum_at(p, i);
    const sum_terms<T> terms(p, s);
    if (terms.count() == 0) {
      output_of(p, s) = p.start == nullptr ? zero_of<T>() : narrow<T>(widen(p.start[s.group * p.rows + s.row]));
      return;
    }
    compensated_terms sum;
    terms.each([&](T a, T b) { sum.add_product(a, b); });
    if (p.start != nullptr) sum.add(widen(p.start[s.group * p.rows + s.row]));
    if (!decide<T>(sum.value(), sum.radius(p.depth() + 1), output_of(p, s))) left.add(i);
  }
};

/// The sums that are left, a warp each.
template <class T>
__global__ void __launch_bounds__(repair_threads)
    repair(const __grid_constant__ window_product<T> p, left_sums left, tier first, tier_counts* decided) {
  __shared__ alignas(16) unsigned char memory[repair_threads / lanes][sizeof(exact_sum<T>)];
  const std::int64_t warp = threadIdx.x / lanes, warps = repair_threads / lanes;
  warp_rounding<T> rounding(p, *reinterpret_cast<exact_sum<T>*>(memory[warp]));
  const auto count = static_cast<std::int64_t>(*left.count);
  std::int64_t by_compensation = 0, exactly = 0;
  for (std::int64_t k = blockIdx.x * warps + warp; k < count; k += gridDim.x * warps) {
    const sum_index s = sum_at(p, left.sum[k]);
    T rounded;
    ++(rounding.round(s, rounded) == tier::exact ? exactly : by_compensation);
    if (threadIdx.x % lanes == 0) output_of(p, s) = rounded;
  }
  if (decided == nullptr || threadIdx.x % lanes != 0) return;
  const auto add = [&](tier t, std::int64_t n) {
    atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<int>(t)]),
              static_cast<unsigned long long>(n));
  };
  if (blockIdx.x == 0 && warp == 0) add(first, p.sums() - count);
  if (by_compensation > 0) add(tier::double_double, by_compensation);
  if (exactly > 0) add(tier::exact, exactly);
}

using square_tile = tile<64, 64>;

/// Whether tiles are the better way: neither side of them mostly empty, and every number that they hold in 32 bits fits.
template <class T>
bool prefers_tiles(const window_product<T>& p) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const product_axis &v = p.vertical, &h = p.horizontal;
  if (std::max({v.columns, v.terms, v.elements, h.columns, h.terms, h.elements}) > most) return false;
  return p.rows >= square_tile::rows / 4 && p.columns() >= square_tile::columns / 2 && p.depth() >= 1 &&
         p.depth() <= most_tile_terms;
}

template <class Tile, class T>
std::int64_t tiles_of(const window_product<T>& p) {
  return p.groups * ((p.rows + Tile::rows - 1) / Tile::rows) * ((p.columns() + Tile::columns - 1) / Tile::columns);
}

/// How many parts the terms of each tile are cut into: as many as keep all multiprocessors busy, none of them short; and
/// none so long that its bound leaves many sums undecided.
inline int parts_of_terms(std::int64_t tiles, std::int64_t slabs, std::int64_t processors) {
  constexpr std::int64_t least_slabs = 16, most_slabs = 256;
  const std::int64_t accurate = (slabs + most_slabs - 1) / most_slabs;
  if (2 * tiles >= 5 * processors) return static_cast<int>(accurate);
  const std::int64_t busy =
      std::min((4 * processors + tiles - 1) / tiles, std::max<std::int64_t>(1, slabs / least_slabs));
  return static_cast<int>(std::max(busy, accurate));
}

template <class Tile, class T>
void launch_tiles(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  const std::int64_t tiles = tiles_of<Tile>(p), slabs = (p.depth() + Tile::terms - 1) / Tile::terms;
  const int count = parts_of_terms(tiles, slabs, multiprocessors());
  const auto slabs_of_part = (slabs + count - 1) / count, parts = (slabs + slabs_of_part - 1) / slabs_of_part;
  const auto terms = static_cast<std::size_t>((slabs + 2) * Tile::terms);
  const auto kept = parts == 1 ? 0 : static_cast<std::size_t>(tiles * parts);
  constexpr std::size_t sums = Tile::columns * Tile::rows, squares = Tile::columns + Tile::rows;
  const std::size_t places = terms * sizeof(term_place), factors = places + terms * sizeof(std::int64_t),
                    totals = factors + kept * sums * sizeof(double), all = totals + kept * squares * sizeof(float);
  const std::size_t arrived = parts == 1 ? 0 : static_cast<std::size_t>(tiles) * sizeof(unsigned);
  const workspace memory(queue, all + arrived);
  const term_table table{memory.at<term_place>(), memory.at<std::int64_t>(places)};
  const term_parts cut{static_cast<int>(parts),    static_cast<int>(slabs),  static_cast<int>(slabs_of_part),
                       memory.at<double>(factors), memory.at<float>(totals), memory.at<unsigned>(all)};
  if (arrived > 0) check(cudaMemsetAsync(cut.arrived, 0, arrived, stream_of(queue)), "cudaMemsetAsync");
  for_each_index(queue, static_cast<std::int64_t>(terms), find_term<T>{p, table});
  constexpr std::size_t bytes = sizeof(tile_memory<T, Tile>);
  check(cudaFuncSetAttribute(round_tiles<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch(queue, static_cast<unsigned>(std::min(tiles * parts, most_blocks)), Tile::threads, bytes, round_tiles<T, Tile>,
         p, table, cut, tiles, left);
}

/// Computes every sum; returns the tier that decides those that are not left.
template <class T>
tier round_most(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  if constexpr (!std::is_same_v<T, double>) {
    if (prefers_tiles(p)) {
      launch_tiles<square_tile>(p, left, queue);
      return tier::binary64;
    }
  } else if (prefers_binary64_tiles(p)) {
    round_binary64_products(p, left, queue);
    return tier::double_double;
  }
  if (round_few_products(p, left, queue)) return std::is_same_v<T, double> ? tier::double_double : tier::binary64;
  for_each_index(queue, p.sums(), round_one<T>{p, left});
  return tier::double_double;
}

}  // namespace

template <class T>
void round_products(const window_product<T>& p, const cuda_queue& queue) {
  const std::int64_t sums = p.sums();
  if (sums == 0) return;
  const workspace memory(queue, (static_cast<std::size_t>(sums) + 1) * sizeof(std::int64_t));
  const left_sums left{memory.at<unsigned long long>(), memory.at<std::int64_t>(sizeof(std::int64_t))};
  check(cudaMemsetAsync(left.count, 0, sizeof(*left.count), stream_of(queue)), "cudaMemsetAsync");
  const tier first = round_most(p, left, queue);
  launch(queue, static_cast<unsigned>(8 * multiprocessors()), repair_threads, 0, repair<T>, p, left, first,
         queue.decided);
}

}  // namespace cuda

void round_products(const window_product<float16>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}
void round_products(const window_product<bfloat16>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}
void round_products(const window_product<float>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}
void round_products(const window_product<double>& p, const cuda_queue& q) {
  cuda::round_products(p, q);
}

}  // namespace halfulp::kernels
