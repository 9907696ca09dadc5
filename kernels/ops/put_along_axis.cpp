#include <halfulp/oracle/ops/put_along_axis.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_PUT_ALONG_AXIS(T)                                                                                      \
  template <>                                                                                                          \
  tier_counts compute<op::put_along_axis, T>(const op::put_along_axis::args<T>& a, std::span<const tensor_view> out) { \
    return compute_scatter<op::put_along_axis, T>(a, out);                                                             \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_PUT_ALONG_AXIS)
#undef HALFULP_PUT_ALONG_AXIS

}  // namespace halfulp::kernels
