#pragma once

#include <algorithm>
#include <cstdint>

#include <halfulp/oracle/core/run.hpp>
#include <halfulp/oracle/core/window.hpp>

namespace halfulp::kernels {

/// One spatial axis of a convolution, forward or backward, as places on a line: for position p, tap t reads element e
/// where p * position_step + t * tap_step + origin = e * element_step and 0 <= e < elements; where there is no such e it
/// reads nothing. The steps are those of the spec's index rule `window`.
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
    for (std::int64_t t = 0; t < taps; ++t)
      if (element_at(place(p, t)) < 0) return false;
    return true;
  }
  bool every_position_reads(std::int64_t t) const {
    for (std::int64_t p = 0; p < positions; ++p)
      if (element_at(place(p, t)) < 0) return false;
    return true;
  }
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

}  // namespace halfulp::kernels
