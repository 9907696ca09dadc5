// Vectors of numbers of any format in binary64, for the instruction set that is being compiled (hwy/foreach_target.h
// includes it once for each).
#include <cstdint>

#include <hwy/highway.h>

#include <halfulp/oracle/core/format.hpp>

#if defined(HALFULP_KERNELS_CORE_WIDEN_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HALFULP_KERNELS_CORE_WIDEN_INL_HPP
#undef HALFULP_KERNELS_CORE_WIDEN_INL_HPP
#else
#define HALFULP_KERNELS_CORE_WIDEN_INL_HPP
#endif

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

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
