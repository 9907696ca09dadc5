#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

namespace halfulp::kernels {

#define HALFULP_WEIGHT_GRAD(T)                                                                             \
  template <>                                                                                              \
  void compute_on_cuda<op::conv2d_weight_grad, T>(const op::conv2d_weight_grad::args<T>& a,                \
                                                  std::span<const tensor_view> out, const cuda_queue& q) { \
    round_products(product_of(a, static_cast<T*>(out[0].data)), q);                                        \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_WEIGHT_GRAD)
#undef HALFULP_WEIGHT_GRAD

}  // namespace halfulp::kernels
