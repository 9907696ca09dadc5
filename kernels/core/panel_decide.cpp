#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/oracle/core/format.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/panel_decide.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using bits_tag = hn::RebindToUnsigned<lanes_tag>;
using vector = hn::Vec<lanes_tag>;
using bits = hn::Vec<bits_tag>;
using mask = hn::Mask<lanes_tag>;

// A bound computed by some additions and multiplications of nonnegative numbers, each within a factor 1 +- 2^-53, is
// raised above its exact value by one multiplication with this.
constexpr double raise = 1 + 0x1p-49;

// radius >= row_bound * column_norm + row_extra
HWY_INLINE vector radius_of(const row_of_sums& s, std::int64_t j) {
  const lanes_tag d;
  const vector product = hn::Mul(hn::Set(d, s.row_bound), hn::LoadU(d, s.column_norm + j));
  return hn::Mul(hn::Add(product, hn::Set(d, s.row_extra)), hn::Set(d, raise));
}

struct decided {
  bits rounded;  // the encoding in T, in the low bits
  mask known;
};

// RN_p(x) in the encoding of T but for the sign, which stays at bit `sign_at`: the fraction is cut after p - 1 bits.
template <class T>
HWY_INLINE bits rounded_bits(vector x) {
  constexpr int cut = format_of<double>.precision - format_of<T>.precision;
  const bits_tag b;
  const bits v = hn::BitCast(b, x);
  const bits odd = hn::And(hn::ShiftRight<cut>(v), hn::Set(b, 1));
  const bits half = hn::Set(b, (std::uint64_t{1} << (cut - 1)) - 1);
  return hn::ShiftRight<cut>(hn::Add(v, hn::Add(half, odd)));
}

// A narrow format: both ends of [s - t, s + t] round to the same normal number, where t >= radius + |low| + 2^-51 |s|
// covers the rounding of s - t and s + t as well.
template <class T>
HWY_INLINE decided decide(vector s, vector low, vector radius) {
  constexpr format f = format_of<T>;
  constexpr int sign_at = 64 - (format_of<double>.precision - f.precision) - 1;
  constexpr std::uint64_t rebias = static_cast<std::uint64_t>(format_of<double>.e_max - f.e_max) << (f.precision - 1);
  constexpr std::uint64_t least_normal = rebias + (std::uint64_t{1} << (f.precision - 1));
  constexpr std::uint64_t infinity = rebias + encoding<T>::infinity;
  const lanes_tag d;
  const bits_tag b;
  const vector t =
      hn::MulAdd(hn::Abs(s), hn::Set(d, 0x1p-51), hn::Mul(hn::Add(radius, hn::Abs(low)), hn::Set(d, raise)));
  const bits below = rounded_bits<T>(hn::Sub(s, t)), above = rounded_bits<T>(hn::Add(s, t));
  const bits magnitude = hn::And(below, hn::Set(b, (std::uint64_t{1} << sign_at) - 1));
  const auto is_normal =
      hn::And(hn::Gt(magnitude, hn::Set(b, least_normal - 1)), hn::Lt(magnitude, hn::Set(b, infinity)));
  const bits sign = hn::ShiftLeft<f.bits - 1>(hn::ShiftRight<sign_at>(below));
  const auto known = hn::And(hn::Eq(below, above), is_normal);
  return {hn::Or(sign, hn::Sub(magnitude, hn::Set(b, rebias))), hn::RebindMask(d, known)};
}

// binary64: with high + low = s + rest exactly, RN(high + (low - t)) = high = RN(high + (low + t)), where t covers the
// radius and the rounding of low - t and low + t.
template <>
HWY_INLINE decided decide<double>(vector s, vector rest, vector radius) {
  const lanes_tag d;
  const vector high = hn::Add(s, rest);
  const vector from_rest = hn::Sub(high, s);
  const vector low = hn::Add(hn::Sub(s, hn::Sub(high, from_rest)), hn::Sub(rest, from_rest));
  const vector t = hn::MulAdd(hn::Abs(low), hn::Set(d, 0x1p-51), hn::Mul(radius, hn::Set(d, raise)));
  const mask below = hn::Eq(hn::Add(high, hn::Sub(low, t)), high);
  const mask above = hn::Eq(hn::Add(high, hn::Add(low, t)), high);
  const mask is_number = hn::And(hn::Gt(hn::Abs(high), hn::Zero(d)), hn::Lt(hn::Abs(high), hn::Inf(d)));
  return {hn::BitCast(bits_tag(), high), hn::And(hn::And(below, above), is_number)};
}

template <class T>
std::int64_t decide_columns(const row_of_sums& s, T* rounded, std::int32_t* undecided) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const hn::Rebind<bits_t<T>, bits_tag> narrow;
  auto* out = reinterpret_cast<bits_t<T>*>(rounded);
  std::int64_t count = 0;
  for (std::int64_t j = 0; j < s.column_count; j += lanes) {
    const decided r = decide<T>(hn::LoadU(d, s.high + j), hn::LoadU(d, s.low + j), radius_of(s, j));
    if constexpr (sizeof(T) == sizeof(double))
      hn::StoreU(r.rounded, narrow, out + j);
    else
      hn::StoreU(hn::TruncateTo(narrow, r.rounded), narrow, out + j);
    if (HWY_LIKELY(hn::AllTrue(d, r.known))) continue;
    std::uint8_t known[8] = {};
    hn::StoreMaskBits(d, r.known, known);
    for (std::int64_t l = 0; l < lanes && j + l < s.column_count; ++l)
      if (!(known[0] >> l & 1)) undecided[count++] = static_cast<std::int32_t>(j + l);
  }
  return count;
}

std::int64_t decide_float16(const row_of_sums& s, float16* y, std::int32_t* u) {
  return decide_columns(s, y, u);
}
std::int64_t decide_bfloat16(const row_of_sums& s, bfloat16* y, std::int32_t* u) {
  return decide_columns(s, y, u);
}
std::int64_t decide_float32(const row_of_sums& s, float* y, std::int32_t* u) {
  return decide_columns(s, y, u);
}
std::int64_t decide_float64(const row_of_sums& s, double* y, std::int32_t* u) {
  return decide_columns(s, y, u);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(decide_float16);
HWY_EXPORT(decide_bfloat16);
HWY_EXPORT(decide_float32);
HWY_EXPORT(decide_float64);

template <>
std::int64_t decide_row(const row_of_sums& s, float16* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float16)(s, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, bfloat16* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_bfloat16)(s, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, float* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float32)(s, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, double* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float64)(s, rounded, undecided);
}

}  // namespace halfulp::kernels
#endif
