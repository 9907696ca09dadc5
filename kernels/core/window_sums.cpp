#include <halfulp/kernels/core/simd_targets.hpp>

#include <cmath>

#include <halfulp/kernels/core/window_sums.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/window_sums.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/decide-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

constexpr int most_vectors = 4;  // of windows that are summed up together

HWY_INLINE std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}

// One vector of windows of a row, from column `c` on.
struct window_vector {
  const window_rows& s;
  std::int64_t r, c;

  HWY_INLINE const double* base() const { return s.base + r * s.row_step + c; }

  HWY_INLINE mask reads_no_padding() const {
    const lanes_tag d;
    if (r < s.full_row || r >= s.full_row_end) return no_lanes();
    const auto lane = [&](std::int64_t column) {
      return hn::FirstN(d, static_cast<std::size_t>(HWY_MIN(HWY_MAX(column - c, 0), lane_count())));
    };
    return hn::AndNot(lane(s.full_column), lane(s.full_column_end));
  }

  // |start| + sum |products|
  HWY_NOINLINE vector magnitude() const {
    const lanes_tag d;
    vector m = hn::Set(d, std::abs(s.start));
    for (std::int64_t k = 0; k < s.taps; ++k)
      m = hn::MulAdd(hn::Abs(hn::Set(d, s.weight[k])), hn::Abs(hn::LoadU(d, base() + s.tap_offset[k])), m);
    return m;
  }
};

template <class T>
struct rounded_windows {
  T* out = nullptr;
  std::int64_t out_step = 0;
  std::int64_t* undecided = nullptr;
  vector radius = hn::Zero(lanes_tag());  // of every window, raised
  std::int64_t count = 0;

  HWY_INLINE void add(const window_vector& at, vector sum) {
    const lanes_tag d;
    if (at.s.exact) {
      const mask all = hn::FirstN(d, static_cast<std::size_t>(lane_count()));
      return add_exact(at, sum, hn::Zero(d), {all, at.reads_no_padding()});
    }
    const auto coarse = decide<T>({sum, hn::Zero(d), radius});
    store(at, coarse);
    if (HWY_LIKELY(all_known(at, coarse))) return;
    look_again(at, sum);
  }

 private:
  static HWY_INLINE std::int64_t lanes_at(const window_vector& at) {
    return HWY_MIN(lane_count(), at.s.columns - at.c);
  }

  template <class Decided>
  static HWY_INLINE bool all_known(const window_vector& at, const Decided& r) {
    const typename Decided::tag tag;
    if (at.c + lane_count() <= at.s.columns) return hn::AllTrue(tag, r.known);
    return hn::AllTrue(tag, hn::Or(r.known, hn::Not(hn::FirstN(tag, static_cast<std::size_t>(lanes_at(at))))));
  }

  template <class Decided>
  HWY_INLINE void store(const window_vector& at, const Decided& r) {
    const hn::Rebind<bits_t<T>, lanes_tag> narrow;
    auto* to = reinterpret_cast<bits_t<T>*>(out + at.r * out_step + at.c);
    if (at.c + lane_count() <= at.s.columns)
      hn::StoreU(r.rounded, narrow, to);
    else
      hn::BlendedStore(r.rounded, hn::FirstN(narrow, static_cast<std::size_t>(lanes_at(at))), narrow, to);
  }

  // By the windows' own magnitudes; a sum of nothing but zeros is exact.
  HWY_NOINLINE void look_again(const window_vector& at, vector sum) {
    const lanes_tag d;
    const vector magnitude = at.magnitude();
    const mask is_zero = hn::Eq(magnitude, hn::Zero(d));
    add_exact(at, sum, hn::Mul(magnitude, hn::Set(d, at.s.bound * raise)),
              {is_zero, hn::And(is_zero, at.reads_no_padding())});
  }

  HWY_INLINE void add_exact(const window_vector& at, vector sum, vector own_radius, const exactness& exact) {
    const lanes_tag d;
    const auto r = decide<T, true>({sum, hn::Zero(d), own_radius}, exact);
    store(at, r);
    if (HWY_LIKELY(all_known(at, r))) return;
    const unsigned known = known_lanes(r);
    std::uint8_t zero[8] = {};
    hn::StoreMaskBits(d, hn::And(exact.sum, hn::Eq(sum, hn::Zero(d))), zero);
    for (std::int64_t l = 0; l < lanes_at(at); ++l) {
      const std::int64_t window = at.r * at.s.columns + at.c + l;
      if (!(known >> l & 1)) undecided[count++] = zero[0] >> l & 1 ? ~window : window;
    }
  }
};

template <class T, int Vectors>
HWY_INLINE void add_vectors(const window_vector& first, rounded_windows<T>& to) {
  const lanes_tag d;
  const window_rows& s = first.s;
  vector sum[Vectors];
  for (int v = 0; v < Vectors; ++v) sum[v] = hn::Set(d, s.start);
  for (std::int64_t k = 0; k < s.taps; ++k) {
    const vector weight = hn::Set(d, s.weight[k]);
    const double* x = first.base() + s.tap_offset[k];
    for (int v = 0; v < Vectors; ++v) sum[v] = hn::MulAdd(weight, hn::LoadU(d, x + v * lane_count()), sum[v]);
  }
  for (int v = 0; v < Vectors; ++v) to.add({s, first.r, first.c + v * lane_count()}, sum[v]);
}

template <class T>  // NOLINTNEXTLINE(readability-non-const-parameter): add_vectors writes through it
std::int64_t round_all(const window_rows& s, T* out, std::int64_t out_step, std::int64_t* undecided) {
  rounded_windows<T> to{out, out_step, undecided, hn::Set(lanes_tag(), s.radius * raise)};
  const std::int64_t lanes = lane_count();
  for (std::int64_t r = 0; r < s.rows; ++r)
    for (std::int64_t c = 0; c < s.columns; c += most_vectors * lanes) {
      const window_vector first{s, r, c};
      const std::int64_t left = s.columns - c;
      if (left > 3 * lanes)
        add_vectors<T, 4>(first, to);
      else if (left > 2 * lanes)
        add_vectors<T, 3>(first, to);
      else if (left > lanes)
        add_vectors<T, 2>(first, to);
      else
        add_vectors<T, 1>(first, to);
    }
  return to.count;
}

std::int64_t round_float16(const window_rows& s, float16* out, std::int64_t out_step, std::int64_t* undecided) {
  return round_all(s, out, out_step, undecided);
}
std::int64_t round_bfloat16(const window_rows& s, bfloat16* out, std::int64_t out_step, std::int64_t* undecided) {
  return round_all(s, out, out_step, undecided);
}
std::int64_t round_float32(const window_rows& s, float* out, std::int64_t out_step, std::int64_t* undecided) {
  return round_all(s, out, out_step, undecided);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(round_float16);
HWY_EXPORT(round_bfloat16);
HWY_EXPORT(round_float32);

template <>
std::int64_t round_windows(const window_rows& s, float16* out, std::int64_t out_step, std::int64_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(round_float16)(s, out, out_step, undecided);
}
template <>
std::int64_t round_windows(const window_rows& s, bfloat16* out, std::int64_t out_step, std::int64_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(round_bfloat16)(s, out, out_step, undecided);
}
template <>
std::int64_t round_windows(const window_rows& s, float* out, std::int64_t out_step, std::int64_t* undecided) {
  return HWY_DYNAMIC_DISPATCH(round_float32)(s, out, out_step, undecided);
}

}  // namespace halfulp::kernels
#endif
