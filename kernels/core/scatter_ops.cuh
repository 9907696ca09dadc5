// Scatters and their gradients as ops: each is named in a file of its own, `queued`, and is one of these templates.
#pragma once

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/scatter_gradients.hpp>
#include <halfulp/kernels/core/scatter_places.cuh>
#include <halfulp/oracle/core/scatter_grad.hpp>

namespace halfulp::kernels {
namespace cuda {

/// The scatter that a gradient belongs to.
template <class Forward>
Forward forward_of(const scatters::gradient<Forward>&);
template <class Gradient>
using scatter_of = decltype(forward_of(std::declval<Gradient>()));

template <class Op, class T>
void queue_updates(const args_of<Op, T>& a, std::span<const tensor_view> out, const cuda_queue& queue) {
  const found_places places = updates_of<Op>::places(a, queue);
  queue_scatter(updates_of<Op>::call(a, places, static_cast<T*>(out[0].data)), queue);
}

template <class Gradient, class T>
void queue_gradient_of_x(const args_of<Gradient, T>& a, std::span<const tensor_view> out, const cuda_queue& queue) {
  using updates = updates_of<scatter_of<Gradient>>;
  const found_places places = updates::places(a.forward, queue);
  queue_self_gradient({updates::call(a.forward, places, static_cast<T*>(nullptr)), a.dy.data()},
                      static_cast<T*>(out[0].data), queue);
}

template <class Gradient, class T>
void queue_gradient_of_values(const args_of<Gradient, T>& a, std::span<const tensor_view> out,
                              const cuda_queue& queue) {
  using updates = updates_of<scatter_of<Gradient>>;
  const found_places places = updates::places(a.forward, queue);
  queue_value_gradient({updates::call(a.forward, places, static_cast<T*>(nullptr)), a.dy.data()},
                       static_cast<T*>(out[0].data), out[0].numel(), updates::is_once(a.forward), queue);
}

}  // namespace cuda

#define HALFULP_SCATTER(T) HALFULP_QUEUED_BY(T, cuda::queue_updates<queued, T>)
#define HALFULP_GRADIENT_OF_X(T) HALFULP_QUEUED_BY(T, cuda::queue_gradient_of_x<queued, T>)
#define HALFULP_GRADIENT_OF_VALUES(T) HALFULP_QUEUED_BY(T, cuda::queue_gradient_of_values<queued, T>)
/// X(T) for each type that has gradients.
#define HALFULP_EACH_NUMBER_TYPE(X) HALFULP_EACH_FLOATING_TYPE(X) X(std::complex<float>) X(std::complex<double>)

}  // namespace halfulp::kernels
