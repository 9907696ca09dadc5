#pragma once

#include <halfulp/kernels/core/scatter_gradients.hpp>

namespace halfulp::kernels::cuda {

/// Queues the gradient by values of which each may be several updates of a mean, an extreme or a product: the sum of their
/// shares of dy, each a fraction, rounded once. Of complex numbers (means alone) by components: g is that of their `parts`
/// components, but its places count elements. Fewer than 2^31 updates, elements and values. Throws device_error, for more,
/// too.
template <class R>
void queue_fraction_sums(const scatter_gradient<R>& g, int parts, R* dvalues, std::int64_t values,
                         const cuda_queue& queue);

}  // namespace halfulp::kernels::cuda
