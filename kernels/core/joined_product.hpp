// Phases of a gradient whose stride is above 1 as rows of one window_product, so that tiles of few rows are fuller.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <halfulp/kernels/core/patch_axis.hpp>
#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels {

/// The phases on one axis: where each begins among taps and outputs, and how many columns it has. Term i of the whole is
/// tap first_tap + i * tap_step of a phase, if there is such a tap.
struct joined_axis {
  static constexpr int most = 3;
  int phases, taps, tap_step;
  int first_tap[most], columns[most];
  std::int64_t first_out[most];
};

/// Where a joined row lies: elements of the factor, its taps of term 0, its outputs, and the columns that it has.
struct joined_row {
  int phase, row, factor, vertical_tap, horizontal_tap, vertical_columns, horizontal_columns;
  std::int64_t out;
};

/// Row r is row r % rows of phase r / rows, phases one after the other down and across.
struct joined_rows {
  joined_axis down, across;
  int rows, factor_row, factor_down, factor_across;  // of a phase; elements from one row or tap to the next
  std::int64_t out_row;

  HALFULP_HOST_DEVICE int phases() const { return down.phases * across.phases; }
  HALFULP_HOST_DEVICE joined_row at(int r) const {
    const int phase = r / rows, row = r % rows, a = phase / across.phases, b = phase % across.phases;
    return {phase,
            row,
            row * factor_row + down.first_tap[a] * factor_down + across.first_tap[b] * factor_across,
            down.first_tap[a],
            across.first_tap[b],
            down.columns[a],
            across.columns[b],
            row * out_row + down.first_out[a] + across.first_out[b]};
  }
};

/// At least as many as any phase of `whole` has.
template <class T>
HALFULP_HOST_DEVICE std::int64_t most_sums_of_phase(const window_product<T>& whole, const joined_rows& rows) {
  return whole.groups * rows.rows * whole.columns();
}

/// `whole` has the columns of the largest phase, and the terms that any of them has.
template <class T>
struct joined_product {
  static constexpr int most = joined_axis::most * joined_axis::most;
  window_product<T> whole, phase[most];
  joined_rows rows;
};

/// The phases of an axis, and the axis of the whole; nothing unless they read neighbouring places, each of them some.
inline std::optional<std::pair<joined_axis, product_axis>> joined(const patch_axis& a, std::int64_t out_step) {
  joined_axis j{};
  product_axis whole{0, 0, a.elements, 0, a.position_step, -1};
  if (a.phases() > joined_axis::most || a.phases() < 1 || a.taps > 1024) return std::nullopt;
  j.phases = static_cast<int>(a.phases());
  j.taps = static_cast<int>(a.taps);
  for (int r = 0; r < j.phases; ++r) {
    const auto p = a.phase_of(r).axis;
    if (p.taps == 0 || p.tap_step != -1) return std::nullopt;
    whole.origin = r == 0 ? p.origin : std::max(whole.origin, p.origin);
    whole.columns = std::max(whole.columns, p.positions);
  }
  for (int r = 0; r < j.phases; ++r) {
    const auto p = a.phase_of(r);
    const std::int64_t before = whole.origin - p.axis.origin;  // terms that are no taps of this phase
    whole.terms = std::max(whole.terms, before + p.axis.taps);
    j.tap_step = static_cast<int>(p.tap_stride);
    j.first_tap[r] = static_cast<int>(p.first_tap - before * p.tap_stride);
    j.columns[r] = static_cast<int>(p.axis.positions);
    j.first_out[r] = p.first_position * out_step;
  }
  return std::pair{j, whole};
}

/// The parts of the n phases of a row or column as one product: `whole` but for its axes, whose steps of one element are
/// given. `phase` holds the phases, down and then across.
template <class T, class Phases>
std::optional<joined_product<T>> join(const window_product<T>& one, const patch_axis& down, const patch_axis& across,
                                      const T* factor, T* out, std::int64_t factor_down, std::int64_t factor_across,
                                      std::int64_t out_down, std::int64_t out_across, const Phases& phases) {
  const auto v = joined(down, out_down), h = joined(across, out_across);
  constexpr double most = 0x1p30;
  const double reach = static_cast<double>(one.rows) * static_cast<double>(one.factor.row_step) +
                       2048.0 * static_cast<double>(factor_down) + 2048.0 * static_cast<double>(factor_across);
  if (!v || !h || reach > most || one.rows > 1024) return std::nullopt;
  joined_product<T> j{};
  std::copy(phases.begin(), phases.end(), j.phase);
  j.rows = {v->first,
            h->first,
            static_cast<int>(one.rows),
            static_cast<int>(one.factor.row_step),
            static_cast<int>(factor_down),
            static_cast<int>(factor_across),
            one.out.row_step};
  j.whole = one;
  j.whole.rows = one.rows * j.rows.phases();
  j.whole.vertical = v->second;
  j.whole.horizontal = h->second;
  j.whole.factor.data = factor;
  j.whole.factor.vertical_step = v->first.tap_step * factor_down;
  j.whole.factor.horizontal_step = h->first.tap_step * factor_across;
  j.whole.out.data = out;
  j.whole.out.vertical_step = down.element_step * out_down;
  j.whole.out.horizontal_step = across.element_step * out_across;
  return j;
}

}  // namespace halfulp::kernels
