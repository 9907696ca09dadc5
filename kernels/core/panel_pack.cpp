#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/panel.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/panel_pack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using bits_tag = hn::RebindToUnsigned<lanes_tag>;
using index_tag = hn::RebindToSigned<lanes_tag>;
using vector = hn::Vec<lanes_tag>;

constexpr int panel_vectors = 3;
constexpr std::int64_t most_lanes = 8;

HWY_INLINE std::int64_t lane_count() {
  return static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
}

// Where one vector of columns finds its elements: in one run, in two, or each by its own offset. Columns past the last
// one follow it.
struct vector_source {
  std::int64_t offset[most_lanes];
  std::int64_t first_run;  // elements of the first run
  bool two_runs_suffice;

  vector_source(const panel_source& s, std::int64_t j) {
    const std::int64_t lanes = lane_count();
    for (std::int64_t l = 0; l < lanes; ++l) {
      const std::int64_t last = s.column_count - 1, past = j + l > last ? j + l - last : 0;
      offset[l] = s.column_offset[j + l - past] + past;
    }
    first_run = run_from(0);
    two_runs_suffice = first_run == lanes || first_run + run_from(first_run) == lanes;
  }

  std::int64_t run_from(std::int64_t first) const {
    std::int64_t n = 1;
    while (first + n < lane_count() && offset[first + n] == offset[first] + n) ++n;
    return n;
  }

  HWY_INLINE vector load(const double* base) const {
    const lanes_tag d;
    if (first_run == lane_count()) return hn::LoadU(d, base + offset[0]);
    if (!two_runs_suffice) return hn::GatherIndex(d, base, hn::LoadU(index_tag(), offset));
    const vector first = hn::LoadU(d, base + offset[0]);
    const vector second = hn::LoadU(d, base + offset[first_run] - first_run);
    return hn::IfThenElse(hn::FirstN(d, static_cast<std::size_t>(first_run)), first, second);
  }
};

template <int Vectors>
void pack_panel(const panel_source& s, std::int64_t j, double* panel) {
  const std::int64_t lanes = lane_count();
  const vector_source source[3] = {{s, j}, {s, Vectors > 1 ? j + lanes : j}, {s, Vectors > 2 ? j + 2 * lanes : j}};
  for (std::int64_t k = 0; k < s.depth; ++k, panel += Vectors * lanes) {
    const double* base = s.base + s.row_offset[k];
    for (int v = 0; v < Vectors; ++v) hn::Store(source[v].load(base), lanes_tag(), panel + v * lanes);
  }
}

// visit(vectors in the panel, its first column) for each panel of n columns.
template <class Visit>
HWY_INLINE void for_each_panel(std::int64_t n, Visit visit) {
  const std::int64_t lanes = lane_count();
  for (std::int64_t j = 0; j < n; j += panel_vectors * lanes)
    visit(HWY_MIN(panel_vectors, (n - j + lanes - 1) / lanes), j);
}

void pack_panels(const panel_source& s, double* panels) {
  for_each_panel(s.column_count, [&](std::int64_t vectors, std::int64_t j) {
    double* panel = panels + j * s.depth;
    if (vectors == 1) pack_panel<1>(s, j, panel);
    if (vectors == 2) pack_panel<2>(s, j, panel);
    if (vectors == 3) pack_panel<3>(s, j, panel);
  });
}

template <class Reduce>
HWY_INLINE void reduce_columns(const double* panels, std::int64_t n, std::int64_t depth, double* result,
                               Reduce reduce) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  for_each_panel(n, [&](std::int64_t vectors, std::int64_t j) {
    const std::int64_t width = vectors * lanes;
    for (std::int64_t v = 0; v < width; v += lanes) {
      const double* at = panels + j * depth + v;
      vector even = hn::LoadU(d, result + j + v), odd = reduce.identity();
      std::int64_t k = 0;
      for (; k + 1 < depth; k += 2, at += 2 * width) {
        even = reduce(even, hn::Load(d, at));
        odd = reduce(odd, hn::Load(d, at + width));
      }
      if (k < depth) even = reduce(even, hn::Load(d, at));
      hn::StoreU(reduce.both(even, odd), d, result + j + v);
    }
  });
}

struct squares {
  double scale;
  HWY_INLINE vector identity() const { return hn::Zero(lanes_tag()); }
  HWY_INLINE vector operator()(vector sum, vector x) const {
    const vector scaled = hn::Mul(x, hn::Set(lanes_tag(), scale));
    return hn::MulAdd(scaled, scaled, sum);
  }
  HWY_INLINE vector both(vector x, vector y) const { return hn::Add(x, y); }
};

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

void add_squares(const double* panels, std::int64_t n, std::int64_t depth, double scale, double* sums) {
  reduce_columns(panels, n, depth, sums, squares{scale});
}
void find_lowest_bits(const double* panels, std::int64_t n, std::int64_t depth, double* lowest) {
  reduce_columns(panels, n, depth, lowest, lowest_bits{});
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

double sum_of_squares(const double* x, std::int64_t n, double scale) {
  return hn::GetLane(hn::SumOfLanes(lanes_tag(), reduce_all(x, n, squares{scale})));
}
double lowest_bit(const double* x, std::int64_t n) {
  return hn::GetLane(hn::MinOfLanes(lanes_tag(), reduce_all(x, n, lowest_bits{})));
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(pack_panels);
HWY_EXPORT(add_squares);
HWY_EXPORT(find_lowest_bits);
HWY_EXPORT(sum_of_squares);
HWY_EXPORT(lowest_bit);

void pack_panels(const panel_source& s, double* panels) {
  HWY_DYNAMIC_DISPATCH(pack_panels)(s, panels);
}
void add_squares(const double* panels, std::int64_t column_count, std::int64_t depth, double scale, double* squares) {
  HWY_DYNAMIC_DISPATCH(add_squares)(panels, column_count, depth, scale, squares);
}
void find_lowest_bits(const double* panels, std::int64_t column_count, std::int64_t depth, double* lowest) {
  HWY_DYNAMIC_DISPATCH(find_lowest_bits)(panels, column_count, depth, lowest);
}
double sum_of_squares(const double* x, std::int64_t n, double scale) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares)(x, n, scale);
}
double lowest_bit(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(lowest_bit)(x, n);
}

}  // namespace halfulp::kernels
#endif
