#include <halfulp/kernels/core/simd_targets.hpp>

#include <algorithm>

#include <halfulp/kernels/core/run_sum.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/run_sum.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/error_free-inl.hpp>
#include <halfulp/kernels/core/widen-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

constexpr int chains = 4;        // of additions, that the processor works on at the same time
constexpr int chain_terms = 32;  // and at most 4 more at the end of a run

HWY_INLINE std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}

struct chain {
  vector sum, magnitude;
  HWY_INLINE void add(vector x) {
    sum = hn::Add(sum, x);
    magnitude = hn::Add(magnitude, hn::Abs(x));
  }
};

HWY_INLINE void join(const chain& c, std::int64_t lane, lane_sums& to) {
  const lanes_tag d;
  const auto joined = error_free::two_sum(hn::LoadU(d, to.high + lane), c.sum);
  hn::StoreU(joined.high, d, to.high + lane);
  hn::StoreU(hn::Add(hn::LoadU(d, to.low + lane), joined.low), d, to.low + lane);
  hn::StoreU(hn::Add(hn::LoadU(d, to.magnitude + lane), c.magnitude), d, to.magnitude + lane);
}

// Those from i on, vector by vector.
template <class T>
HWY_INLINE void add_vectors(const T* x, std::int64_t i, std::int64_t n, chain& c) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  for (; i + lanes <= n; i += lanes) c.add(widened(x + i));
  if (i == n) return;
  if (HWY_LIKELY(n >= lanes)) {
    const auto added = hn::FirstN(d, static_cast<std::size_t>(lanes - (n - i)));
    c.add(hn::IfThenZeroElse(added, widened(x + n - lanes)));
  } else {
    T rest[8] = {};
    std::copy(x + i, x + n, rest);
    c.add(widened(rest));
  }
}

template <class T>
HWY_INLINE void add_to_chains(const T* x, std::int64_t n, chain* c) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  for (int k = 0; k < chains; ++k) c[k] = {hn::Zero(d), hn::Zero(d)};
  std::int64_t i = 0;
  for (; i + chains * lanes <= n; i += chains * lanes)
    for (int k = 0; k < chains; ++k) c[k].add(widened(x + i + k * lanes));
  add_vectors(x, i, n, c[0]);
}

// At most chains * chain_terms vectors.
template <class T>
HWY_INLINE void add_block(const T* x, std::int64_t n, lane_sums& to) {
  chain c[chains];
  add_to_chains(x, n, c);
  for (int k = 0; k < chains; ++k) join(c[k], k * lane_count() % lane_sums::count, to);
}

// A run that is one chain long at most, its magnitudes added to those of the runs before it.
template <class T>
HWY_INLINE double add_one_chain(const T* x, std::int64_t n, vector& magnitude) {
  chain c{hn::Zero(lanes_tag()), magnitude};
  add_vectors(x, 0, n, c);
  magnitude = c.magnitude;
  return hn::GetLane(hn::SumOfLanes(lanes_tag(), c.sum));
}

template <class T>
HWY_INLINE double add_chains(const T* x, std::int64_t n, vector& magnitude) {
  const lanes_tag d;
  chain c[chains];
  add_to_chains(x, n, c);
  magnitude =
      hn::Add(magnitude, hn::Add(hn::Add(c[0].magnitude, c[1].magnitude), hn::Add(c[2].magnitude, c[3].magnitude)));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(c[0].sum, c[1].sum), hn::Add(c[2].sum, c[3].sum))));
}

template <class T>
HWY_INLINE void add_runs(const T* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  const lanes_tag d;
  const bool one_chain = n <= lane_count() * 2 * chains;
  for (std::int64_t first = 0; first < count; first += most_alike) {
    const std::int64_t end = HWY_MIN(first + most_alike, count);
    vector magnitude = hn::Zero(d);
    for (std::int64_t k = first; k < end; ++k)
      sums[k] += one_chain ? add_one_chain(x + k * n, n, magnitude) : add_chains(x + k * n, n, magnitude);
    const double all = hn::GetLane(hn::SumOfLanes(d, magnitude));
    for (std::int64_t k = first; k < end; ++k) magnitudes[k] += all;
  }
}

template <class T>
HWY_INLINE void add_all(const T* x, std::int64_t n, lane_sums& to) {
  const std::int64_t block = lane_count() * chains * chain_terms;
  for (std::int64_t i = 0; i < n; i += block) add_block(x + i, HWY_MIN(block, n - i), to);
}

void add_float16(const float16* x, std::int64_t n, lane_sums& to) {
  add_all(x, n, to);
}
void add_bfloat16(const bfloat16* x, std::int64_t n, lane_sums& to) {
  add_all(x, n, to);
}
void add_float32(const float* x, std::int64_t n, lane_sums& to) {
  add_all(x, n, to);
}

void add_runs_float16(const float16* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  add_runs(x, n, count, sums, magnitudes);
}
void add_runs_bfloat16(const bfloat16* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  add_runs(x, n, count, sums, magnitudes);
}
void add_runs_float32(const float* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  add_runs(x, n, count, sums, magnitudes);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(add_float16);
HWY_EXPORT(add_bfloat16);
HWY_EXPORT(add_float32);
HWY_EXPORT(add_runs_float16);
HWY_EXPORT(add_runs_bfloat16);
HWY_EXPORT(add_runs_float32);

template <>
void add_run(const float16* x, std::int64_t n, lane_sums& to) {
  HWY_DYNAMIC_DISPATCH(add_float16)(x, n, to);
}
template <>
void add_run(const bfloat16* x, std::int64_t n, lane_sums& to) {
  HWY_DYNAMIC_DISPATCH(add_bfloat16)(x, n, to);
}
template <>
void add_run(const float* x, std::int64_t n, lane_sums& to) {
  HWY_DYNAMIC_DISPATCH(add_float32)(x, n, to);
}

template <>
void add_short_runs(const float16* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  HWY_DYNAMIC_DISPATCH(add_runs_float16)(x, n, count, sums, magnitudes);
}
template <>
void add_short_runs(const bfloat16* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  HWY_DYNAMIC_DISPATCH(add_runs_bfloat16)(x, n, count, sums, magnitudes);
}
template <>
void add_short_runs(const float* x, std::int64_t n, std::int64_t count, double* sums, double* magnitudes) {
  HWY_DYNAMIC_DISPATCH(add_runs_float32)(x, n, count, sums, magnitudes);
}

}  // namespace halfulp::kernels
#endif
