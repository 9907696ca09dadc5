#include <halfulp/kernels/core/left_list.cuh>

#include <algorithm>

namespace halfulp::kernels::cuda {

left_list empty_list(const cuda_queue& queue, void* memory) {
  auto* const words = static_cast<std::int64_t*>(memory);
  check(cudaMemsetAsync(words, 0, sizeof(*words), stream_of(queue)), "cudaMemsetAsync");
  return {reinterpret_cast<unsigned long long*>(words), words + 1};
}

std::vector<std::int64_t> read(const cuda_queue& queue, const left_list& list) {
  unsigned long long count = 0;
  copy_and_wait(&count, list.count, sizeof(count), queue);
  std::vector<std::int64_t> items(count);
  if (count > 0) copy_and_wait(items.data(), list.item, count * sizeof(std::int64_t), queue);
  std::sort(items.begin(), items.end());
  return items;
}

}  // namespace halfulp::kernels::cuda
