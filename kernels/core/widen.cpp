#include <algorithm>

#include <halfulp/kernels/core/simd_targets.hpp>

#include <hwy/cache_control.h>

#include <halfulp/kernels/core/widen.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/widen.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/widen-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

template <class T>
HWY_INLINE void widen_together(const T* x, std::int64_t n, double* out) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(widened(x + i), d, out + i);
  if (i == n) return;
  if (n >= lanes) return hn::StoreU(widened(x + n - lanes), d, out + n - lanes);
  T rest[8] = {};
  std::copy(x + i, x + n, rest);
  hn::BlendedStore(widened(rest), hn::FirstN(d, static_cast<std::size_t>(n - i)), d, out + i);
}

template <class T>
HWY_INLINE void widen_all(const T* x, std::int64_t step, std::int64_t n, double* out) {
  if (step == 1) return widen_together(x, n, out);
  constexpr std::int64_t most = 64;
  T together[most];
  for (std::int64_t i = 0; i < n; i += most) {
    const std::int64_t count = HWY_MIN(most, n - i);
    for (std::int64_t k = 0; k < count; ++k) together[k] = x[(i + k) * step];
    widen_together(together, count, out + i);
  }
}

template <class T>
HWY_INLINE void widen_padded(const T* x, const channel_rows<T>& from, const padded_rows& to, double* out) {
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t right = to.places - to.left - from.columns;
  if (HWY_LIKELY(to.left <= lanes && right <= lanes && lanes <= to.places)) {
    hn::StoreU(hn::Zero(d), d, out);
    hn::StoreU(hn::Zero(d), d, out + to.places - lanes);
  } else {
    std::fill_n(out, to.left, 0.0);
    std::fill_n(out + to.left + from.columns, right, 0.0);
  }
  widen_all(x, from.column_step, from.columns, out + to.left);
}

HWY_INLINE void deal_out(const padded_rows& to, double* out) {
  const std::int64_t width = to.row_step / to.phases;
  const lanes_tag d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (to.phases == 2 && width >= lanes) {
    for (std::int64_t i = 0; i < width; i += lanes) {
      const std::int64_t at = HWY_MIN(i, width - lanes);
      vector even, odd;
      hn::LoadInterleaved2(d, to.room + 2 * at, even, odd);
      hn::StoreU(even, d, out + at);
      hn::StoreU(odd, d, out + width + at);
    }
    return;
  }
  for (std::int64_t f = 0; f < to.phases; ++f, out += width)
    for (std::int64_t i = 0, x = f; i < width; ++i, x += to.phases) out[i] = to.room[x];
}

// A processor finds the next line of a row by itself, but not the row of the next channel.
template <class T>
HWY_INLINE void prefetch_row(const T* x, std::int64_t n) {
  constexpr std::int64_t line = 64 / sizeof(T);
  for (std::int64_t i = 0; i < n; i += line) hwy::Prefetch(x + i);
}

// Rows that follow one another on both sides are one row.
template <class T>
HWY_INLINE void join_rows(channel_rows<T>& from, padded_rows& to) {
  if (to.phases > 1 || to.left > 0 || to.places != from.columns) return;
  if (from.row_step != from.columns * from.column_step || to.row_step != from.columns) return;
  from.columns *= from.rows;
  from.rows = 1;
  if (from.channel_step == from.columns * from.column_step && to.channel_step == from.columns) {
    from.columns *= from.channels;
    from.channels = 1;
  }
  to.places = from.columns;
}

template <class T>
HWY_INLINE void widen_channels(channel_rows<T> from, padded_rows to) {
  join_rows(from, to);
  if (to.phases > 1) std::fill(to.room + to.places, to.room + to.row_step, 0.0);
  for (std::int64_t c = 0; c < from.channels; ++c)
    for (std::int64_t r = 0; r < from.rows; ++r) {
      const T* x = from.first + c * from.channel_step + r * from.row_step;
      double* out = to.first + c * to.channel_step + r * to.row_step;
      if (from.column_step == 1 && c + 1 < from.channels) prefetch_row(x + from.channel_step, from.columns);
      widen_padded(x, from, to, to.phases == 1 ? out : to.room);
      if (to.phases > 1) deal_out(to, out);
    }
}

void widen_float16(const float16* x, std::int64_t step, std::int64_t n, double* out) {
  widen_all(x, step, n, out);
}
void widen_rows_float16(const channel_rows<float16>& from, const padded_rows& to) {
  widen_channels(from, to);
}
void widen_bfloat16(const bfloat16* x, std::int64_t step, std::int64_t n, double* out) {
  widen_all(x, step, n, out);
}
void widen_rows_bfloat16(const channel_rows<bfloat16>& from, const padded_rows& to) {
  widen_channels(from, to);
}
void widen_float32(const float* x, std::int64_t step, std::int64_t n, double* out) {
  widen_all(x, step, n, out);
}
void widen_rows_float32(const channel_rows<float>& from, const padded_rows& to) {
  widen_channels(from, to);
}
void widen_float64(const double* x, std::int64_t step, std::int64_t n, double* out) {
  widen_all(x, step, n, out);
}
void widen_rows_float64(const channel_rows<double>& from, const padded_rows& to) {
  widen_channels(from, to);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(widen_float16);
HWY_EXPORT(widen_rows_float16);
HWY_EXPORT(widen_bfloat16);
HWY_EXPORT(widen_rows_bfloat16);
HWY_EXPORT(widen_float32);
HWY_EXPORT(widen_rows_float32);
HWY_EXPORT(widen_float64);
HWY_EXPORT(widen_rows_float64);

template <>
void widen_run(const float16* x, std::int64_t step, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_float16)(x, step, n, out);
}
template <>
void widen_rows(const channel_rows<float16>& from, const padded_rows& to) {
  HWY_DYNAMIC_DISPATCH(widen_rows_float16)(from, to);
}
template <>
void widen_run(const bfloat16* x, std::int64_t step, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_bfloat16)(x, step, n, out);
}
template <>
void widen_rows(const channel_rows<bfloat16>& from, const padded_rows& to) {
  HWY_DYNAMIC_DISPATCH(widen_rows_bfloat16)(from, to);
}
template <>
void widen_run(const float* x, std::int64_t step, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_float32)(x, step, n, out);
}
template <>
void widen_rows(const channel_rows<float>& from, const padded_rows& to) {
  HWY_DYNAMIC_DISPATCH(widen_rows_float32)(from, to);
}
template <>
void widen_run(const double* x, std::int64_t step, std::int64_t n, double* out) {
  HWY_DYNAMIC_DISPATCH(widen_float64)(x, step, n, out);
}
template <>
void widen_rows(const channel_rows<double>& from, const padded_rows& to) {
  HWY_DYNAMIC_DISPATCH(widen_rows_float64)(from, to);
}

}  // namespace halfulp::kernels
#endif
