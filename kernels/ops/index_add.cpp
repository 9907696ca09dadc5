#include <halfulp/kernels/core/scatter.hpp>
#include <halfulp/oracle/ops/index_add.hpp>

namespace halfulp::kernels {
#define HALFULP_INDEX_ADD(T)                                                                                 \
  template <>                                                                                                \
  tier_counts compute<op::index_add, T>(const op::index_add::args<T>& a, std::span<const tensor_view> out) { \
    return compute_scatter<op::index_add, T>(a, out);                                                        \
  }
HALFULP_INDEX_ADD(bool)
HALFULP_INDEX_ADD(std::uint8_t)
HALFULP_INDEX_ADD(std::int8_t)
HALFULP_INDEX_ADD(std::int16_t)
HALFULP_INDEX_ADD(std::int32_t)
HALFULP_INDEX_ADD(std::int64_t)
HALFULP_INDEX_ADD(float16)
HALFULP_INDEX_ADD(bfloat16)
HALFULP_INDEX_ADD(float)
HALFULP_INDEX_ADD(double)
HALFULP_INDEX_ADD(std::complex<float>)
HALFULP_INDEX_ADD(std::complex<double>)
#undef HALFULP_INDEX_ADD

}  // namespace halfulp::kernels
