#include <halfulp/oracle/ops/index_put.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_INDEX_PUT(T)                                                                                 \
  template <>                                                                                                \
  tier_counts compute<op::index_put, T>(const op::index_put::args<T>& a, std::span<const tensor_view> out) { \
    return compute_scatter<op::index_put, T>(a, out);                                                        \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_INDEX_PUT)
#undef HALFULP_INDEX_PUT

}  // namespace halfulp::kernels
