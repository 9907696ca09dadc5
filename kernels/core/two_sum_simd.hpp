// Error-free transformations of vectors, for the instruction set that is being compiled (hwy/foreach_target.h includes
// it once for each).
#include <hwy/highway.h>

#if defined(HALFULP_KERNELS_CORE_TWO_SUM_SIMD) == defined(HWY_TARGET_TOGGLE)
#ifdef HALFULP_KERNELS_CORE_TWO_SUM_SIMD
#undef HALFULP_KERNELS_CORE_TWO_SUM_SIMD
#else
#define HALFULP_KERNELS_CORE_TWO_SUM_SIMD
#endif

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

struct sum_pair {
  hn::Vec<hn::ScalableTag<double>> high, low;
};

// high + low = a + b exactly, unless high overflows  [knuth97, 4.2.2]
HWY_INLINE sum_pair two_sum(hn::Vec<hn::ScalableTag<double>> a, hn::Vec<hn::ScalableTag<double>> b) {
  const auto s = hn::Add(a, b);
  const auto from_b = hn::Sub(s, a);
  const auto from_a = hn::Sub(s, from_b);
  return {s, hn::Add(hn::Sub(a, from_a), hn::Sub(b, from_b))};
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
