#include <halfulp/oracle/ops/expand_grad.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_EXPAND_GRAD(T)                                                                                   \
  template <>                                                                                                    \
  tier_counts compute<op::expand_grad, T>(const op::expand_grad::args<T>& a, std::span<const tensor_view> out) { \
    return compute_scatter<op::expand_grad, T>(a, out);                                                          \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_EXPAND_GRAD)
#undef HALFULP_EXPAND_GRAD

}  // namespace halfulp::kernels
