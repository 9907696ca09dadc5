#include <halfulp/oracle/ops/index_put_x_grad.hpp>

#include <halfulp/kernels/core/fractions.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_INDEX_PUT_X_GRAD(T)                                                       \
  template <>                                                                             \
  tier_counts compute<op::index_put_x_grad, T>(const args_of<op::index_put_x_grad, T>& a, \
                                               std::span<const tensor_view> out) {        \
    return compute_fractions<op::index_put_x_grad, T>(a, out);                            \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_INDEX_PUT_X_GRAD)
HALFULP_INDEX_PUT_X_GRAD(std::complex<float>)
HALFULP_INDEX_PUT_X_GRAD(std::complex<double>)
#undef HALFULP_INDEX_PUT_X_GRAD

}  // namespace halfulp::kernels
