#pragma once

#include <cstdint>

#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels::cuda {

/// Queues a stable sort of n < 2^31 pairs by the `bits` lowest bits of their keys, which are all that is set in them.
/// What was in `keys` and `positions` is lost; the results are what is returned. Throws device_error.
template <class Key>
struct sorted_pairs {
  Key* key;
  std::uint32_t* position;
};
template <class Key>
sorted_pairs<Key> sort_pairs(Key* keys[2], std::uint32_t* positions[2], std::int64_t n, int bits,
                             const cuda_queue& queue);

/// Queues the sums of the first k + 1 of n numbers. Throws device_error.
void sum_up(const std::uint32_t* x, std::uint32_t* sums, std::int64_t n, const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
