#include <halfulp/kernels/core/integer_products.hpp>

#include <halfulp/kernels/core/strip_launch.cuh>
#include <halfulp/oracle/core/wrapping_sum.hpp>

namespace halfulp::kernels {
namespace {

/// Each sum by one thread: where 32 bits do not count what strips count in them.
template <class T>
struct add_one {
  window_product<T> p;

  __device__ void operator()(std::int64_t i) const {
    const sum_index s = sum_at(p, i);
    wrapping_sum<T> sum;
    sum_terms<T>(p, s).each([&](T a, T b) { sum.add_product(a, b); });
    if (p.start != nullptr) sum.add(p.start[s.group * p.rows + s.row]);
    output_of(p, s) = sum.value();
  }
};

struct count_sums {
  tier_counts* decided;
  std::int64_t count;
  __device__ void operator()(std::int64_t) const { decided->count[static_cast<int>(tier::exact)] += count; }
};

}  // namespace

template <class T>
void add_integer_products(const window_product<T>& p, const cuda_queue& queue) {
  const std::int64_t sums = p.sums();
  if (sums == 0) return;
  constexpr cuda::left_sums none{nullptr, nullptr};
  if (!cuda::launch_strips_of(p, none, queue)) cuda::for_each_index(queue, sums, add_one<T>{p});
  if (queue.decided != nullptr) cuda::for_each_index(queue, 1, count_sums{queue.decided, sums});
}

template void add_integer_products(const window_product<std::uint8_t>&, const cuda_queue&);
template void add_integer_products(const window_product<std::int8_t>&, const cuda_queue&);
template void add_integer_products(const window_product<std::int16_t>&, const cuda_queue&);
template void add_integer_products(const window_product<std::int32_t>&, const cuda_queue&);
template void add_integer_products(const window_product<std::int64_t>&, const cuda_queue&);

}  // namespace halfulp::kernels
