#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/panel.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/panel_pack.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/vector_source-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using vector = hn::Vec<lanes_tag>;

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
