#include <halfulp/kernels/core/simd_targets.hpp>

#include <algorithm>
#include <limits>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/panel.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/panel_reduce.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using bits_tag = hn::RebindToUnsigned<lanes_tag>;
using vector = hn::Vec<lanes_tag>;

constexpr std::int64_t most_lanes = 8;

HWY_INLINE std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}

// result[j] = all of column j reduced, for each column of a panel that is `width` wide.
template <class Reduce>
HWY_INLINE void reduce_columns(const double* panel, std::int64_t width, std::int64_t depth, double* result,
                               Reduce reduce) {
  const lanes_tag d;
  for (std::int64_t v = 0; v < width; v += lane_count()) {
    const double* at = panel + v;
    vector even = hn::LoadU(d, result + v), odd = reduce.identity();
    std::int64_t k = 0;
    for (; k + 1 < depth; k += 2, at += 2 * width) {
      even = reduce(even, hn::Load(d, at));
      odd = reduce(odd, hn::Load(d, at + width));
    }
    if (k < depth) even = reduce(even, hn::Load(d, at));
    hn::StoreU(reduce.both(even, odd), d, result + v);
  }
}

struct lowest_bits {
  HWY_INLINE vector identity() const { return hn::Inf(lanes_tag()); }
  HWY_INLINE vector operator()(vector least, vector x) const {
    const bits_tag b;
    const lanes_tag d;
    const vector a = hn::Abs(x);
    const auto bits = hn::BitCast(b, a);
    const auto fraction = hn::And(bits, hn::Set(b, (std::uint64_t{1} << 52) - 1));
    const vector rest = hn::BitCast(d, hn::And(bits, hn::Sub(bits, hn::Set(b, 1))));
    const auto is_power_of_two = hn::RebindMask(d, hn::Eq(fraction, hn::Zero(b)));
    const vector lowest = hn::IfThenElse(is_power_of_two, a, hn::Sub(a, rest));
    return hn::Min(least, hn::IfThenElse(hn::Eq(a, hn::Zero(d)), identity(), lowest));
  }
  HWY_INLINE vector both(vector x, vector y) const { return hn::Min(x, y); }
};

struct nonzeros {
  HWY_INLINE vector identity() const { return hn::Zero(lanes_tag()); }
  HWY_INLINE vector operator()(vector count, vector x) const {
    const lanes_tag d;
    return hn::Add(count, hn::IfThenElseZero(hn::Ne(x, hn::Zero(d)), hn::Set(d, 1)));
  }
  HWY_INLINE vector both(vector x, vector y) const { return hn::Add(x, y); }
};

void find_lowest_bits(const double* panel, std::int64_t n, std::int64_t depth, double* lowest, double* counts) {
  const std::int64_t lanes = lane_count(), width = (n + lanes - 1) / lanes * lanes;
  reduce_columns(panel, width, depth, lowest, lowest_bits{});
  reduce_columns(panel, width, depth, counts, nonzeros{});
}

// n numbers as a panel of one vector's width, and what is left.
template <class Reduce>
HWY_INLINE vector reduce_all(const double* x, std::int64_t n, Reduce reduce) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count(), whole = n / lanes;
  HWY_ALIGN double part[most_lanes];
  hn::Store(reduce.identity(), d, part);
  reduce_columns(x, lanes, whole, part, reduce);
  HWY_ALIGN double rest[most_lanes] = {};
  for (std::int64_t k = whole * lanes; k < n; ++k) rest[k - whole * lanes] = x[k];
  return reduce(hn::Load(d, part), hn::Load(d, rest));
}

// Four sums grow at the same time.
template <class Sum>
HWY_INLINE double sum_all(const double* x, std::int64_t n, Sum add) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  vector sum[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  std::int64_t k = 0;
  for (; k + 4 * lanes <= n; k += 4 * lanes)
    for (int v = 0; v < 4; ++v) sum[v] = add(sum[v], hn::Load(d, x + k + v * lanes));
  for (; k + lanes <= n; k += lanes) sum[0] = add(sum[0], hn::Load(d, x + k));
  if (k < n) {
    HWY_ALIGN double rest[most_lanes] = {};
    std::copy(x + k, x + n, rest);
    sum[1] = add(sum[1], hn::Load(d, rest));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3]))));
}

