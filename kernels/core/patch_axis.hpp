#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>

#include <halfulp/oracle/core/run.hpp>
#include <halfulp/oracle/core/window.hpp>

namespace halfulp::kernels {

struct index_interval {
  std::int64_t first, end;
  std::int64_t size() const { return end - first; }
};

/// One spatial axis of a convolution, forward or backward, as places on a line: for position p, tap t reads element e
/// where p * position_step + t * tap_step + origin = e * element_step and 0 <= e < elements; where there is no such e
/// it reads nothing. The steps are those of the spec's index rule `window`.
struct patch_axis {
  std::int64_t positions, taps, elements;
  std::int64_t origin, position_step, tap_step, element_step;

  /// Positions are those of the output, elements those of the input.
  static patch_axis of_input(const window<run>& w) {
    const std::int64_t origin = input(w, 0, 0);
    return {w.out, w.kernel, w.in, origin, input(w, 1, 0) - origin, input(w, 0, 1) - origin, 1};
  }
  /// Positions are those of the input, elements those of the output.
  static patch_axis of_output(const window<run>& w) {
    const std::int64_t origin = input(w, 0, 0);
    return {w.in, w.kernel, w.out, -origin, 1, origin - input(w, 0, 1), input(w, 1, 0) - origin};
  }

  std::int64_t place(std::int64_t p, std::int64_t t) const { return p * position_step + t * tap_step + origin; }
  /// The element at a place, or -1.
  std::int64_t element_at(std::int64_t place) const {
    if (place < 0 || place % element_step != 0) return -1;
    const std::int64_t e = place / element_step;
    return e < elements ? e : -1;
  }
  bool every_tap_reads(std::int64_t p) const {
    if (element_step == 1) return least_place(p) >= 0 && least_place(p) + reach(p, p) <= elements;
    return taps_read(p) == taps;
  }
  std::int64_t taps_read(std::int64_t p) const {
    std::int64_t read = 0;
    for (std::int64_t t = 0; t < taps; ++t) read += element_at(place(p, t)) >= 0;
    return read;
  }
  /// The positions at which every tap reads, for element_step 1.
  index_interval full() const {
    const std::int64_t missing = std::max<std::int64_t>(0, -least_place(0));
    const std::int64_t first = std::min((missing + position_step - 1) / position_step, positions);
    const std::int64_t past = least_place(0) + reach(0, 0) - 1;  // the greatest place of position 0
    const std::int64_t end = past >= elements ? 0 : std::min((elements - 1 - past) / position_step + 1, positions);
    return {first, std::max(first, end)};
  }
  bool every_position_reads(std::int64_t t) const {
    for (std::int64_t p = 0; p < positions; ++p)
      if (element_at(place(p, t)) < 0) return false;
    return true;
  }
  /// The positions r, r + element_step, ... and the taps that may read an element there, as an axis in which each place
  /// is an element: an axis of step s is s such phases, without the places in between.
  struct phase;
  phase phase_of(std::int64_t r) const;
  std::int64_t phases() const { return std::min(element_step, positions); }

  /// The least place that the positions [p, q] and all taps reach, and the number of places from there to the greatest.
  std::int64_t least_place(std::int64_t p) const { return place(p, tap_step < 0 ? taps - 1 : 0); }
  std::int64_t reach(std::int64_t p, std::int64_t q) const {
    return place(q, tap_step < 0 ? 0 : taps - 1) - least_place(p) + 1;
  }

 private:
  static std::int64_t input(const window<run>& w, std::int64_t o, std::int64_t tap) {
    run m("conv2d");
    return w.input(m, idx<run>{o, {}}, idx<run>{tap, {}}).v;
  }
};

/// Position p and tap t of `axis` are first_position + p * position_stride and first_tap + t * tap_stride of the whole.
struct patch_axis::phase {
  patch_axis axis;
  std::int64_t first_position, position_stride, first_tap, tap_stride;
};

inline patch_axis::phase patch_axis::phase_of(std::int64_t r) const {
  const std::int64_t stride = element_step / std::gcd(tap_step, element_step);  // taps between two that read at r
  std::int64_t first = 0;
  while (first < std::min(stride, taps) && place(r, first) % element_step != 0) ++first;
  const std::int64_t count = first < std::min(stride, taps) ? (taps - first + stride - 1) / stride : 0;
  const std::int64_t origin_of_phase = count == 0 ? 0 : place(r, first) / element_step;
  return {{(positions - r + element_step - 1) / element_step, count, elements, origin_of_phase, position_step,
           tap_step * stride / element_step, 1},
          r,
          element_step,
          first,
          stride};
}

}  // namespace halfulp::kernels
