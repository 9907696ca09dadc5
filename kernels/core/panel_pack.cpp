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
using mask = hn::Mask<lanes_tag>;

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
  int runs;                // 1, 2 or more

  vector_source(const panel_source& s, std::int64_t j) {
    const std::int64_t lanes = lane_count();
    for (std::int64_t l = 0; l < lanes; ++l) {
      const std::int64_t last = s.column_count - 1, past = j + l > last ? j + l - last : 0;
      offset[l] = s.column_offset[j + l - past] + past;
    }
    first_run = run_from(0);
    runs = first_run == lanes ? 1 : first_run + run_from(first_run) == lanes ? 2 : 3;
  }

  std::int64_t run_from(std::int64_t first) const {
    std::int64_t n = 1;
    while (first + n < lane_count() && offset[first + n] == offset[first] + n) ++n;
    return n;
  }
};

struct one_run {
  std::int64_t first;
  explicit one_run(const vector_source& s) : first(s.offset[0]) {}
  HWY_INLINE vector load(const double* base) const { return hn::LoadU(lanes_tag(), base + first); }
};
struct two_runs {
  std::int64_t first, second;
  mask is_first;
  explicit two_runs(const vector_source& s)
      : first(s.offset[0]),
        second(s.offset[s.first_run % lane_count()] - s.first_run % lane_count()),
        is_first(hn::FirstN(lanes_tag(), static_cast<std::size_t>(s.first_run))) {}
  HWY_INLINE vector load(const double* base) const {
    const lanes_tag d;
    return hn::IfThenElse(is_first, hn::LoadU(d, base + first), hn::LoadU(d, base + second));
  }
};
struct scattered {
  hn::Vec<index_tag> offset;
  explicit scattered(const vector_source& s) : offset(hn::LoadU(index_tag(), s.offset)) {}
  HWY_INLINE vector load(const double* base) const { return hn::GatherIndex(lanes_tag(), base, offset); }
};

// What is summed up of each vector of a panel while it is packed: nothing, or (scale x)^2.
struct nothing {
  HWY_INLINE vector operator()(vector sum, vector) const { return sum; }
};
struct squares {
  HWY_INLINE vector operator()(vector sum, vector x) const { return hn::MulAdd(x, x, sum); }
};
struct scaled_squares {
  vector scale;
  HWY_INLINE vector operator()(vector sum, vector x) const {
    const vector scaled = hn::Mul(x, scale);
    return hn::MulAdd(scaled, scaled, sum);
  }
};

template <int Vectors, class Runs, class Sum>
HWY_INLINE void pack(const panel_source& s, const vector_source* source, double* panel, Sum add, double* sums) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  const Runs from[3] = {Runs(source[0]), Runs(source[Vectors > 1]), Runs(source[Vectors > 2 ? 2 : 0])};
  vector sum[Vectors];
  for (int v = 0; v < Vectors; ++v) sum[v] = sums == nullptr ? hn::Zero(d) : hn::LoadU(d, sums + v * lanes);
  for (std::int64_t k = 0; k < s.depth; ++k, panel += Vectors * lanes) {
    const double* base = s.base + s.row_offset[k];
    for (int v = 0; v < Vectors; ++v) {
      const vector x = from[v].load(base);
      hn::Store(x, d, panel + v * lanes);
      sum[v] = add(sum[v], x);
    }
  }
  for (int v = 0; v < Vectors && sums != nullptr; ++v) hn::StoreU(sum[v], d, sums + v * lanes);
}

template <int Vectors, class Sum>
HWY_NOINLINE void pack_vectors(const panel_source& s, double* panel, Sum add, double* sums) {
  const std::int64_t lanes = lane_count();
  const vector_source source[3] = {{s, 0}, {s, Vectors > 1 ? lanes : 0}, {s, Vectors > 2 ? 2 * lanes : 0}};
  const int runs = HWY_MAX(source[0].runs, HWY_MAX(source[1].runs, source[2].runs));
  if (runs == 1) return pack<Vectors, one_run>(s, source, panel, add, sums);
  if (runs == 2) return pack<Vectors, two_runs>(s, source, panel, add, sums);
  pack<Vectors, scattered>(s, source, panel, add, sums);
}

template <class Sum>
void pack_panel_summing(const panel_source& s, double* panel, Sum add, double* sums) {
  const std::int64_t lanes = lane_count();
  if (s.column_count <= lanes) return pack_vectors<1>(s, panel, add, sums);
  if (s.column_count <= 2 * lanes) return pack_vectors<2>(s, panel, add, sums);
  pack_vectors<3>(s, panel, add, sums);
}

void pack_panel(const panel_source& s, double* panel, double scale, double* sums) {
  if (sums == nullptr) return pack_panel_summing(s, panel, nothing{}, sums);
  if (scale == 1) return pack_panel_summing(s, panel, squares{}, sums);
  pack_panel_summing(s, panel, scaled_squares{hn::Set(lanes_tag(), scale)}, sums);
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

struct square_sums {
  double scale;
  HWY_INLINE vector identity() const { return hn::Zero(lanes_tag()); }
  HWY_INLINE vector operator()(vector sum, vector x) const {
    return scaled_squares{hn::Set(lanes_tag(), scale)}(sum, x);
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

double sum_of_squares(const double* x, std::int64_t n, double scale) {
  return hn::GetLane(hn::SumOfLanes(lanes_tag(), reduce_all(x, n, square_sums{scale})));
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

HWY_EXPORT(pack_panel);
HWY_EXPORT(find_lowest_bits);
HWY_EXPORT(sum_of_squares);
HWY_EXPORT(lowest_bit);
HWY_EXPORT(count_nonzeros);

void pack_panel(const panel_source& s, double* panel, double scale, double* squares) {
  HWY_DYNAMIC_DISPATCH(pack_panel)(s, panel, scale, squares);
}
void find_lowest_bits(const double* panel, std::int64_t column_count, std::int64_t depth, double* lowest,
                      double* nonzeros) {
  HWY_DYNAMIC_DISPATCH(find_lowest_bits)(panel, column_count, depth, lowest, nonzeros);
}
double sum_of_squares(const double* x, std::int64_t n, double scale) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares)(x, n, scale);
}
double lowest_bit(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(lowest_bit)(x, n);
}
std::int64_t count_nonzeros(const double* x, std::int64_t n) {
  return HWY_DYNAMIC_DISPATCH(count_nonzeros)(x, n);
}

}  // namespace halfulp::kernels
#endif
