#include <halfulp/oracle/ops/index_sample_grad.hpp>

#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_INDEX_SAMPLE_GRAD(T)                                                     \
  template <>                                                                            \
  tier_counts compute<op::index_sample_grad, T>(const op::index_sample_grad::args<T>& a, \
                                                std::span<const tensor_view> out) {      \
    return compute_scatter<op::index_sample_grad, T>(a, out);                            \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_INDEX_SAMPLE_GRAD)
#undef HALFULP_INDEX_SAMPLE_GRAD

}  // namespace halfulp::kernels
