#include <halfulp/kernels/core/simd_targets.hpp>

#include <halfulp/kernels/core/pair_panel.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halfulp/kernels/core/pair_panel.cpp"
#include <hwy/foreach_target.h>

#include <halfulp/kernels/core/multiply-inl.hpp>
#include <halfulp/kernels/core/vector_source-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

void multiply_paired(const paired_chunk& c) {
  multiply<recursive>(c);
}

// Sums of squares of d0, of d1 and d2, of d3, which the windows share.
struct squares_of_pair {
  vector first, both, last;
};

template <int Vectors, class Runs>
HWY_INLINE void pack_vectors_of_pairs(const panel_source& s, const vector_source* source, double* panel,
                                      std::int64_t panel_step, squares_of_pair* squares) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  const Runs from[3] = {Runs(source[0]), Runs(source[Vectors > 1]), Runs(source[Vectors > 2 ? 2 : 0])};
  for (std::int64_t k = 0; k < s.depth; k += pair_products, panel += Vectors * lanes) {
    const std::int64_t* at = s.row_offset + k;
    for (int v = 0; v < Vectors; ++v) {
      const vector d0 = from[v].load(s.base + at[0]), d1 = from[v].load(s.base + at[1]),
                   d2 = from[v].load(s.base + at[2]), d3 = from[v].load(s.base + at[3]);
      double* out = panel + v * lanes;
      hn::Store(hn::Sub(d0, d2), d, out);
      hn::Store(hn::Add(d1, d2), d, out + panel_step);
      hn::Store(hn::Sub(d2, d1), d, out + 2 * panel_step);
      hn::Store(hn::Sub(d3, d1), d, out + 3 * panel_step);
      squares_of_pair& q = squares[v];
      q = {hn::MulAdd(d0, d0, q.first), hn::MulAdd(d2, d2, hn::MulAdd(d1, d1, q.both)), hn::MulAdd(d3, d3, q.last)};
    }
  }
}

template <int Vectors>
HWY_NOINLINE void pack_pairs_of(const panel_source& s, double* panels, std::int64_t panel_step, double* even,
                                double* odd) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  const vector_source source[3] = {{s, 0}, {s, Vectors > 1 ? lanes : 0}, {s, Vectors > 2 ? 2 * lanes : 0}};
  const int runs = HWY_MAX(source[0].runs, HWY_MAX(source[1].runs, source[2].runs));
  squares_of_pair squares[Vectors];
  for (auto& q : squares) q = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  if (runs == 1)
    pack_vectors_of_pairs<Vectors, one_run>(s, source, panels, panel_step, squares);
  else if (runs == 2)
    pack_vectors_of_pairs<Vectors, two_runs>(s, source, panels, panel_step, squares);
  else
    pack_vectors_of_pairs<Vectors, scattered>(s, source, panels, panel_step, squares);
  const auto raise = [&](double* to, vector part, vector both)
                         HWY_ATTR { hn::StoreU(hn::Add(hn::LoadU(d, to), hn::Add(part, both)), d, to); };
  for (int v = 0; v < Vectors; ++v) {
    raise(even + v * lanes, squares[v].first, squares[v].both);
    raise(odd + v * lanes, squares[v].last, squares[v].both);
  }
}

void pack_pairs(const panel_source& s, double* panels, std::int64_t panel_step, double* even, double* odd) {
  const std::int64_t lanes = lane_count();
  if (s.column_count <= lanes) return pack_pairs_of<1>(s, panels, panel_step, even, odd);
  if (s.column_count <= 2 * lanes) return pack_pairs_of<2>(s, panels, panel_step, even, odd);
  pack_pairs_of<3>(s, panels, panel_step, even, odd);
}

// g0 + g2 is rounded, then its sum with g1; halving is exact.
void transform_weights(const double* weights, std::int64_t n, bool reversed, double* out, std::int64_t out_step) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  std::int64_t k = 0;
  for (; k + lanes <= n; k += lanes) {
    vector g0, g1, g2;
    hn::LoadInterleaved3(d, weights + pair_taps * k, g0, g1, g2);
    const vector ends = hn::Add(g0, g2), half = hn::Set(d, 0.5);
    hn::StoreU(reversed ? g2 : g0, d, out + k);
    hn::StoreU(hn::Mul(half, hn::Add(ends, g1)), d, out + out_step + k);
    hn::StoreU(hn::Mul(half, hn::Sub(ends, g1)), d, out + 2 * out_step + k);
    hn::StoreU(reversed ? g0 : g2, d, out + 3 * out_step + k);
  }
  for (; k < n; ++k) {
    const double* g = weights + pair_taps * k;
    const double ends = g[0] + g[2];
    out[k] = g[reversed ? 2 : 0];
    out[out_step + k] = .5 * (ends + g[1]);
    out[2 * out_step + k] = .5 * (ends - g[1]);
    out[3 * out_step + k] = g[reversed ? 0 : 2];
  }
}

void interleave(const rows_of_pairs& r) {
  const lanes_tag d;
  const std::int64_t lanes = lane_count();
  for (std::int64_t i = 0; i < r.rows; ++i) {
    const double *even = r.even + i * r.pair_stride, *odd = r.odd + i * r.pair_stride;
    double* out = r.out + i * r.out_stride;
    for (std::int64_t k = 0; k < r.pairs; k += lanes, out += 2 * lanes)
      hn::StoreInterleaved2(hn::LoadU(d, even + k), hn::LoadU(d, odd + k), d, out);
  }
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace halfulp::kernels {

HWY_EXPORT(multiply_paired);
HWY_EXPORT(pack_pairs);
HWY_EXPORT(transform_weights);
HWY_EXPORT(interleave);

void multiply_paired(const paired_chunk& c) {
  HWY_DYNAMIC_DISPATCH(multiply_paired)(c);
}
void pack_pairs(const panel_source& s, double* panels, std::int64_t panel_step, double* even_squares,
                double* odd_squares) {
  HWY_DYNAMIC_DISPATCH(pack_pairs)(s, panels, panel_step, even_squares, odd_squares);
}
void transform_weights(const double* weights, std::int64_t n, bool reversed, double* out, std::int64_t out_step) {
  HWY_DYNAMIC_DISPATCH(transform_weights)(weights, n, reversed, out, out_step);
}
void interleave(const rows_of_pairs& r) {
  HWY_DYNAMIC_DISPATCH(interleave)(r);
}

}  // namespace halfulp::kernels
#endif
