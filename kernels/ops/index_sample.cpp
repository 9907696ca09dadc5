#include <halfulp/oracle/ops/index_sample.hpp>

#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/kernels/core/storage_types.hpp>

namespace halfulp::kernels {

#define HALFULP_INDEX_SAMPLE(T)                                                                                    \
  template <>                                                                                                      \
  tier_counts compute<op::index_sample, T>(const op::index_sample::args<T>& a, std::span<const tensor_view> out) { \
    return compute_bits<op::index_sample, T>(a, out);                                                              \
  }
HALFULP_EACH_STORAGE_TYPE(HALFULP_INDEX_SAMPLE)
#undef HALFULP_INDEX_SAMPLE

}  // namespace halfulp::kernels
