// Convolutions of integers on a GPU: every output modulo 2^w, with no rounding and so no ladder.
#include <halfulp/oracle/ops/conv2d_transpose.hpp>

#include <halfulp/kernels/core/integer_products.hpp>
#include <halfulp/kernels/core/storage_types.hpp>
#include <halfulp/kernels/ops/conv2d_products.hpp>

namespace halfulp::kernels {

#define HALFULP_INTEGER_CONVOLUTIONS(T)                                                                  \
  template <>                                                                                            \
  void compute_on_cuda<op::conv2d, T>(const op::conv2d::args<T>& a, std::span<const tensor_view> out,    \
                                      const cuda_queue& q) {                                             \
    add_integer_products(product_of(a, static_cast<T*>(out[0].data)), q);                                \
  }                                                                                                      \
  template <>                                                                                            \
  void compute_on_cuda<op::conv2d_transpose, T>(const op::conv2d_transpose::args<T>& a,                  \
                                                std::span<const tensor_view> out, const cuda_queue& q) { \
    for (const auto& p : products_of(a, static_cast<T*>(out[0].data))) add_integer_products(p, q);       \
  }
HALFULP_EACH_INTEGER_TYPE(HALFULP_INTEGER_CONVOLUTIONS)
#undef HALFULP_INTEGER_CONVOLUTIONS

}  // namespace halfulp::kernels
