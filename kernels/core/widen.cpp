#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/widen.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/widen.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using bits_tag = hn::RebindToUnsigned<lanes_tag>;
using vector = hn::Vec<lanes_tag>;

HWY_INLINE vector widened(const double* x) {
  return hn::LoadU(lanes_tag(), x);
}
HWY_INLINE vector widened(const float* x) {
  return hn::PromoteTo(lanes_tag(), hn::LoadU(hn::Rebind<float, lanes_tag>(), x));
}
// The upper half of a binary32 number.
HWY_INLINE vector widened(const bfloat16* x) {
  const hn::Rebind<std::uint16_t, lanes_tag> narrow;
  const hn::Rebind<std::uint32_t, lanes_tag> word;
  const hn::Rebind<float, lanes_tag> binary32;
  const auto bits = hn::LoadU(narrow, reinterpret_cast<const std::uint16_t*>(x));
  return hn::PromoteTo(lanes_tag(), hn::BitCast(binary32, hn::ShiftLeft<16>(hn::PromoteTo(word, bits))));
}
// Read as a binary64 number an encoding is too small by 2^1008, subnormal or not; infinities and NaNs are set apart.
HWY_INLINE vector widened(const float16* x) {
  constexpr int gap = format_of<double>.precision - format_of<float16>.precision;
  const hn::Rebind<std::uint16_t, lanes_tag> narrow;
  const hn::Rebind<std::uint32_t, lanes_tag> word;
  const lanes_tag d;
  const bits_tag b;
  const auto bits = hn::PromoteTo(b, hn::PromoteTo(word, hn::LoadU(narrow, reinterpret_cast<const std::uint16_t*>(x))));
  const auto sign = hn::ShiftLeft<48>(hn::And(bits, hn::Set(b, encoding<float16>::sign)));
  const auto magnitude = hn::And(bits, hn::Set(b, encoding<float16>::magnitude));
  const auto encoded = hn::Or(sign, hn::ShiftLeft<gap>(magnitude));
  const vector finite = hn::Mul(hn::BitCast(d, encoded), hn::Set(d, 0x1p1008));
  const vector special = hn::BitCast(d, hn::Or(encoded, hn::Set(b, encoding<double>::infinity)));
  const auto is_special = hn::Gt(magnitude, hn::Set(b, std::uint64_t{encoding<float16>::infinity} - 1));
  return hn::IfThenElse(hn::RebindMask(d, is_special), special, finite);
}

template <class T>
HWY_INLINE void widen_all(const T* x, std::int64_t n, double* out) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(widened(x + i), d, out + i);
  for (; i < n; ++i) out[i] = widen(x[i]);
}

void widen_float16(const float16* x, std::int64_t n, double* out) {
  widen_all(x, n, out);
}
void widen_bfloat16(const bfloat16* x, std::int64_t n, double* out) {
  widen_all(x, n, out);
}
void widen_float32(const float* x, std::int64_t n, double* out) {
  widen_all(x, n, out);
}
void widen_float64(const double* x, std::int64_t n, double* out) {
  widen_all(x, n, out);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(widen_float16);
HWY_EXPORT(widen_bfloat16);
HWY_EXPORT(widen_float32);
HWY_EXPORT(widen_float64);

template <>
void widen_run(const float16* x, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_float16)(x, n, out);
}
template <>
void widen_run(const bfloat16* x, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_bfloat16)(x, n, out);
}
template <>
void widen_run(const float* x, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_float32)(x, n, out);
}
template <>
void widen_run(const double* x, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_float64)(x, n, out);
}

}  // namespace halfulp::kernels
#endif
