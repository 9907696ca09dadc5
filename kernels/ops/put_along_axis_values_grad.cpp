#include <halfulp/oracle/ops/put_along_axis_values_grad.hpp>

#include <halfulp/kernels/core/fractions.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_PUT_ALONG_AXIS_VALUES_GRAD(T)                                                                 \
  template <>                                                                                                 \
  tier_counts compute<op::put_along_axis_values_grad, T>(const args_of<op::put_along_axis_values_grad, T>& a, \
                                                         std::span<const tensor_view> out) {                  \
    return compute_fractions<op::put_along_axis_values_grad, T>(a, out);                                      \
  }
HALFULP_EACH_FLOATING_TYPE(HALFULP_PUT_ALONG_AXIS_VALUES_GRAD)
HALFULP_PUT_ALONG_AXIS_VALUES_GRAD(std::complex<float>)
HALFULP_PUT_ALONG_AXIS_VALUES_GRAD(std::complex<double>)
#undef HALFULP_PUT_ALONG_AXIS_VALUES_GRAD

}  // namespace halfulp::kernels
