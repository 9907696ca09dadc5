// The least and the greatest of floating-point numbers: a key in their order is all that threads share.
#include <type_traits>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/oracle/core/reduce.hpp>

namespace halfulp::kernels::cuda {
namespace {

/// The greatest of keys; 0 where there is none.
template <class R>
using extreme_key = std::conditional_t<sizeof(R) == 8, unsigned long long, unsigned>;

/// In the order of numbers, -0 below +0, turned round for the least; NaN above all.
template <class R>
__device__ extreme_key<R> key_of_extreme(reduction how, R x) {
  using key = extreme_key<R>;
  constexpr key all = static_cast<bits_t<R>>(~bits_t<R>{0});
  if (is_nan(x)) return ~key{0};
  const key order = is_negative(x) ? all ^ key { to_bits(x) } : key{to_bits(x)} | encoding<R>::sign;
  return how == reduction::amax ? order : all ^ order;
}
template <class R>
__device__ R number_of_key(reduction how, extreme_key<R> k) {
  constexpr auto all = static_cast<bits_t<R>>(~bits_t<R>{0});
  if (k == ~extreme_key<R>{0}) return canonical_nan<R>();
  const auto order = static_cast<bits_t<R>>(how == reduction::amax ? k : all ^ k);
  const bool negative = (order & encoding<R>::sign) == 0;
  return from_bits<R>(static_cast<bits_t<R>>(negative ? all ^ order : order & encoding<R>::magnitude));
}

template <class R>
struct find_extreme {
  scatter_call<R> c;
  extreme_key<R>* best;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = c.places.target[j];
    if (t >= 0) atomicMax(&best[t], key_of_extreme(c.rule.how, c.values[c.places.value_of(j)]));
  }
};
template <class R>
struct take_extreme {
  scatter_call<R> c;
  const extreme_key<R>* best;

  __device__ void operator()(std::int64_t t) const {
    const R self = c.self == nullptr ? R{} : c.self[t];
    const R found = number_of_key<R>(c.rule.how, best[t]);
    c.y[t] = best[t] == 0 ? self : c.rule.include_self ? extreme(c.rule.how, self, found) : found;
  }
};

}  // namespace

template <class R>
void queue_extremes(const scatter_call<R>& c, const cuda_queue& queue) {
  const auto bytes = static_cast<std::size_t>(c.places.targets) * sizeof(extreme_key<R>);
  const workspace memory(queue, bytes);
  auto* best = memory.at<extreme_key<R>>();
  check(cudaMemsetAsync(best, 0, bytes, stream_of(queue)), "cudaMemsetAsync");
  for_each_index(queue, c.places.updates, find_extreme<R>{c, best});
  for_each_index(queue, c.places.targets, take_extreme<R>{c, best});
}

#define HALFULP_EXTREMES(R) template void queue_extremes<R>(const scatter_call<R>&, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_EXTREMES)
#undef HALFULP_EXTREMES

}  // namespace halfulp::kernels::cuda
