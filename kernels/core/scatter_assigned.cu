// Assignments: the number of the last update is all that threads share.
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/strided_elements.cuh>

namespace halfulp::kernels::cuda {
namespace {

/// The number of the last update and 1.
struct find_last {
  scatter_places places;
  unsigned long long* last;

  __device__ void operator()(std::int64_t j) const {
    if (const std::int64_t t = places.target[j]; t >= 0) atomicMax(&last[t], static_cast<unsigned long long>(j) + 1);
  }
};
template <class Bits>
struct take_last {
  scatter_places places;
  const unsigned long long* last;
  const Bits *values, *self;
  Bits* y;

  __device__ void operator()(std::int64_t t) const {
    if (last[t] != 0)
      y[t] = values[places.value_of(static_cast<std::int64_t>(last[t]) - 1)];
    else
      y[t] = self == nullptr ? Bits{} : self[t];
  }
};

template <class Bits>
void queue_last(const scatter_places& p, const void* values, const void* self, void* y, const cuda_queue& queue) {
  const auto bytes = static_cast<std::size_t>(p.targets) * sizeof(std::uint64_t);
  const workspace memory(queue, bytes);
  auto* last = memory.at<unsigned long long>();
  check(cudaMemsetAsync(last, 0, bytes, stream_of(queue)), "cudaMemsetAsync");
  for_each_index(queue, p.updates, find_last{p, last});
  for_each_index(queue, p.targets,
                 take_last<Bits>{p, last, static_cast<const Bits*>(values), static_cast<const Bits*>(self),
                                 static_cast<Bits*>(y)});
}

}  // namespace

void queue_assigned(const scatter_places& p, const void* values, const void* self, void* y, std::size_t bytes,
                    const cuda_queue& queue) {
  switch (bytes) {
    case 1:
      return queue_last<std::uint8_t>(p, values, self, y, queue);
    case 2:
      return queue_last<std::uint16_t>(p, values, self, y, queue);
    case 4:
      return queue_last<std::uint32_t>(p, values, self, y, queue);
    case 8:
      return queue_last<std::uint64_t>(p, values, self, y, queue);
    default:
      return queue_last<wide_bits>(p, values, self, y, queue);
  }
}

}  // namespace halfulp::kernels::cuda
