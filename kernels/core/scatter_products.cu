#include <halfulp/kernels/core/scatter_products.cuh>

#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels::cuda {
namespace {

/// Element t of the output, and the updates that go there.
template <class R>
struct products_of_elements {
  scatter_call<R> c;
  updates_in_order in_order;

  __device__ bool is_product(std::int64_t t) const {
    const std::int64_t k = in_order.begin_of(t);
    return k < in_order.count && in_order.target[k] == t;
  }
  __device__ R other(std::int64_t t) const { return c.self[t]; }
  __device__ R& result(std::int64_t t) const { return c.y[t]; }
  template <class F>
  __device__ void each(std::int64_t t, F f) const {
    if (c.rule.include_self) f(widen(c.self[t]));
    for (std::int64_t k = in_order.begin_of(t); k < in_order.count && in_order.target[k] == t; ++k)
      f(widen(c.values[c.places.value_of(in_order.update[k])]));
  }
};

}  // namespace

template <class R>
void queue_products(const scatter_call<R>& c, const cuda_queue& queue) {
  const sorted_updates sorted(c.places, queue);
  queue_each_product<R>(products_of_elements<R>{c, sorted.get()}, c.places.targets, c.places.updates, queue);
}

#define HALFULP_PRODUCTS(R) template void queue_products<R>(const scatter_call<R>&, const cuda_queue&);
HALFULP_EACH_FLOATING_TYPE(HALFULP_PRODUCTS)
#undef HALFULP_PRODUCTS

}  // namespace halfulp::kernels::cuda
