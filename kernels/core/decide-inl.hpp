// Vectors of sums rounded once, for the instruction set that is being compiled (hwy/foreach_target.h includes it once
// for each).
#include <bit>
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

constexpr double power_of_two(int e) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(e + format_of<double>.e_max)
                               << (format_of<double>.precision - 1));
}

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

// t >= radius + |low|, and + 2^-51 |high| where asked, which covers the rounding of high - t and high + t as well; 0 where
// high is exact.
enum class ends { as_they_are, rounded };
template <ends Ends, bool MayBeExact>
HWY_INLINE vector half_width(const enclosed& x, const exactness& exact) {
  const lanes_tag d;
  vector t = hn::MulAdd(hn::Abs(x.low), hn::Set(d, raise), x.radius);
  if constexpr (Ends == ends::rounded) t = hn::MulAdd(hn::Abs(x.high), hn::Set(d, 0x1p-51), t);
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

// RN_p(x), of any exponent; ties, which need a proof, go to even only where asked.
template <class T, bool TiesToEven>
HWY_INLINE vector rounded_to_precision(vector x) {
  constexpr int cut = format_of<double>.precision - format_of<T>.precision;
  constexpr std::uint64_t half = std::uint64_t{1} << (cut - 1);
  const bits_tag b;
  const bits v = hn::BitCast(b, x);
  bits up = hn::Set(b, half);
  if constexpr (TiesToEven) up = hn::Add(hn::Set(b, half - 1), hn::And(hn::ShiftRight<cut>(v), hn::Set(b, 1)));
  return hn::BitCast(lanes_tag(), hn::And(hn::Add(v, up), hn::Set(b, ~(2 * half - 1))));
}

// All of [high - t, high + t] rounds to the normal number y = RN_p(high), for 2^e <= |high| < 2^(e+1): no midpoint is
// nearer to y than h = 2^(e-p), but for |y| = 2^e, where |high| >= |y|, one below it at h / 2. So
//   |high - y| + t < h and t < h / 2, each compared after a multiplication by 2^p: RN(z) < 2^e only where z < 2^e.
template <class T, bool MayBeExact>
HWY_INLINE mask rounds_to_normal(vector high, vector t, vector y) {
  constexpr format f = format_of<T>;
  const lanes_tag d;
  const bits_tag b;
  const vector power = hn::BitCast(d, hn::And(hn::BitCast(b, high), hn::Set(b, encoding<double>::infinity)));
  const vector scale = hn::Set(d, static_cast<double>(1 << f.precision)), scaled = hn::Mul(t, scale);
  const vector reach = hn::MulAdd(hn::Abs(hn::Sub(high, y)), scale, scaled);
  mask known = hn::And(hn::Lt(reach, power), hn::Lt(hn::Add(scaled, scaled), power));
  if constexpr (MayBeExact) known = hn::Or(known, hn::Eq(t, hn::Zero(d)));
  constexpr double least = power_of_two(f.e_min), past_largest = power_of_two(f.e_max + 1);
  const vector magnitude = hn::Abs(y);
  return hn::And(known, hn::And(hn::Ge(magnitude, hn::Set(d, least)), hn::Lt(magnitude, hn::Set(d, past_largest))));
}

// A number that is one of the 16-bit format, by way of binary32. Without an instruction for it, -0 becomes +0 there.
HWY_INLINE auto encoded(float16, vector y) {
  constexpr bool keeps_sign_of_zero = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2;
  const hn::Rebind<std::uint16_t, lanes_tag> half_word;
  const auto binary32 = hn::DemoteTo(hn::Rebind<float, lanes_tag>(), y);
  const auto narrow = hn::BitCast(half_word, hn::DemoteTo(hn::Rebind<hwy::float16_t, lanes_tag>(), binary32));
  if constexpr (keeps_sign_of_zero) return narrow;
  const auto high = hn::ShiftRight<16>(hn::BitCast(hn::Rebind<std::uint32_t, lanes_tag>(), binary32));
  return hn::Or(narrow, hn::And(hn::TruncateTo(half_word, high), hn::Set(half_word, encoding<float16>::sign)));
}
HWY_INLINE auto encoded(bfloat16, vector y) {
  const auto word =
      hn::BitCast(hn::Rebind<std::uint32_t, lanes_tag>(), hn::DemoteTo(hn::Rebind<float, lanes_tag>(), y));
  return hn::TruncateTo(hn::Rebind<std::uint16_t, lanes_tag>(), hn::ShiftRight<16>(word));
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
    constexpr bool is_binary32 = sizeof(T) == sizeof(float);
    const vector t = half_width < is_binary32 ? ends::rounded : ends::as_they_are, MayBeExact > (x, exact);
    const mask zero = known_zero<MayBeExact>(x.high, t, exact);
    if constexpr (is_binary32) {
      return decide_binary32<MayBeExact>(x, t, zero);
    } else {
      const vector y = rounded_to_precision<T, MayBeExact>(x.high);
      const auto rounded = encoded(T{}, y);
      return decided<decltype(rounded), lanes_tag>{rounded,
                                                   hn::Or(zero, rounds_to_normal<T, MayBeExact>(x.high, t, y))};
    }
  }
}

template <class T>
HWY_INLINE auto decide(const enclosed& x) {
  return decide<T, false>(x, {no_lanes(), no_lanes()});
}

// Sums |high - exact| < t, in magnitude below 2^e_max, where t > 0 covers the rounding of high - t and high + t as well and
// tells zeros from numbers: both ends round alike, sign and all, halfway cases away from zero, since neither end is reached.
template <class T>
HWY_INLINE auto decide_moderate(vector high, vector t) {
  const lanes_tag d;
  const vector below = hn::Sub(high, t), above = hn::Add(high, t);
  if constexpr (sizeof(T) == sizeof(float)) {
    const hn::Rebind<float, lanes_tag> f;
    const hn::RebindToUnsigned<decltype(f)> word;
    const auto low_end = hn::BitCast(word, hn::DemoteTo(f, below)),
               high_end = hn::BitCast(word, hn::DemoteTo(f, above));
    return decided<hn::Vec<decltype(word)>, decltype(f)>{low_end, hn::RebindMask(f, hn::Eq(low_end, high_end))};
  } else {
    constexpr std::uint64_t half = std::uint64_t{1} << (format_of<double>.precision - format_of<T>.precision - 1);
    const bits_tag b;
    const bits low_end = hn::Add(hn::BitCast(b, below), hn::Set(b, half)),
               high_end = hn::Add(hn::BitCast(b, above), hn::Set(b, half)), kept = hn::Set(b, ~(2 * half - 1));
    const mask same = hn::RebindMask(d, hn::Eq(hn::And(hn::Xor(low_end, high_end), kept), hn::Zero(b)));
    const vector y = hn::BitCast(d, hn::And(low_end, kept));
    const auto rounded = encoded(T{}, y);
    const mask normal = hn::Ge(hn::Abs(y), hn::Set(d, power_of_two(format_of<T>.e_min)));
    return decided<decltype(rounded), lanes_tag>{rounded, hn::And(same, normal)};
  }
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
