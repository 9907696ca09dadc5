// Error-free transformations on vectors of binary64. Included once for each instruction set, after Highway.
#if defined(HALFULP_KERNELS_CORE_ERROR_FREE_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HALFULP_KERNELS_CORE_ERROR_FREE_INL_HPP
#undef HALFULP_KERNELS_CORE_ERROR_FREE_INL_HPP
#else
#define HALFULP_KERNELS_CORE_ERROR_FREE_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE::error_free {

namespace hn = hwy::HWY_NAMESPACE;

constexpr bool fuses = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_NEON;

template <class V>
struct sum_pair {
  V high, low;
};

// high + low = a + b exactly, unless high overflows  [knuth97, 4.2.2]
template <class V>
HWY_INLINE sum_pair<V> two_sum(V a, V b) {
  const V s = hn::Add(a, b);
  const V from_b = hn::Sub(s, a);
  const V from_a = hn::Sub(s, from_b);
  return {s, hn::Add(hn::Sub(a, from_a), hn::Sub(b, from_b))};
}

// a = high + low with 26 bits each  [dekker71]
template <class V>
HWY_INLINE sum_pair<V> split(V a) {
  const V t = hn::Mul(a, hn::Set(hn::DFromV<V>(), 0x1p27 + 1));
  const V high = hn::Sub(t, hn::Sub(t, a));
  return {high, hn::Sub(a, high)};
}

// a b - p for p = RN(a b): exact when |a b| >= 2^-968, else to 2^-1072; NaN where a factor is above 2^996 and the
// processor has no fused multiply-add.
template <class V>
HWY_INLINE V product_error(V a, V b, V p) {
  if constexpr (fuses) return hn::MulSub(a, b, p);
  const sum_pair<V> x = split(a), y = split(b);
  V e = hn::Sub(hn::Mul(x.high, y.high), p);
  e = hn::Add(e, hn::Mul(x.high, y.low));
  e = hn::Add(e, hn::Mul(x.low, y.high));
  return hn::Add(e, hn::Mul(x.low, y.low));
}

}  // namespace halfulp::kernels::HWY_NAMESPACE::error_free
HWY_AFTER_NAMESPACE();

#endif
