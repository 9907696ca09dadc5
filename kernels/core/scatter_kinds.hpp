#pragma once

#include <halfulp/kernels/core/scatter_on_cuda.hpp>

/// The kinds of scatters, each with kernels of its own. Nothing is queued for an output without elements.
namespace halfulp::kernels::cuda {

/// Sums and means of floating-point numbers; of complex ones by components: c is that of their `parts` components, but
/// its places count elements.
template <class R>
void queue_digits(const scatter_call<R>& c, int parts, const cuda_queue& queue);

/// Products of floating-point numbers.
template <class R>
void queue_products(const scatter_call<R>& c, const cuda_queue& queue);

/// The least or greatest of floating-point numbers.
template <class R>
void queue_extremes(const scatter_call<R>& c, const cuda_queue& queue);

/// Integers and bools, but for assignments.
template <class T>
void queue_integers(const scatter_call<T>& c, const cuda_queue& queue);

/// The last update of each element, of 1, 2, 4, 8 or 16 bytes.
void queue_assigned(const scatter_places& places, const void* values, const void* self, void* y, std::size_t bytes,
                    const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
