// Rows times a panel in registers, chain by chain: what the kernels of panels and of pairs share. Included once for each
// instruction set, after Highway.
#include <algorithm>
#include <cstdint>

#include <hwy/cache_control.h>

#include <halfulp/kernels/core/pair_panel.hpp>
#include <halfulp/kernels/core/panel.hpp>

#if defined(HALFULP_KERNELS_CORE_MULTIPLY_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef HALFULP_KERNELS_CORE_MULTIPLY_INL_HPP
#undef HALFULP_KERNELS_CORE_MULTIPLY_INL_HPP
#else
#define HALFULP_KERNELS_CORE_MULTIPLY_INL_HPP
#endif

#include <halfulp/kernels/core/error_free-inl.hpp>

HWY_BEFORE_NAMESPACE();
namespace halfulp::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using lanes_tag = hn::ScalableTag<double>;
using vector = hn::Vec<lanes_tag>;

constexpr std::int64_t many_rows = 128;
// Accumulators, a row of the panel and a broadcast factor stay in registers: 8 x 3 + 3 + 1 of 32, or 4 x 3 + 3 + 1 of
// 16.
constexpr int most_rows = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON ? 8 : 4;
using error_free::product_error;
using error_free::two_sum;
using sum_pair = error_free::sum_pair<vector>;

// The block of some rows of a chunk from i on.
template <class Chunk>
struct block {
  const Chunk& chunk;
  std::int64_t i;

  HWY_INLINE const double* row(int r) const { return chunk.rows + (i + r) * chunk.row_stride; }
  HWY_INLINE std::int64_t sum(int r, int v) const {
    return (i + r) * chunk.sum_stride + v * static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
  }
};

// What a row's chain begins with, and where it ends.
HWY_INLINE double start_of(const product_chunk& c, std::int64_t i) {
  return c.start ? c.start[i] : -0.0;
}
HWY_INLINE void join(const product_chunk& c, std::int64_t at, vector s) {
  const lanes_tag d;
  if (c.start) {
    hn::StoreU(s, d, c.high + at);
    if (c.low) hn::StoreU(hn::Zero(d), d, c.low + at);
    return;
  }
  if (!c.low) return hn::StoreU(hn::Add(hn::LoadU(d, c.high + at), s), d, c.high + at);
  const sum_pair joined = two_sum(hn::LoadU(d, c.high + at), s);
  hn::StoreU(joined.high, d, c.high + at);
  hn::StoreU(hn::Add(hn::LoadU(d, c.low + at), joined.low), d, c.low + at);
}

HWY_INLINE double start_of(const paired_chunk&, std::int64_t) {
  return -0.0;
}
HWY_INLINE void join(const paired_chunk& c, std::int64_t at, vector s) {
  const lanes_tag d;
  if (c.even) hn::StoreU(hn::Add(hn::LoadU(d, c.even + at), s), d, c.even + at);
  if (!c.odd) return;
  const vector before = hn::LoadU(d, c.odd + at);
  hn::StoreU(c.subtracts ? hn::Sub(before, s) : hn::Add(before, s), d, c.odd + at);
}

struct recursive {
  // Many rows come from the third cache at times; the next ones are fetched early enough for that.
  template <int Rows, int Vectors, class Chunk>
  static HWY_INLINE void multiply(const block<Chunk>& t) {
    const bool fetches = t.chunk.row_count >= many_rows && t.i + std::int64_t{2} * Rows <= t.chunk.row_count;
    fetches ? add_up<Rows, Vectors, true>(t) : add_up<Rows, Vectors, false>(t);
  }

  template <int Rows, int Vectors, bool Fetches, class Chunk>
  static HWY_INLINE void add_up(const block<Chunk>& t) {
    const lanes_tag d;
    const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
    const Chunk& c = t.chunk;
    vector s[Rows][Vectors];
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) s[r][v] = hn::Set(d, start_of(c, t.i + r));
    const double* row[Rows];
    for (int r = 0; r < Rows; ++r) row[r] = t.row(r);
    const double* b = c.panel;
    for (std::int64_t k = 0; k < c.depth; ++k, b += Vectors * lanes) {
      if constexpr (Fetches) hwy::Prefetch(row[0] + Rows * (c.row_stride + k));
      vector column[Vectors];
      for (int v = 0; v < Vectors; ++v) column[v] = hn::Load(d, b + v * lanes);
      for (int r = 0; r < Rows; ++r) {
        const vector a = hn::Set(d, row[r][k]);
        for (int v = 0; v < Vectors; ++v) s[r][v] = hn::MulAdd(a, column[v], s[r][v]);
      }
    }
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < Vectors; ++v) join(c, t.sum(r, v), s[r][v]);
  }
};

template <class Arithmetic, int Rows, int Vectors, class Chunk>
HWY_NOINLINE void multiply_rows(const Chunk& c, std::int64_t i) {
  for (; i + Rows <= c.row_count; i += Rows) Arithmetic::template multiply<Rows, Vectors>(block<Chunk>{c, i});
  if constexpr (Rows > 1)
    if (i < c.row_count) multiply_rows<Arithmetic, Rows / 2, Vectors>(c, i);
}

template <class Arithmetic, class Chunk>
void multiply(const Chunk& c) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(lanes_tag()));
  if (c.column_count <= lanes) return multiply_rows<Arithmetic, most_rows, 1>(c, 0);
  if (c.column_count <= 2 * lanes) return multiply_rows<Arithmetic, most_rows, 2>(c, 0);
  multiply_rows<Arithmetic, most_rows, 3>(c, 0);
}

}  // namespace halfulp::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
