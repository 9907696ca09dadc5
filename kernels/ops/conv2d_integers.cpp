// Convolutions of integers: every output modulo 2^w, with no rounding and so no ladder.
#include <halfulp/kernels/kernel.hpp>
#include <halfulp/oracle/ops/conv2d_transpose.hpp>

namespace halfulp::kernels {
namespace {

template <class Op, class T>
tier_counts add_up(const args_of<Op, T>& a, std::span<const tensor_view> out) {
  const auto y = out[0].elements<T>();
#pragma omp parallel for schedule(dynamic, 256)
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(y.size()); ++i)
    y[static_cast<std::size_t>(i)] = wrapped_sum<Op, T>(a, i);
  tier_counts decided;
  decided[tier::exact] = static_cast<std::int64_t>(y.size());
  return decided;
}

}  // namespace

#define HALFULP_INTEGER_CONVOLUTION(Op, T)                                                \
  template <>                                                                             \
  tier_counts compute<Op, T>(const args_of<Op, T>& a, std::span<const tensor_view> out) { \
    return add_up<Op, T>(a, out);                                                         \
  }
#define HALFULP_INTEGER_CONVOLUTIONS(T)      \
  HALFULP_INTEGER_CONVOLUTION(op::conv2d, T) \
  HALFULP_INTEGER_CONVOLUTION(op::conv2d_transpose, T)
HALFULP_INTEGER_CONVOLUTIONS(std::uint8_t)
HALFULP_INTEGER_CONVOLUTIONS(std::int8_t)
HALFULP_INTEGER_CONVOLUTIONS(std::int16_t)
HALFULP_INTEGER_CONVOLUTIONS(std::int32_t)
HALFULP_INTEGER_CONVOLUTIONS(std::int64_t)
#undef HALFULP_INTEGER_CONVOLUTIONS
#undef HALFULP_INTEGER_CONVOLUTION

}  // namespace halfulp::kernels
