// Exact sums, each by the threads of one block: what quicker ones leave undecided.
#pragma once

#include <halfulp/kernels/core/digit_sum.hpp>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/oracle/core/part.hpp>

namespace halfulp::kernels::cuda {

/// Adds x to a sum that one thread has, before which there were `before`.
template <class R>
__device__ void add_exactly(digit_sum<digits_of_terms<R>.count>& sum, R x, std::int64_t before) {
  const std::uint32_t special = special_of(is_nan(x), is_infinite(x), is_zero(x), is_negative(x));
  sum.special |= special;
  if (special != 0) return;
  if (before != 0 && before % most_uncarried == 0) sum.carry();
  const binary_real b = decompose(x);
  sum.add(b.negative, b.significand, b.exponent - digits_of_terms<R>.lowest);
}

/// Outputs that are left, in device memory with room for all.
struct left_sums {
  unsigned long long* count;
  std::int64_t* output;

  __device__ void add(std::int64_t i) const { output[atomicAdd(count, 1ull)] = i; }
};

/// An empty list of them.
class left_memory {
 public:
  left_memory(std::int64_t outputs, const cuda_queue& queue)
      : memory_(queue, static_cast<std::size_t>(outputs + 1) * sizeof(std::int64_t)) {
    check(cudaMemsetAsync(memory_.at<void>(), 0, sizeof(std::int64_t), stream_of(queue)), "cudaMemsetAsync");
  }
  left_sums get() const { return {memory_.at<unsigned long long>(), memory_.at<std::int64_t>(sizeof(std::int64_t))}; }

 private:
  workspace memory_;
};

inline constexpr unsigned exact_threads = 256;

/// Source: each(i, begin, step, f), f(x) for the terms begin, begin + step, ... of output i; result(i), where it goes.
template <class R, class Source>
__global__ void __launch_bounds__(exact_threads)
    round_left_sums(const __grid_constant__ Source from, const left_sums left) {
  constexpr int count = digits_of_terms<R>.count;
  __shared__ unsigned long long digit[count];
  __shared__ unsigned special;
  for (std::int64_t k = blockIdx.x; k < static_cast<std::int64_t>(*left.count); k += gridDim.x) {
    const std::int64_t i = left.output[k];
    for (unsigned d = threadIdx.x; d < count; d += blockDim.x) digit[d] = 0;
    if (threadIdx.x == 0) special = 0;
    __syncthreads();
    digit_sum<count> own;
    std::int64_t before = 0;
    from.each(i, threadIdx.x, blockDim.x, [&](R x) { add_exactly(own, x, before++); });
    own.carry();
    for (int d = 0; d < count; ++d)
      if (own.digit[d] != 0) atomicAdd(&digit[d], static_cast<unsigned long long>(own.digit[d]));
    if (own.special != 0) atomicOr(&special, own.special);
    __syncthreads();
    if (threadIdx.x == 0) {
      digit_sum<count> all;
      for (int d = 0; d < count; ++d) all.digit[d] = static_cast<std::int64_t>(digit[d]);
      all.special = special;
      from.result(i) = all.template finish<R>(digits_of_terms<R>.lowest, 1);
    }
    __syncthreads();
  }
}

template <class R, class Source>
void queue_left_sums(const Source& from, const left_sums& left, const cuda_queue& queue) {
  launch(queue, 2 * static_cast<unsigned>(multiprocessors()), exact_threads, 0, round_left_sums<R, Source>, from, left);
}

}  // namespace halfulp::kernels::cuda
