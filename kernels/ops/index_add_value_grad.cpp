#include <halfulp/oracle/ops/index_add_value_grad.hpp>

#include <halfulp/kernels/core/fractions.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_INDEX_ADD_VALUE_GRAD(T)                                                           \
  template <>                                                                                     \
  tier_counts compute<op::index_add_value_grad, T>(const args_of<op::index_add_value_grad, T>& a, \
                                                   std::span<const tensor_view> out) {            \
    return compute_fractions<op::index_add_value_grad, T>(a, out);                                \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_INDEX_ADD_VALUE_GRAD)
HALFULP_INDEX_ADD_VALUE_GRAD(std::complex<float>)
HALFULP_INDEX_ADD_VALUE_GRAD(std::complex<double>)
#undef HALFULP_INDEX_ADD_VALUE_GRAD

}  // namespace halfulp::kernels
