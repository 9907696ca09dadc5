#include <halfulp/oracle/ops/copysign_x_grad.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_COPYSIGN_X_GRAD(T)                                                   \
  template <>                                                                        \
  tier_counts compute<op::copysign_x_grad, T>(const op::copysign_x_grad::args<T>& a, \
                                              std::span<const tensor_view> out) {    \
    return compute_scatter<op::copysign_x_grad, T>(a, out);                          \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COPYSIGN_X_GRAD)
#undef HALFULP_COPYSIGN_X_GRAD

}  // namespace halfulp::kernels
