#include <halfulp/kernels/core/round_products.hpp>

#include <algorithm>
#include <limits>
#include <type_traits>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tensor_product.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels {
namespace cuda {
namespace {

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

constexpr int most_repair_threads = lanes * rounding_memory<float>::most_warps;

/// The sums that are left, a block each.
template <class T>
__global__ void __launch_bounds__(most_repair_threads)
    repair(const __grid_constant__ window_product<T> p, left_sums left, tier first, tier_counts* decided) {
  __shared__ alignas(16) unsigned char memory[sizeof(rounding_memory<T>)];
  block_rounding<T> rounding(p, *reinterpret_cast<rounding_memory<T>*>(memory));
  cudaGridDependencySynchronize();
  const auto count = static_cast<std::int64_t>(*left.count);
  std::int64_t by_compensation = 0, exactly = 0;
  for (std::int64_t k = blockIdx.x; k < count; k += gridDim.x) {
    const sum_index s = sum_at(p, left.sum[k]);
    T rounded;
    ++(rounding.round(s, rounded) == tier::exact ? exactly : by_compensation);
    if (threadIdx.x == 0) output_of(p, s) = rounded;
  }
  if (decided == nullptr || threadIdx.x != 0) return;
  const auto add = [&](tier t, std::int64_t n) {
    atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<int>(t)]),
              static_cast<unsigned long long>(n));
  };
  if (blockIdx.x == 0) add(first, p.sums() - count);
  if (by_compensation > 0) add(tier::double_double, by_compensation);
  if (exactly > 0) add(tier::exact, exactly);
}

/// So many threads that each has some 32 terms of a sum, and as many blocks as the device has room for.
template <class T>
void launch_repair(const window_product<T>& p, const left_sums& left, tier first, const cuda_queue& queue) {
  constexpr int threads_of_processor = 2048, most_blocks_of_processor = 32;
  int threads = lanes;
  while (threads < most_repair_threads && 32 * threads < p.depth()) threads *= 2;
  const int blocks = multiprocessors() * std::min(threads_of_processor / threads, most_blocks_of_processor);
  launch<beginning::at_once>(queue, static_cast<unsigned>(blocks), static_cast<unsigned>(threads), 0, repair<T>, p,
                             left, first, queue.decided);
}

template <class Tile, class T>
void launch_tiles(const window_product<T>& p, const tile_plan& plan, const tile_operands& operands,
                  const left_sums& left, const cuda_queue& queue) {
  const int slabs = (plan.depth + Tile::terms - 1) / Tile::terms;
  const tile_shares shares = tile_shares::of(p.groups * tiles_down<Tile>(p) * tiles_across<Tile>(p), slabs,
                                             std::int64_t{Tile::blocks} * multiprocessors());
  const bool joins = shares.workers != shares.tiles;
  const auto parts = joins ? static_cast<std::size_t>(2 * shares.workers) : 0;
  const std::size_t totals = parts * tile_parts<Tile>::totals_each * sizeof(double);
  const workspace memory(queue, totals + parts * tile_parts<Tile>::squares_each * sizeof(float));
  const tile_parts<Tile> left_parts{memory.at<double>(), memory.at<float>(totals)};
  constexpr std::size_t bytes = sizeof(tile_memory<Tile>);
  static_assert((bytes + 1024) * Tile::blocks <= 228 * 1024);
  check(cudaFuncSetAttribute(multiply_tiles<T, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
  launch<sizeof(T) == 2 ? beginning::at_once : beginning::in_turn>(
      queue, static_cast<unsigned>(std::min(shares.workers, most_blocks)), Tile::threads, bytes,
      multiply_tiles<T, Tile>, p, plan, operands, shares, left_parts, left);
  if (!joins) return;
  const std::int64_t blocks = shares.tiles * (Tile::sums / joined_sums);
  launch<beginning::at_once>(queue, static_cast<unsigned>(std::min(blocks, most_blocks)), Tile::threads, 0,
                             join_tiles<T, Tile>, p, shares, left_parts, left);
}

/// Tiles with few empty rows.
template <class T>
void launch_tiles(const window_product<T>& p, const tile_plan& plan, const tile_operands& operands,
                  const left_sums& left, const cuda_queue& queue) {
  if (p.rows <= 8)
    launch_tiles<tile<32, 8, 4, 1, 5>>(p, plan, operands, left, queue);
  else if (p.rows <= 16)
    launch_tiles<tile<32, 16, 4, 1, 4>>(p, plan, operands, left, queue);
  else if (p.rows <= 32)
    launch_tiles<tile<32, 32, 4, 1, 3>>(p, plan, operands, left, queue);
  else
    launch_tiles<tile<32, 32, 4, 2, 2>>(p, plan, operands, left, queue);
}

/// Whether there are tiles for such a product; where there are few rows or columns, most of a tile would be empty.
template <class T>
bool launch_tiles(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  if (p.rows < 3 || p.columns() < 32 || p.depth() > most_tile_terms) return false;
  const auto plan = tile_plan::of(p);
  if (!plan) return false;
  if constexpr (std::is_same_v<T, float>) {
    launch_tiles(p, *plan, {p.image.data, p.factor.data}, left, queue);
  } else {
    const std::int64_t images = image_elements(p), factors = factor_elements(p);
    const workspace memory(queue, static_cast<std::size_t>(images + factors) * sizeof(float));
    auto* const wide = memory.at<float>();
    const std::int64_t blocks = (images + factors) / (4 * threads_per_block) + 1;
    launch(queue, static_cast<unsigned>(std::min(blocks, most_blocks)), static_cast<unsigned>(threads_per_block), 0,
           widen_operands<T>, p.image.data, images, p.factor.data, factors, wide);
    launch_tiles(p, *plan, {wide, wide + images}, left, queue);
  }
  return true;
}

/// Computes every sum; returns the tier that decides those that are not left.
template <class T>
tier round_most(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  if constexpr (!std::is_same_v<T, double>)
    if (launch_tiles(p, left, queue)) return tier::binary64;
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
  launch_repair(p, left, first, queue);
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
