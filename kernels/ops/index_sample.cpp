#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops/index_sample.hpp>

namespace halfulp::kernels {
namespace {

/// Moves bits: nothing is rounded.
template <class T>
tier_counts gather(const op::index_sample::args<T>& a, std::span<const tensor_view> out) {
  const auto y = out[0].elements<T>();
  const auto count = static_cast<std::int64_t>(y.size());
#pragma omp parallel for
  for (std::int64_t i = 0; i < count; ++i) y[static_cast<std::size_t>(i)] = op::index_sample::value(a, i);
  tier_counts decided;
  decided[tier::exact] = count;
  return decided;
}

}  // namespace

#define HALFULP_INDEX_SAMPLE(T)                                                                              \
  template <>                                                                                                \
  tier_counts compute<op::index_sample, T>(const op::index_sample::args<T>& a, std::span<const tensor_view> out) { \
    return gather(a, out);                                                                                   \
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
