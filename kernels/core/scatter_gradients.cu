#include <halfulp/kernels/core/scatter_gradients.hpp>

#include <optional>

#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/kernels/core/scatter_products.cuh>
#include <halfulp/kernels/core/scatter_shares.cuh>
#include <halfulp/kernels/core/strided_elements.hpp>

namespace halfulp::kernels {
namespace cuda {
namespace {

struct count_terms {
  scatter_places places;
  unsigned* terms;
  unsigned long long* last;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = places.target[j];
    atomicAdd(&terms[t], 1u);
    atomicMax(&last[t], static_cast<unsigned long long>(j) + 1);
  }
};
template <class R>
struct count_ties_of_updates {
  scatter_places places;
  const R *values, *best;
  unsigned* ties;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = places.target[j];
    if (scatters::same_value(values[places.value_of(j)], best[t])) atomicAdd(&ties[t], 1u);
  }
};
template <class R>
struct count_ties_of_self {
  const R *self, *best;
  unsigned* ties;
  __device__ void operator()(std::int64_t t) const { ties[t] = scatters::same_value(self[t], best[t]) ? 1 : 0; }
};

/// What element_states are made of.
template <class R>
class found_states {
 public:
  found_states(const scatter_call<R>& c, const cuda_queue& queue)
      : memory_(queue, static_cast<std::size_t>(c.places.targets) * of_element) {
    const auto n = static_cast<std::size_t>(c.places.targets);
    auto *last = memory_.at<unsigned long long>(), *best_bits = last + n;
    auto *terms = reinterpret_cast<unsigned*>(best_bits + n), *ties = terms + n;
    auto* best = reinterpret_cast<R*>(best_bits);
    check(cudaMemsetAsync(last, 0, n * of_element, stream_of(queue)), "cudaMemsetAsync");
    for_each_index(queue, c.places.updates, count_terms{c.places, terms, last});
    get_ = {terms, last, best, ties};
    if (c.rule.how != reduction::amin && c.rule.how != reduction::amax) return;
    queue_extremes(scatter_call<R>{c.places, c.rule, 1, c.values, c.self, best}, queue);
    if (c.rule.include_self) for_each_index(queue, c.places.targets, count_ties_of_self<R>{c.self, best, ties});
    for_each_index(queue, c.places.updates, count_ties_of_updates<R>{c.places, c.values, best, ties});
  }
  const element_states<R>& get() const { return get_; }

 private:
  static constexpr std::size_t of_element = 2 * sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t);
  workspace memory_;
  element_states<R> get_{};
};

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

/// Sums over the updates that a value is: of dy where they go, but for assignments that others overwrite.
struct updates_turned {
  scatter_places forward;
  const unsigned long long* last;  // nullptr: all count

  __device__ std::int64_t target(std::int64_t j) const {
    const std::int64_t t = forward.target[j];
    return last == nullptr || last[t] == static_cast<unsigned long long>(j) + 1 ? forward.value_of(j) : -1;
  }
  __device__ std::int64_t value(std::int64_t j) const { return forward.target[j]; }
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
  if (!assigned && f.rule.how != reduction::add)
    throw device_error("the gradient of values that are broadcast in a product, mean or extreme",
                       static_cast<int>(cudaErrorNotSupported));
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
