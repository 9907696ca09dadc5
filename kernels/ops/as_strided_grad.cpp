#include <halfulp/oracle/ops/as_strided_grad.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_AS_STRIDED_GRAD(T)                                                   \
  template <>                                                                        \
  tier_counts compute<op::as_strided_grad, T>(const op::as_strided_grad::args<T>& a, \
                                              std::span<const tensor_view> out) {    \
    return compute_scatter<op::as_strided_grad, T>(a, out);                          \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_AS_STRIDED_GRAD)
#undef HALFULP_AS_STRIDED_GRAD

}  // namespace halfulp::kernels
