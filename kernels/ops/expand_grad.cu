#include <halfulp/oracle/ops/expand_grad.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_places.cuh>

namespace halfulp::kernels {
namespace {

template <class T>
void queue(const op::expand_grad::args<T>& a, T* dx, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  const extents y = extents_of(g.y);
  const auto places = cuda::places_of_view({y, {broadcast_steps(extents_of(g.x), y)}}, g.x.numel, q);
  queue_scatter<T>({places.get(), op::expand_grad::rule(a), 1, a.dy.data(), nullptr, dx}, q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                                      \
  template <>                                                                                                   \
  void compute_on_cuda<op::expand_grad, T>(const op::expand_grad::args<T>& a, std::span<const tensor_view> out, \
                                           const cuda_queue& q) {                                               \
    queue(a, static_cast<T*>(out[0].data), q);                                                                  \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
