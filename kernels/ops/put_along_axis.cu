#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/put_along_axis_places.cuh>

namespace halfulp::kernels {

#define HALFULP_COMPUTE(T)                                                                                            \
  template <>                                                                                                         \
  void compute_on_cuda<op::put_along_axis, T>(const op::put_along_axis::args<T>& a, std::span<const tensor_view> out, \
                                              const cuda_queue& q) {                                                  \
    const cuda::found_places places = cuda::places_of(a, q);                                                          \
    queue_scatter(cuda::call_of(a, places, static_cast<T*>(out[0].data)), q);                                         \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_COMPUTE)
#undef HALFULP_COMPUTE

}  // namespace halfulp::kernels
