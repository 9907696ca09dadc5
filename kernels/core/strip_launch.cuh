// How the strips of kernels/core/few_rows.cuh are dealt to blocks.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <halfulp/kernels/core/few_rows.cuh>
#include <halfulp/kernels/core/launch.cuh>

namespace halfulp::kernels::cuda {

inline constexpr std::int64_t most_counted = std::numeric_limits<std::int32_t>::max() / 4;

/// Whether every place that a column reads by a term is a number of 32 bits, that of padding too.
inline bool fits(const product_axis& a) {
  if (std::max({a.columns, a.terms, a.elements, std::abs(a.origin), a.column_step, std::abs(a.term_step)}) >
      most_counted)
    return false;
  return (a.columns + strip_length) * a.column_step <= most_counted && a.terms * std::abs(a.term_step) <= most_counted;
}

/// Whether elements of the image and of the factor lie less than 2^31 apart that belong to one outer term.
template <class T>
bool fits(const window_product<T>& p) {
  const auto &v = p.vertical, &h = p.horizontal;
  if (!fits(v) || !fits(h) || p.outer_terms > most_counted || p.rows > most_counted) return false;
  return v.elements * p.image.row_step <= most_counted && h.elements * p.image.element_step <= most_counted &&
         v.terms * std::abs(p.factor.vertical_step) <= most_counted &&
         h.terms * std::abs(p.factor.horizontal_step) <= most_counted && p.factor.outer_step <= most_counted &&
         p.image.term_step <= most_counted;
}

inline strip_axis narrowed(const product_axis& a) {
  return {static_cast<int>(a.columns), static_cast<int>(a.terms),       static_cast<int>(a.elements),
          static_cast<int>(a.origin),  static_cast<int>(a.column_step), static_cast<int>(a.term_step)};
}

inline std::int64_t quotient_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// A block's strips: as many as there can be while all multiprocessors are busy, and no turn of the block half empty.
inline unsigned strips_of_block(std::int64_t strips, std::int64_t others) {
  constexpr std::int64_t most_turns = 8;
  const std::int64_t turns = quotient_up(strips, strip_threads), busy = 8 * multiprocessors();
  std::int64_t best = 1;
  for (std::int64_t n = 2; n <= std::min(most_turns, turns); ++n) {
    const auto wasted = [&](std::int64_t k) { return quotient_up(turns, k) * k; };
    if (others * quotient_up(turns, n) >= busy && wasted(n) <= wasted(best) + turns / 16) best = n;
  }
  return static_cast<unsigned>(best * strip_threads);
}

template <class T>
strip_shape shape_of(const window_product<T>& p, int rows) {
  strip_axis down = narrowed(p.vertical);
  const strip_axis across = narrowed(p.horizontal);
  auto factor_down = static_cast<int>(p.factor.vertical_step);
  int first_factor = 0;
  if (down.term_step < 0) {  // terms in the opposite order
    down.origin += (down.terms - 1) * down.term_step;
    first_factor = (down.terms - 1) * factor_down;
    down.term_step = -down.term_step;
    factor_down = -factor_down;
  }
  const std::int64_t strips_down = quotient_up(down.columns, strip_length);
  const std::int64_t strips = p.outer_columns * strips_down * across.columns, row_blocks = quotient_up(p.rows, rows);
  const unsigned of_block = strips_of_block(strips, p.groups * row_blocks);
  return {down,
          across,
          static_cast<int>(p.outer_terms),
          static_cast<int>(p.image.term_step),
          static_cast<int>(p.image.row_step),
          static_cast<int>(p.image.element_step),
          static_cast<int>(p.factor.outer_step),
          factor_down,
          static_cast<int>(p.factor.horizontal_step),
          first_factor,
          divisor(static_cast<std::uint32_t>(across.columns)),
          divisor(static_cast<std::uint32_t>(strips_down)),
          static_cast<unsigned>(strips),
          of_block,
          static_cast<unsigned>(quotient_up(strips, of_block)),
          static_cast<int>(row_blocks),
          std::max(1, strip_factors / (rows * std::max(1, down.terms * across.terms))),
          strip_sum<T>::bound_for(p.depth() + 1)};
}

template <int Rows, int Taps, bool Shared, class T>
void launch_strips(const window_product<T>& p, const strip_shape& s, const left_sums& left, const cuda_queue& queue) {
  launch(queue, static_cast<unsigned>(std::min(p.groups * s.row_blocks * s.parts, most_blocks)), strip_threads, 0,
         round_strips<T, Rows, Taps, Shared>, p, s, left);
}

template <class T>
void launch_strips(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  const strip_shape s = shape_of(p, p.rows == 1 ? 1 : 4);
  const bool shared = s.down.term_step == s.down.column_step;
  if (p.rows > 1)
    shared ? launch_strips<4, 0, true>(p, s, left, queue) : launch_strips<4, 0, false>(p, s, left, queue);
  else if (s.down.terms == 3 && s.across.terms == 3)
    shared ? launch_strips<1, 3, true>(p, s, left, queue) : launch_strips<1, 3, false>(p, s, left, queue);
  else
    shared ? launch_strips<1, 0, true>(p, s, left, queue) : launch_strips<1, 0, false>(p, s, left, queue);
}

/// Queues what computes every sum by strips, and lists in `left` those that it leaves. False, and nothing is queued, where
/// something that is counted in 32 bits does not fit. Throws device_error.
template <class T>
bool launch_strips_of(const window_product<T>& p, const left_sums& left, const cuda_queue& queue) {
  const std::int64_t strips = p.outer_columns * quotient_up(p.vertical.columns, strip_length) * p.horizontal.columns;
  if (!fits(p) || strips > most_counted || p.vertical.terms * p.horizontal.terms * 4 > strip_factors) return false;
  launch_strips(p, left, queue);
  return true;
}

}  // namespace halfulp::kernels::cuda
