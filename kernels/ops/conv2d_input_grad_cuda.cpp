#include <halfulp/kernels/core/round_products.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

namespace halfulp::kernels {

#define HALFULP_INPUT_GRAD(T)                                                                             \
  template <>                                                                                             \
  void compute_on_cuda<op::conv2d_input_grad, T>(const op::conv2d_input_grad::args<T>& a,                 \
                                                 std::span<const tensor_view> out, const cuda_queue& q) { \
    T* const dx = static_cast<T*>(out[0].data);                                                           \
    const auto joined = joined_product_of(a, dx);                                                         \
    if (joined && round_joined(*joined, q)) return;                                                       \
    for (const auto& p : products_of(a, dx)) round_products(p, q);                                        \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_INPUT_GRAD)
#undef HALFULP_INPUT_GRAD

}  // namespace halfulp::kernels
