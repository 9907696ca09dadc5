#include <halfulp/oracle/ops/copysign_y_grad.hpp>

#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_COPYSIGN_Y_GRAD(T)                                                   \
  template <>                                                                        \
  tier_counts compute<op::copysign_y_grad, T>(const op::copysign_y_grad::args<T>& a, \
                                              std::span<const tensor_view> out) {    \
    return compute_bits<op::copysign_y_grad, T>(a, out);                             \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_COPYSIGN_Y_GRAD)
#undef HALFULP_COPYSIGN_Y_GRAD

}  // namespace halfulp::kernels