double sum_of_squares(const double* x, std::int64_t n, double scale) {
  const vector by = hn::Set(lanes_tag(), scale);
  return sum_all(x, n, [&](vector sum, vector v) HWY_ATTR {
    const vector scaled = hn::Mul(v, by);
    return hn::MulAdd(scaled, scaled, sum);
  });
}

double largest_finite(const double* x, std::int64_t n) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  vector largest[2] = {hn::Zero(d), hn::Zero(d)};
  const auto raise = [&](vector& to, vector v) HWY_ATTR {
    const vector a = hn::Abs(v);
    to = hn::Max(to, hn::IfThenElseZero(hn::Lt(a, hn::Inf(d)), a));
  };
  std::int64_t k = 0;
  for (; k + 2 * lanes <= n; k += 2 * lanes) {
    raise(largest[0], hn::LoadU(d, x + k));
    raise(largest[1], hn::LoadU(d, x + k + lanes));
  }
  HWY_ALIGN double rest[2 * most_lanes] = {};
  std::copy(x + k, x + n, rest);
  raise(largest[0], hn::Load(d, rest));
  raise(largest[1], hn::Load(d, rest + lanes));
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(largest[0], largest[1])));
}

// up(x) of the oracle.
HWY_INLINE vector up(vector x) {
  const lanes_tag d;
  return hn::Add(hn::Mul(x, hn::Set(d, 1 + 0x1p-52)), hn::Set(d, 0x1p-1074));
}
void norms_from_squares(double* squares, std::int64_t count, std::int64_t n, double scale) {
  const lanes_tag d;
  const vector factor = hn::Set(d, squares_factor(n)), lost = hn::Set(d, squares_lost(n)), by = hn::Set(d, scale);
  std::int64_t k = 0;
  for (; k + lane_count() <= count; k += lane_count()) {
    const vector sum = hn::Add(hn::Mul(hn::LoadU(d, squares + k), factor), lost);
    hn::StoreU(up(hn::Div(hn::Sqrt(up(sum)), by)), d, squares + k);
  }
  for (; k < count; ++k) squares[k] = norm_from_squares(squares[k], n, scale);
}

// A NaN or an infinity makes the sum one; so does a sum that overflows.
double largest(const double* x, std::int64_t n) {
  double most = 0, sum = 0;
  for (std::int64_t k = 0; k < n; ++k) {
    most = std::max(most, x[k]);
    sum += x[k];
  }
  return sum < std::numeric_limits<double>::infinity() ? most : sum;
}

double lowest_bit(const double* x, std::int64_t n) {
  return hn::GetLane(hn::MinOfLanes(lanes_tag(), reduce_all(x, n, lowest_bits{})));
}
std::int64_t count_nonzeros(const double* x, std::int64_t n) {
  return static_cast<std::int64_t>(hn::GetLane(hn::SumOfLanes(lanes_tag(), reduce_all(x, n, nonzeros{}))));
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(find_lowest_bits);
HWY_EXPORT(sum_of_squares);
HWY_EXPORT(largest_finite);
HWY_EXPORT(norms_from_squares);
HWY_EXPORT(largest);
HWY_EXPORT(lowest_bit);
HWY_EXPORT(count_nonzeros);

void find_lowest_bits(const double* panel, std::int64_t column_count, std::int64_t depth, double* lowest,
                      double* nonzeros) {
  HWY_DYNAMIC_DISPATCH(find_lowest_bits)(panel, column_count, depth, lowest, nonzeros);
}
double sum_of_squares(const double* x, std::int64_t n, double scale) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares)(x, n, scale);
}
double largest_finite(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(largest_finite)(x, n);
}
void norms_from_squares(double* squares, std::int64_t count, std::int64_t n, double scale) {
  HWY_DYNAMIC_DISPATCH(norms_from_squares)(squares, count, n, scale);
}
double largest(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(largest)(x, n);
}
double lowest_bit(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(lowest_bit)(x, n);
}
std::int64_t count_nonzeros(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(count_nonzeros)(x, n);
}

}  // namespace halfulp::kernels
#endif
