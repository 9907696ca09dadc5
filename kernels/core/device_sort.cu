#include <halfulp/kernels/core/device_sort.hpp>

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>

#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

template <class Key>
sorted_pairs<Key> sort_pairs(Key* keys[2], std::uint32_t* positions[2], std::int64_t n, int bits,
                             const cuda_queue& queue) {
  cub::DoubleBuffer<Key> key(keys[0], keys[1]);
  cub::DoubleBuffer<std::uint32_t> position(positions[0], positions[1]);
  std::size_t bytes = 0;
  const auto sort = [&](void* memory) {
    check(cub::DeviceRadixSort::SortPairs(memory, bytes, key, position, static_cast<int>(n), 0, bits, stream_of(queue)),
          "cub::DeviceRadixSort::SortPairs");
  };
  sort(nullptr);
  const workspace memory(queue, bytes);
  if (n > 0) sort(memory.at<void>());
  return {key.Current(), position.Current()};
}

template sorted_pairs<std::uint32_t> sort_pairs(std::uint32_t* [2], std::uint32_t* [2], std::int64_t, int,
                                                const cuda_queue&);
template sorted_pairs<std::uint64_t> sort_pairs(std::uint64_t* [2], std::uint32_t* [2], std::int64_t, int,
                                                const cuda_queue&);

void sum_up(const std::uint32_t* x, std::uint32_t* sums, std::int64_t n, const cuda_queue& queue) {
  std::size_t bytes = 0;
  const auto scan = [&](void* memory) {
    check(cub::DeviceScan::InclusiveSum(memory, bytes, x, sums, static_cast<int>(n), stream_of(queue)),
          "cub::DeviceScan::InclusiveSum");
  };
  scan(nullptr);
  const workspace memory(queue, bytes);
  if (n > 0) scan(memory.at<void>());
}

}  // namespace halfulp::kernels::cuda
