#include <halfulp/oracle/ops/as_strided_grad.hpp>

#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/core/strided_places.cuh>

namespace halfulp::kernels {
namespace {

template <class T>
void queue(const op::as_strided_grad::args<T>& a, T* dx, const cuda_queue& q) {
  const auto& g = a.shape.forward;
  extents steps;
  for (int k = 0; k < g.y.rank; ++k) steps.push_back(g.stride[k]);
  const auto places = cuda::places_of_view({extents_of(g.y), {steps}, {g.offset}}, g.n, q);
  queue_scatter<T>({places.get(), op::as_strided_grad::rule(a), 1, a.dy.data(), nullptr, dx}, q);
}

}  // namespace

#define HALFULP_COMPUTE(T)                                                                              \
  template <>                                                                                           \
  void compute_on_cuda<op::as_strided_grad, T>(const op::as_strided_grad::args<T>& a,                   \
                                               std::span<const tensor_view> out, const cuda_queue& q) { \
    queue(a, static_cast<T*>(out[0].data), q);                                                          \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
