#include <halfulp/kernels/core/simd_targets.hpp>

#include <algorithm>

#include <halfulp/kernels/core/panel.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/panel_decide.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/decide-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

// The bounds of a row as vectors, raised.
struct row_bounds {
  vector bound, extra;
  explicit row_bounds(const row_of_sums& s)
      : bound(hn::Set(lanes_tag(), s.row_bound * raise)), extra(hn::Set(lanes_tag(), s.row_extra * raise)) {}

  // At least row_bound * norm + row_extra.
  HWY_INLINE vector radius(vector column_norm) const { return hn::MulAdd(bound, column_norm, extra); }
};

HWY_INLINE exactness exactness_of(const row_of_sums& s, const exactness_of_row& e, std::int64_t j) {
  const lanes_tag d;
  const vector magnitude =
      hn::MulAdd(hn::Set(d, e.row_norm * raise), hn::LoadU(d, s.column_norm + j), hn::Set(d, e.row_start * raise));
  const vector lowest =
      hn::Min(hn::Mul(hn::Set(d, e.row_lowest), hn::LoadU(d, e.column_lowest + j)), hn::Set(d, e.start_lowest));
  const mask fits = hn::Le(hn::Mul(magnitude, hn::Set(d, e.terms * raise)), hn::Mul(lowest, hn::Set(d, e.room)));
  const mask finite = hn::And(hn::Lt(magnitude, hn::Inf(d)), hn::Gt(lowest, hn::Zero(d)));
  const vector nonzeros = hn::Add(hn::Set(d, e.row_nonzeros), hn::LoadU(d, e.column_nonzeros + j));
  return {hn::And(fits, finite), hn::Gt(nonzeros, hn::Set(d, e.terms_of_sum))};
}

// How a vector of columns from j on is decided: in any case ...
template <class T, bool MayBeExact>
struct any_sums {
  const row_of_sums& s;
  const exactness_of_row* exact = nullptr;
  row_bounds bounds{s};

  HWY_INLINE auto operator()(std::int64_t j) const {
    const lanes_tag d;
    exactness e{no_lanes(), no_lanes()};
    if constexpr (MayBeExact) e = exactness_of(s, *exact, j);
    return decide<T, MayBeExact>({hn::LoadU(d, s.high + j), s.low ? hn::LoadU(d, s.low + j) : hn::Zero(d),
                                  bounds.radius(hn::LoadU(d, s.column_norm + j))},
                                 e);
  }
};
// ... and where no sum has a low part or may overflow. |high| <= (1 + 2^-20) M, so that 2^-51 M covers the rounding of both
// ends; products of narrow formats are 0 or far above 2^-1000.
template <class T>
struct moderate_sums {
  const row_of_sums& s;
  vector bound = hn::Set(lanes_tag(), (s.row_bound + 0x1p-51 * s.row_norm) * raise);
  vector extra = hn::Set(lanes_tag(), std::max((s.row_extra + 0x1p-51 * s.row_start) * raise, 0x1p-1000));

  static bool are(const row_of_sums& s) {
    return s.low == nullptr &&
           (s.row_norm * s.largest_column_norm + s.row_start) * raise < power_of_two(format_of<T>.e_max);
  }
  HWY_INLINE auto operator()(std::int64_t j) const {
    const lanes_tag d;
    return decide_moderate<T>(hn::LoadU(d, s.high + j), hn::MulAdd(bound, hn::LoadU(d, s.column_norm + j), extra));
  }
};

template <class T, class Decide>
HWY_INLINE std::int64_t decide_columns(std::int64_t columns, Decide decide, T* rounded, std::int32_t* undecided) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
  const hn::Rebind<bits_t<T>, lanes_tag> narrow;
  auto* out = reinterpret_cast<bits_t<T>*>(rounded);
  std::int64_t count = 0;
  for (std::int64_t j = 0; j < columns; j += lanes) {
    const auto r = decide(j);
    if (HWY_LIKELY(j + lanes <= columns))
      hn::StoreU(r.rounded, narrow, out + j);
    else
      hn::BlendedStore(r.rounded, hn::FirstN(narrow, static_cast<std::size_t>(columns - j)), narrow, out + j);
    if (HWY_LIKELY(hn::AllTrue(typename decltype(r)::tag(), r.known))) continue;
    const unsigned known = known_lanes(r);
    for (std::int64_t l = 0; l < lanes && j + l < columns; ++l)
      if (!(known >> l & 1)) undecided[count++] = static_cast<std::int32_t>(j + l);
  }
  return count;
}

template <class T>
std::int64_t decide_columns(const row_of_sums& s, const exactness_of_row* exact, T* rounded, std::int32_t* undecided) {
  if (exact != nullptr) return decide_columns<T>(s.column_count, any_sums<T, true>{s, exact}, rounded, undecided);
  if constexpr (sizeof(T) < sizeof(double))
    if (moderate_sums<T>::are(s)) return decide_columns<T>(s.column_count, moderate_sums<T>{s}, rounded, undecided);
  return decide_columns<T>(s.column_count, any_sums<T, false>{s, nullptr}, rounded, undecided);
}

std::int64_t decide_float16(const row_of_sums& s, const exactness_of_row* e, float16* y, std::int32_t* u) {
  return decide_columns(s, e, y, u);
}
std::int64_t decide_bfloat16(const row_of_sums& s, const exactness_of_row* e, bfloat16* y, std::int32_t* u) {
  return decide_columns(s, e, y, u);
}
std::int64_t decide_float32(const row_of_sums& s, const exactness_of_row* e, float* y, std::int32_t* u) {
  return decide_columns(s, e, y, u);
}
std::int64_t decide_float64(const row_of_sums& s, const exactness_of_row* e, double* y, std::int32_t* u) {
  return decide_columns(s, e, y, u);
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
  return HWY_DYNAMIC_DISPATCH(decide_float16)(s, nullptr, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, const exactness_of_row& e, float16* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float16)(s, &e, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, bfloat16* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_bfloat16)(s, nullptr, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, const exactness_of_row& e, bfloat16* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_bfloat16)(s, &e, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, float* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float32)(s, nullptr, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, const exactness_of_row& e, float* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float32)(s, &e, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, double* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float64)(s, nullptr, rounded, undecided);
}
template <>
std::int64_t decide_row(const row_of_sums& s, const exactness_of_row& e, double* rounded, std::int32_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(decide_float64)(s, &e, rounded, undecided);
}

}  // namespace halfulp::kernels
#endif
