#include "residues.hpp"

#include <halfulp/kernels/core/residue_product.cuh>
#include <halfulp/kernels/core/window_repair.cuh>

namespace halfulp::tests {

std::int64_t round_by_residues(const kernels::window_product<double>& p, const kernels::cuda_queue& queue) {
  using namespace kernels::cuda;
  const workspace memory(queue, static_cast<std::size_t>(p.sums() + 1) * sizeof(std::int64_t));
  const left_sums left{memory.at<unsigned long long>(), memory.at<std::int64_t>(sizeof(std::int64_t))};
  check(cudaMemsetAsync(left.count, 0, sizeof(std::int64_t), stream_of(queue)), "cudaMemsetAsync");
  round_residue_products(p, left, queue);
  launch_repair(product_list<double, 1>{{p}, 1, p.sums()}, left, tier::double_double, queue);
  unsigned long long count = 0;
  check(cudaMemcpyAsync(&count, left.count, sizeof count, cudaMemcpyDefault, stream_of(queue)), "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream_of(queue)), "cudaStreamSynchronize");
  return static_cast<std::int64_t>(count);
}

}  // namespace halfulp::tests
