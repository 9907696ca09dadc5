#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/tap_sums.hpp>
#include <halfulp/oracle/core/expansion.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/tap_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using vector = hn::Vec<lanes_tag>;

HWY_INLINE std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}

// The sums of `Taps` taps, from the first one on, stay in registers.
template <int Taps>
HWY_NOINLINE void add_taps(const tap_planes& s, std::int64_t first, double* high, double* low) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count(), whole = s.columns / lanes * lanes;
  const auto rest = hn::FirstN(d, static_cast<std::size_t>(s.columns - whole));
  vector sum[Taps];
  const double* at[Taps];
  for (int t = 0; t < Taps; ++t) {
    sum[t] = hn::Zero(d);
    at[t] = s.base + s.tap_offset[first + t];
  }
  const auto add = [&](vector factor, std::int64_t offset) HWY_ATTR {
    for (int t = 0; t < Taps; ++t) sum[t] = hn::MulAdd(factor, hn::LoadU(d, at[t] + offset), sum[t]);
  };
  for (std::int64_t r = 0; r < s.rows; ++r) {
    const double* by = s.by + r * s.columns;
    for (std::int64_t c = 0; c < whole; c += lanes) add(hn::LoadU(d, by + c), r * s.row_step + c);
    if (whole < s.columns) add(hn::IfThenElseZero(rest, hn::LoadU(d, by + whole)), r * s.row_step + whole);
  }
  for (int t = 0; t < Taps; ++t) {
    const double_double joined = two_sum(high[first + t], hn::GetLane(hn::SumOfLanes(d, sum[t])));
    high[first + t] = joined.hi;
    low[first + t] += joined.lo;
  }
}

void add_tap_sums(const tap_planes& s, double* high, double* low) {
  std::int64_t t = 0;
  for (; t + 9 <= s.taps; t += 9) add_taps<9>(s, t, high, low);
  for (; t + 5 <= s.taps; t += 5) add_taps<5>(s, t, high, low);
  for (; t + 3 <= s.taps; t += 3) add_taps<3>(s, t, high, low);
  for (; t < s.taps; ++t) add_taps<1>(s, t, high, low);
}

std::int64_t tap_additions(std::int64_t rows, std::int64_t columns) {
  const std::int64_t lanes = lane_count();
  return rows * ((columns + lanes - 1) / lanes) + lanes;
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(add_tap_sums);
HWY_EXPORT(tap_additions);

void add_tap_sums(const tap_planes& s, double* high, double* low) {
  HWY_DYNAMIC_DISPATCH(add_tap_sums)(s, high, low);
}
std::int64_t tap_additions(std::int64_t rows, std::int64_t columns) {
  return HWY_DYNAMIC_DISPATCH(tap_additions)(rows, columns);
}

}  // namespace halfulp::kernels
#endif
