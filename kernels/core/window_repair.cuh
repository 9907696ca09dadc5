// The sums that no kernel before could round, one after the other.
#pragma once

#include <algorithm>
#include <cstdint>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/tile_plan.hpp>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

inline constexpr int most_repair_threads = lanes * rounding_memory<float>::most_warps;

/// Products of one call; sum i of the k-th is number k * most_sums + i.
template <class T, int Most>
struct product_list {
  window_product<T> p[Most];
  int count;
  std::int64_t most_sums;
};

/// The sums that are left, a cluster of blocks each.
template <class T, class Index, int Most>
__global__ void __launch_bounds__(most_repair_threads)
    repair(const __grid_constant__ product_list<T, Most> all, left_sums left, tier first, tier_counts* decided) {
  __shared__ alignas(16) unsigned char memory[sizeof(rounding_memory<T>)];
  const auto cluster = cooperative_groups::this_cluster();
  const bool writes = cluster.thread_rank() == 0;
  cudaGridDependencySynchronize();
  const auto count = static_cast<std::int64_t>(*left.count);
  const std::int64_t clusters = gridDim.x / cluster.num_blocks();
  std::int64_t by_compensation = 0, exactly = 0;
  for (std::int64_t k = blockIdx.x / cluster.num_blocks(); k < count; k += clusters) {
    const std::int64_t number = left.sum[k], which = number / all.most_sums;
    const window_product<T>& p = all.p[which];
    block_rounding<T, Index> rounding(p, *reinterpret_cast<rounding_memory<T>*>(memory));
    const sum_index s = sum_at(p, number - which * all.most_sums);
    T rounded;
    ++(rounding.round(s, rounded) == tier::exact ? exactly : by_compensation);
    if (writes) output_of(p, s) = rounded;
  }
  if (decided == nullptr || !writes) return;
  const auto add = [&](tier t, std::int64_t n) {
    atomicAdd(reinterpret_cast<unsigned long long*>(&decided->count[static_cast<int>(t)]),
              static_cast<unsigned long long>(n));
  };
  std::int64_t sums = 0;
  for (int k = 0; k < all.count; ++k) sums += all.p[k].sums();
  if (blockIdx.x == 0) add(first, sums - count);
  if (by_compensation > 0) add(tier::double_double, by_compensation);
  if (exactly > 0) add(tier::exact, exactly);
}

/// So many threads that each has some 32 terms of a sum, and as many blocks as the device has room for.
template <class T, int Most>
void launch_repair(const product_list<T, Most>& all, const left_sums& left, tier first, const cuda_queue& queue) {
  constexpr int threads_of_processor = 2048, most_blocks_of_processor = 32, most_cluster = 8;
  bool is_small = true;  // so that 32 bits hold where terms lie
  std::int64_t depth = 0;
  for (int k = 0; k < all.count; ++k) {
    is_small = is_small && tile_plan::of(all.p[k]).has_value();
    depth = std::max(depth, all.p[k].depth());
  }
  int threads = lanes, cluster = 1;
  while (threads < most_repair_threads && 32 * threads < depth) threads *= 2;
  while (cluster < most_cluster && 32 * threads * cluster < depth) cluster *= 2;
  const int blocks = multiprocessors() * std::min(threads_of_processor / threads, most_blocks_of_processor);
  launch(queue, manner{true, static_cast<unsigned>(cluster)}, static_cast<unsigned>(blocks / cluster * cluster),
         static_cast<unsigned>(threads), 0, is_small ? repair<T, std::int32_t, Most> : repair<T, std::int64_t, Most>,
         all, left, first, queue.decided);
}

}  // namespace halfulp::kernels::cuda
