#include <halfulp/kernels/core/bit_op.hpp>
#include <halfulp/oracle/ops/copysign.hpp>

namespace halfulp::kernels {
namespace {

/// Bits only: no floating-point instruction that could quieten a NaN takes part.
template <class T>
tier_counts copy_signs(const op::copysign::args<T>& a, std::span<const tensor_view> out) {
  const auto z = out[0].elements<T>();
  if (a.x.size() != z.size() || a.y.size() != z.size()) return compute_bits<op::copysign, T>(a, out);
  const auto count = static_cast<std::int64_t>(z.size());  // nothing is broadcast, so element i reads elements i
#pragma omp parallel for simd
  for (std::int64_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    z[k] = op::copysign::sign_copied(a.x[k], a.y[k]);
  }
  tier_counts decided;
  decided[tier::exact] = count;
  return decided;
}

}  // namespace

template <>
tier_counts compute<op::copysign, float16>(const op::copysign::args<float16>& a, std::span<const tensor_view> out) {
  return copy_signs(a, out);
}
template <>
tier_counts compute<op::copysign, bfloat16>(const op::copysign::args<bfloat16>& a, std::span<const tensor_view> out) {
  return copy_signs(a, out);
}
template <>
tier_counts compute<op::copysign, float>(const op::copysign::args<float>& a, std::span<const tensor_view> out) {
  return copy_signs(a, out);
}
template <>
tier_counts compute<op::copysign, double>(const op::copysign::args<double>& a, std::span<const tensor_view> out) {
  return copy_signs(a, out);
}

}  // namespace halfulp::kernels
