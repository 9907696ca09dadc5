#include "narrow_residues.hpp"

#include <halfulp/kernels/core/narrow_product.cuh>
#include <halfulp/kernels/core/window_repair.cuh>

namespace halfulp::tests {

template <class T>
narrow_outcome round_by_narrow_residues(const kernels::window_product<T>& p, bool forced,
                                        const kernels::cuda_queue& queue) {
  using namespace kernels::cuda;
  const auto stream = stream_of(queue);
  constexpr std::size_t first_sum = sizeof(std::int64_t) + sizeof(narrow_state);
  const workspace memory(queue, first_sum + static_cast<std::size_t>(p.sums()) * sizeof(std::int64_t));
  const left_sums left{memory.at<unsigned long long>(), memory.at<std::int64_t>(first_sum)};
  auto* const state = memory.at<narrow_state>(sizeof(std::int64_t));
  check(cudaMemsetAsync(left.count, 0, first_sum, stream), "cudaMemsetAsync");
  // So far below 0 that nothing is left by estimate, but for rows without integers.
  static constexpr narrow_state none_lost{0, 0, -(1LL << 60), 1};
  if (forced) check(cudaMemcpyAsync(state, &none_lost, sizeof none_lost, cudaMemcpyDefault, stream), "cudaMemcpyAsync");
  narrow_outcome o;
  o.planned = round_narrow_products(p, state, left, queue);
  narrow_state found{};
  unsigned long long count = 0;
  check(cudaMemcpyAsync(&found, state, sizeof found, cudaMemcpyDefault, stream), "cudaMemcpyAsync");
  check(cudaMemcpyAsync(&count, left.count, sizeof count, cudaMemcpyDefault, stream), "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  o.asked = found.asks_tiles != 0;
  o.left = static_cast<std::int64_t>(count);
  if (!o.planned || o.asked) return o;
  launch_repair(product_list<T, 1>{{p}, 1, p.sums()}, left, tier::binary64, queue);
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return o;
}

template narrow_outcome round_by_narrow_residues(const kernels::window_product<float16>&, bool,
                                                 const kernels::cuda_queue&);
template narrow_outcome round_by_narrow_residues(const kernels::window_product<bfloat16>&, bool,
                                                 const kernels::cuda_queue&);

}  // namespace halfulp::tests
