#include <halfulp/oracle/ops/as_strided_grad.hpp>

#include <halfulp/kernels/core/queued_op.hpp>
#include <halfulp/kernels/core/strided_places.cuh>

namespace halfulp::kernels {
namespace {

using queued = op::as_strided_grad;

template <class T>
void queue(const queued::args<T>& a, std::span<const tensor_view> out, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  extents steps;
  for (int k = 0; k < g.y.rank; ++k) steps.push_back(g.stride[k]);
  const auto places = cuda::places_of_view({extents_of(g.y), {steps}, {g.offset}}, g.n, q);
  queue_scatter<T>({places.get(), queued::rule(a), 1, a.dy.data(), nullptr, static_cast<T*>(out[0].data)}, q);
}

}  // namespace

HALFULP_EACH_STORAGE_TYPE(HALFULP_QUEUED)

}  // namespace halfulp::kernels
