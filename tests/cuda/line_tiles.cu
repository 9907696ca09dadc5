#include "line_tiles.hpp"

#include <halfulp/kernels/core/line_product.cuh>
#include <halfulp/kernels/core/window_repair.cuh>

namespace halfulp::tests {

lines_outcome round_by_line_tiles(const kernels::window_product<float>& p, const kernels::cuda_queue& queue) {
  using namespace kernels::cuda;
  const auto stream = stream_of(queue);
  const workspace memory(queue, static_cast<std::size_t>(1 + p.sums()) * sizeof(std::int64_t));
  const left_sums left{memory.at<unsigned long long>(), memory.at<std::int64_t>(sizeof(std::int64_t))};
  lines_outcome o;
  o.planned = round_by_lines(p, left, queue);
  if (!o.planned) return o;
  unsigned long long count = 0;
  check(cudaMemcpyAsync(&count, left.count, sizeof count, cudaMemcpyDefault, stream), "cudaMemcpyAsync");
  launch_repair(product_list<float, 1>{{p}, 1, p.sums()}, left, tier::binary64, queue);
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  o.left = static_cast<std::int64_t>(count);
  return o;
}

bool prefers_line_tiles(const kernels::window_product<float>& p) {
  return kernels::cuda::prefers_lines(p);
}

}  // namespace halfulp::tests
