// Vectors of sums rounded once, for the instruction set that is being compiled (hwy/foreach_target.h includes it once
// for each).
#include <cstdint>

#include <hwy/highway.h>

#include <halfulp/oracle/core/format.hpp>

#if defined(HALFULP_KERNELS_CORE_DECIDE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HALFULP_KERNELS_CORE_DECIDE_INL_HPP
#undef HALFULP_KERNELS_CORE_DECIDE_INL_HPP
#else
#define HALFULP_KERNELS_CORE_DECIDE_INL_HPP
#endif

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

// Sums high + low with |high + low - exact| <= radius / raise.
struct enclosed {
  vector high, low, radius;
};

HWY_INLINE mask no_lanes() {
  return hn::FirstN(lanes_tag(), 0);
}

// Sums that are known to be exact, and those of them whose zeros have the sign of `high`.
struct exactness {
  mask sum, zero;
};

// What sums round to, and where that is known: lanes of `Tag`.
template <class Bits, class Tag>
struct decided {
  using tag = Tag;
  Bits rounded;
  hn::Mask<Tag> known;
};

// t >= radius + |low| + 2^-51 |high|, which covers the rounding of high - t and high + t as well; 0 where high is exact.
template <bool MayBeExact>
HWY_INLINE vector half_width(const enclosed& x, const exactness& exact) {
  const lanes_tag d;
  const vector t =
      hn::MulAdd(hn::Abs(x.high), hn::Set(d, 0x1p-51), hn::MulAdd(hn::Abs(x.low), hn::Set(d, raise), x.radius));
  if constexpr (!MayBeExact) return t;
  return hn::IfThenZeroElse(hn::And(exact.sum, hn::Eq(x.low, hn::Zero(d))), t);
}

// Zeros that are known, sign and all.
template <bool MayBeExact>
HWY_INLINE mask known_zero(vector sum, vector t, const exactness& exact) {
  const lanes_tag d;
  if constexpr (!MayBeExact) return no_lanes();
  return hn::And(exact.zero, hn::And(hn::Eq(sum, hn::Zero(d)), hn::Eq(t, hn::Zero(d))));
}

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

// 16 bits: both ends of [high - t, high + t] round to the same normal number.
template <class T>
HWY_INLINE mask decide_bits(const enclosed& x, vector t, mask zero, bits& rounded) {
  constexpr format f = format_of<T>;
  constexpr int sign_at = 64 - (format_of<double>.precision - f.precision) - 1;
  constexpr std::uint64_t rebias = static_cast<std::uint64_t>(format_of<double>.e_max - f.e_max) << (f.precision - 1);
  constexpr std::uint64_t least_normal = rebias + (std::uint64_t{1} << (f.precision - 1));
  constexpr std::uint64_t infinity = rebias + encoding<T>::infinity;
  const lanes_tag d;
  const bits_tag b;
  const bits below = rounded_bits<T>(hn::Sub(x.high, t)), above = rounded_bits<T>(hn::Add(x.high, t));
  const bits magnitude = hn::And(below, hn::Set(b, (std::uint64_t{1} << sign_at) - 1));
  const auto is_normal =
      hn::And(hn::Gt(magnitude, hn::Set(b, least_normal - 1)), hn::Lt(magnitude, hn::Set(b, infinity)));
  const bits sign = hn::ShiftLeft<f.bits - 1>(hn::ShiftRight<sign_at>(below));
  rounded = hn::Or(sign, hn::IfThenZeroElse(hn::RebindMask(b, zero), hn::Sub(magnitude, hn::Set(b, rebias))));
  return hn::Or(zero, hn::RebindMask(d, hn::And(hn::Eq(below, above), is_normal)));
}

// The processor rounds to binary32, subnormal or not. What is so small that its sign may be lost is left, but for zeros;
// so is what may overflow, since DemoteTo need not give an infinity.
template <bool MayBeExact>
HWY_INLINE auto decide_binary32(const enclosed& x, vector t, mask zero) {
  const lanes_tag d;
  const hn::Rebind<float, lanes_tag> f;
  mask left = hn::Or(hn::Lt(hn::Abs(x.high), hn::Set(d, 0x1p-140)), hn::Gt(hn::Abs(x.high), hn::Set(d, 0x1p127)));
  if constexpr (MayBeExact) left = hn::AndNot(zero, left);
  const vector wide = hn::IfThenElse(left, hn::Inf(d), t);
  const auto below = hn::DemoteTo(f, hn::Sub(x.high, wide)), above = hn::DemoteTo(f, hn::Add(x.high, wide));
  const hn::RebindToUnsigned<decltype(f)> word;
  return decided<hn::Vec<decltype(word)>, decltype(f)>{hn::BitCast(word, below), hn::Eq(below, above)};
}

// binary64: with high + low = sum + rest exactly, RN(sum + (rest - t)) = sum = RN(sum + (rest + t)), where t covers the
// radius and the rounding of rest - t and rest + t.
template <bool MayBeExact>
HWY_INLINE auto decide_binary64(const enclosed& x, const exactness& exact) {
  const lanes_tag d;
  const vector sum = hn::Add(x.high, x.low);
  const vector from_low = hn::Sub(sum, x.high);
  const vector rest = hn::Add(hn::Sub(x.high, hn::Sub(sum, from_low)), hn::Sub(x.low, from_low));
  vector t = hn::MulAdd(hn::Abs(rest), hn::Set(d, 0x1p-51), x.radius);
  if constexpr (MayBeExact) t = hn::IfThenZeroElse(exact.sum, t);
  const mask below = hn::Eq(hn::Add(sum, hn::Sub(rest, t)), sum), above = hn::Eq(hn::Add(sum, hn::Add(rest, t)), sum);
  const mask is_number = hn::And(hn::Gt(hn::Abs(sum), hn::Zero(d)), hn::Lt(hn::Abs(sum), hn::Inf(d)));
  const mask known = hn::And(hn::And(below, above), is_number);
  const bits_tag b;
  if constexpr (!MayBeExact) return decided<bits, lanes_tag>{hn::BitCast(b, sum), known};
  const mask zero = known_zero<MayBeExact>(sum, t, exact);
  const vector signed_sum = hn::IfThenElse(hn::Eq(x.low, hn::Zero(d)), x.high, sum);  // -0 + 0 is +0
  return decided<bits, lanes_tag>{hn::BitCast(b, signed_sum), hn::Or(known, zero)};
}

template <class T, bool MayBeExact>
HWY_INLINE auto decide(const enclosed& x, const exactness& exact) {
  if constexpr (sizeof(T) == sizeof(double)) {
    return decide_binary64<MayBeExact>(x, exact);
  } else {
    const vector t = half_width<MayBeExact>(x, exact);
    const mask zero = known_zero<MayBeExact>(x.high, t, exact);
    if constexpr (sizeof(T) == sizeof(float)) {
      return decide_binary32<MayBeExact>(x, t, zero);
    } else {
      const hn::Rebind<bits_t<T>, lanes_tag> narrow;
      bits rounded;
      const mask known = decide_bits<T>(x, t, zero, rounded);
      return decided<hn::Vec<decltype(narrow)>, lanes_tag>{hn::TruncateTo(narrow, rounded), known};
    }
  }
}

template <class T>
HWY_INLINE auto decide(const enclosed& x) {
  return decide<T, false>(x, {no_lanes(), no_lanes()});
}

// The lanes of a decision that are known, as bits.
template <class Decided>
HWY_INLINE unsigned known_lanes(const Decided& r) {
  std::uint8_t known[8] = {};
  hn::StoreMaskBits(typename Decided::tag(), r.known, known);
  return known[0];
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
