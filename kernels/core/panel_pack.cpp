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

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(pack_panel);

void pack_panel(const panel_source& s, double* panel, double scale, double* squares) {
  HWY_DYNAMIC_DISPATCH(pack_panel)(s, panel, scale, squares);
}

}  // namespace halfulp::kernels
#endif
