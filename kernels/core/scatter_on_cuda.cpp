#include <halfulp/kernels/core/scatter_kinds.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_elements.hpp>
#include <halfulp/oracle/core/part.hpp>

namespace halfulp::kernels {
namespace {

/// Components of real and complex numbers, which lie one after another.
template <class T>
scatter_call<component_t<T>> by_components(const scatter_call<T>& c) {
  using R = component_t<T>;
  const auto* values = reinterpret_cast<const R*>(c.values);
  const auto* self = reinterpret_cast<const R*>(c.self);
  return {c.places, c.rule, c.multiplier, values, self, reinterpret_cast<R*>(c.y)};
}

template <class T>
void queue_kind(const scatter_call<T>& c, const cuda_queue& queue) {
  const reduction how = c.rule.how;
  if (how == reduction::assign) return cuda::queue_assigned(c.places, c.values, c.self, c.y, sizeof(T), queue);
  if constexpr (std::is_integral_v<T>) {
    cuda::queue_integers(c, queue);
  } else {
    if (how == reduction::add || how == reduction::mean)
      return cuda::queue_digits(by_components(c), parts_of<T>, queue);
    if constexpr (!is_complex<T>)
      how == reduction::mul ? cuda::queue_products(c, queue) : cuda::queue_extremes(c, queue);
  }
}

}  // namespace

template <class T>
void queue_scatter(const scatter_call<T>& c, const cuda_queue& queue) {
  if (c.places.targets == 0) return;
  queue_kind(c, queue);
  count_exact(c.places.targets * parts_of<T>, queue);
}

#define HALFULP_SCATTER(T) template void queue_scatter<T>(const scatter_call<T>&, const cuda_queue&);
HALFULP_EACH_STORAGE_TYPE(HALFULP_SCATTER)
#undef HALFULP_SCATTER

}  // namespace halfulp::kernels
