// Ops that move or set bits, on a GPU: each output element is its spec's value.
#pragma once

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/oracle/core/dtype.hpp>

namespace halfulp::kernels::cuda {

template <class Op, class T>
struct spec_value {
  typename Op::template args<T> a;
  T* out;
  __device__ void operator()(std::int64_t i) const { out[i] = Op::value(a, i); }
};

struct count_exact {
  tier_counts* decided;
  std::int64_t count;
  __device__ void operator()(std::int64_t) const { decided->count[static_cast<int>(tier::exact)] += count; }
};

template <class Op, class T>
void compute_bits(const typename Op::template args<T>& a, std::span<const tensor_view> out, const cuda_queue& queue) {
  const std::int64_t n = out[0].numel();
  for_each_index(queue, n, spec_value<Op, T>{a, static_cast<T*>(out[0].data)});
  if (queue.decided != nullptr && n > 0) for_each_index(queue, 1, count_exact{queue.decided, n});
}

}  // namespace halfulp::kernels::cuda
