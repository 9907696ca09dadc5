#include <halfulp/oracle/ops/index_add.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_INDEX_ADD(T)                                                                                 \
  template <>                                                                                                \
  tier_counts compute<op::index_add, T>(const op::index_add::args<T>& a, std::span<const tensor_view> out) { \
    return compute_scatter<op::index_add, T>(a, out);                                                        \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_INDEX_ADD)
#undef HALFULP_INDEX_ADD

}  // namespace halfulp::kernels
