#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

namespace halfulp::kernels {

#define HALFULP_CONV2D(T)                                                                             \
  template <>                                                                                         \
  void compute_on_cuda<op::conv2d, T>(const op::conv2d::args<T>& a, std::span<const tensor_view> out, \
                                      const cuda_queue& queue) {                                      \
    round_products(product_of(a, static_cast<T*>(out[0].data)), queue);                               \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_CONV2D)
#undef HALFULP_CONV2D

}  // namespace halfulp::kernels
