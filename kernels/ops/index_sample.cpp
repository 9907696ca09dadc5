#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

namespace halfulp::kernels {
#define HALFULP_INDEX_SAMPLE(T)                                                                              \
  template <>                                                                                                \
  tier_counts compute<op::index_sample, T>(const op::index_sample::args<T>& a, std::span<const tensor_view> out) { \
    return compute_bits<op::index_sample, T>(a, out);                                                                                   \
  }
HALFULP_INDEX_SAMPLE(bool)
HALFULP_INDEX_SAMPLE(std::uint8_t)
HALFULP_INDEX_SAMPLE(std::int8_t)
HALFULP_INDEX_SAMPLE(std::int16_t)
HALFULP_INDEX_SAMPLE(std::int32_t)
HALFULP_INDEX_SAMPLE(std::int64_t)
HALFULP_INDEX_SAMPLE(float16)
HALFULP_INDEX_SAMPLE(bfloat16)
HALFULP_INDEX_SAMPLE(float)
HALFULP_INDEX_SAMPLE(double)
HALFULP_INDEX_SAMPLE(std::complex<float>)
HALFULP_INDEX_SAMPLE(std::complex<double>)
#undef HALFULP_INDEX_SAMPLE

}  // namespace halfulp::kernels
