#include <halfulp/oracle/ops/index_add_value_grad.hpp>

#include <halfulp/kernels/core/scatter_gradients.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/index_add_places.cuh>

namespace halfulp::kernels {

#define HALFULP_COMPUTE(T)                                                                                          \
  template <>                                                                                                       \
  void compute_on_cuda<op::index_add_value_grad, T>(const op::index_add_value_grad::args<T>& a,                     \
                                                    std::span<const tensor_view> out, const cuda_queue& q) {        \
    const cuda::found_places places = cuda::places_of(a.forward, q);                                                \
    queue_value_gradient({cuda::call_of<T>(a.forward, places, nullptr), a.dy.data()}, static_cast<T*>(out[0].data), \
                         out[0].numel(), true, q);                                                                  \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COMPUTE)
HALFULP_COMPUTE(std::complex<float>)
HALFULP_COMPUTE(std::complex<double>)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
