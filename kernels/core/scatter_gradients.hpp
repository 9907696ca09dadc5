#pragma once

#include <halfulp/kernels/core/scatter_on_cuda.hpp>

namespace halfulp::kernels {

/// A scatter, whose output is not looked at, and the gradient by it: all of it in device memory.
template <class T>
struct scatter_gradient {
  scatter_call<T> forward;
  const T* dy;
};

/// Queues the gradient by the element before, for every element (oracle/core/scatter_grad.hpp). Throws device_error.
template <class T>
void queue_self_gradient(const scatter_gradient<T>& g, T* dx, const cuda_queue& queue);

/// Queues the gradient by each of the `values`. once: no value is several updates; else the sum of theirs. Throws
/// device_error.
template <class T>
void queue_value_gradient(const scatter_gradient<T>& g, T* dvalues, std::int64_t values, bool once,
                          const cuda_queue& queue);

}  // namespace halfulp::kernels
