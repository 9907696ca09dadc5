#include <halfulp/kernels/core/scatter_gradients.hpp>

#include <optional>

#include <halfulp/kernels/core/scatter_fractions.hpp>
#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/scatter_products.cuh>
#include <halfulp/kernels/core/scatter_states.cuh>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace cuda {
namespace {

/// The gradients of products: dy times all other factors of element t.
template <class R>
struct cofactors {
  scatter_call<R> c;
  const R* dy;
  updates_in_order in_order;
  R* to;

  /// left_out: the update that is not a factor; -1: the element before.
  template <class F>
  __device__ void each_other(std::int64_t t, std::int64_t left_out, F f) const {
    f(widen(dy[t]));
    if (left_out >= 0 && c.rule.include_self) f(widen(c.self[t]));
    for (std::int64_t k = in_order.begin_of(t); k < in_order.count && in_order.target[k] == t; ++k)
      if (const std::int64_t j = in_order.update[k]; j != left_out) f(widen(c.values[c.places.value_of(j)]));
  }
  __device__ bool has_update(std::int64_t t) const {
    const std::int64_t k = in_order.begin_of(t);
    return k < in_order.count && in_order.target[k] == t;
  }
};
template <class R>
struct self_cofactors : cofactors<R> {
  __device__ bool is_product(std::int64_t t) const { return this->c.rule.include_self || !this->has_update(t); }
  __device__ R other(std::int64_t) const { return R{}; }
  __device__ R& result(std::int64_t t) const { return this->to[t]; }
  template <class F>
  __device__ void each(std::int64_t t, F f) const {
    this->each_other(t, scatters::self_term, f);
  }
};
template <class R>
struct update_cofactors : cofactors<R> {
  __device__ bool is_product(std::int64_t) const { return true; }
  __device__ R other(std::int64_t) const { return R{}; }
  __device__ R& result(std::int64_t j) const { return this->to[this->c.places.value_of(j)]; }
  template <class F>
  __device__ void each(std::int64_t j, F f) const {
    this->each_other(this->c.places.target[j], j, f);
  }
};

template <class T>
using components = scatter_gradient<component_t<T>>;

template <class T>
components<T> by_components(const scatter_gradient<T>& g) {
  using R = component_t<T>;
  const auto& f = g.forward;
  return {{f.places, f.rule, 1, reinterpret_cast<const R*>(f.values), reinterpret_cast<const R*>(f.self), nullptr},
          reinterpret_cast<const R*>(g.dy)};
}

template <class R>
share_of_term<R> shares_of(const scatter_gradient<R>& g, int parts, const found_states<R>& states) {
  return {g.forward.places, g.forward.rule, g.forward.values, g.forward.self, g.dy, parts, states.get()};
}

/// The sum of several updates' shares.
template <class R>
void queue_sums_of_shares(const scatter_gradient<R>& g, int parts, R* dvalues, std::int64_t values,
                          const cuda_queue& queue) {
  const scatter_call<R>& f = g.forward;
  const bool assigned = f.rule.how == reduction::assign;
  if (!assigned && f.rule.how != reduction::add) return queue_fraction_sums(g, parts, dvalues, values, queue);
  std::optional<found_states<R>> states;
  if (assigned) states.emplace(f, queue);
  const updates_turned turned{f.places, assigned ? states->get().last : nullptr};
  const found_places places(turned, values, f.places.updates, f.places.targets, false, queue);
  queue_digits(scatter_call<R>{places.get(), {reduction::add, false, f.rule.alpha}, 1, g.dy, nullptr, dvalues}, parts,
               queue);
}

}  // namespace
}  // namespace cuda

template <class T>
void queue_self_gradient(const scatter_gradient<T>& given, T* out, const cuda_queue& queue) {
  using R = component_t<T>;
  const auto g = cuda::by_components(given);
  const std::int64_t targets = g.forward.places.targets;
  auto* dx = reinterpret_cast<R*>(out);
  if (targets == 0) return;
  if (g.forward.rule.how == reduction::mul) {
    const cuda::sorted_updates sorted(g.forward.places, queue);
    const cuda::self_cofactors<R> products{{g.forward, g.dy, sorted.get(), dx}};
    cuda::queue_each_product<R>(products, targets, g.forward.places.updates, queue);
  } else {
    const cuda::found_states<R> states(g.forward, queue);
    const auto shares = cuda::shares_of(g, parts_of<T>, states);
    cuda::for_each_index(queue, targets * parts_of<T>, cuda::round_self_shares<R>{shares, dx});
  }
  count_exact(targets * parts_of<T>, queue);
}

template <class T>
void queue_value_gradient(const scatter_gradient<T>& given, T* out, std::int64_t values, bool once,
                          const cuda_queue& queue) {
  using R = component_t<T>;
  const auto g = cuda::by_components(given);
  const std::int64_t updates = g.forward.places.updates;
  auto* dvalues = reinterpret_cast<R*>(out);
  if (values == 0) return;
  count_exact(values * parts_of<T>, queue);
  if (!once) return cuda::queue_sums_of_shares(g, parts_of<T>, dvalues, values, queue);
  clear_elements(out, static_cast<std::size_t>(values) * sizeof(T), queue);
  if (updates == 0) return;
  if (g.forward.rule.how == reduction::mul) {
    const cuda::sorted_updates sorted(g.forward.places, queue);
    const cuda::update_cofactors<R> products{{g.forward, g.dy, sorted.get(), dvalues}};
    return cuda::queue_each_product<R>(products, updates, updates, queue);
  }
  const cuda::found_states<R> states(g.forward, queue);
  cuda::for_each_index(queue, updates, cuda::round_update_shares<R>{cuda::shares_of(g, parts_of<T>, states), dvalues});
}

#define HALFULP_GRADIENTS(T)                                                               \
  template void queue_self_gradient<T>(const scatter_gradient<T>&, T*, const cuda_queue&); \
  template void queue_value_gradient<T>(const scatter_gradient<T>&, T*, std::int64_t, bool, const cuda_queue&);
HALFULP_GRADIENTS(float16)
HALFULP_GRADIENTS(bfloat16)
HALFULP_GRADIENTS(float)
HALFULP_GRADIENTS(double)
HALFULP_GRADIENTS(std::complex<float>)
HALFULP_GRADIENTS(std::complex<double>)
#undef HALFULP_GRADIENTS

}  // namespace halfulp::kernels
