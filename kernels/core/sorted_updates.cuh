// The updates of a scatter in the order of their targets: for what has to see all of one element's.
#pragma once

#include <halfulp/kernels/core/device_sort.hpp>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_on_cuda.hpp>

namespace halfulp::kernels::cuda {

/// In device memory: update[k] goes to target[k], both ascending; those that go nowhere come last.
struct updates_in_order {
  const std::uint32_t *target, *update;
  std::int64_t count;

  /// The first k whose target is not below t.
  __device__ std::int64_t begin_of(std::int64_t t) const {
    std::int64_t low = 0, high = count;
    while (low < high) {
      const std::int64_t middle = (low + high) / 2;
      if (target[middle] < t)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }
};

struct fill_pairs {
  scatter_places places;
  std::uint32_t *key, *position;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = places.target[j];
    key[j] = static_cast<std::uint32_t>(t < 0 ? places.targets : t);
    position[j] = static_cast<std::uint32_t>(j);
  }
};

/// Fewer than 2^31 updates of fewer than 2^31 targets. Throws device_error, for more, too.
class sorted_updates {
 public:
  sorted_updates(const scatter_places& p, const cuda_queue& queue)
      : memory_(queue, 4 * static_cast<std::size_t>(p.updates) * sizeof(std::uint32_t)) {
    if (std::max(p.updates, p.targets) >= std::int64_t{1} << 31)
      throw device_error("products of 2^31 updates or elements", static_cast<int>(cudaErrorNotSupported));
    const auto n = static_cast<std::size_t>(p.updates) * sizeof(std::uint32_t);
    std::uint32_t* keys[2] = {memory_.at<std::uint32_t>(), memory_.at<std::uint32_t>(n)};
    std::uint32_t* positions[2] = {memory_.at<std::uint32_t>(2 * n), memory_.at<std::uint32_t>(3 * n)};
    for_each_index(queue, p.updates, fill_pairs{p, keys[0], positions[0]});
    const int bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(p.targets)));
    const auto sorted = sort_pairs(keys, positions, p.updates, bits, queue);
    in_order_ = {sorted.key, sorted.position, p.updates};
  }
  const updates_in_order& get() const { return in_order_; }

 private:
  workspace memory_;
  updates_in_order in_order_{};
};

}  // namespace halfulp::kernels::cuda
