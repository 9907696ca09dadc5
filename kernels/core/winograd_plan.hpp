// How tiles read patches of an image and groups of taps: plain C++, tested on the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>

#include <halfulp/kernels/core/tile_plan.hpp>
#include <halfulp/kernels/core/winograd_form.hpp>

namespace halfulp::kernels {

/// Columns of a line in patches, `outputs` each, and its horizontal terms in groups, `taps` each; of the last patch and the
/// last group some may be missing. A term of the places is the first of its group, and a column the patch's first.
struct winograd_plan {
  static constexpr unsigned patch = 4;

  tile_plan places;
  int image_step, horizontal_step, factor_step;  // from one tap to the next
  int first_factor;                              // where the factor's element of term 0 lies
  int horizontal_end;                            // past the horizontal places of all terms
  unsigned outputs, width;                       // of a patch; columns of a line
  bool factor_pairs;                             // the two taps of every group lie in 8 bytes that are aligned

  /// Nothing where sums are of another form, or their places do not fit 32 bits.
  template <class T>
  static std::optional<winograd_plan> of(const window_product<T>& p, winograd f);

  /// Finds pairs of a factor of binary32 numbers.
  void find_pairs(std::int64_t groups, const float* factor, std::int64_t group_step);

  /// Element e of a patch.
  HALFULP_HOST_DEVICE tile_place patch_place(unsigned j, unsigned e) const {
    tile_place at = places.column_place(j);
    at.image += static_cast<int>(e) * image_step;
    at.horizontal += static_cast<int>(e) * horizontal_step;
    return at;
  }
  /// The mask that tile_plan::padding_of_column gives, of an element of a patch; where there is one group in a line.
  HALFULP_HOST_DEVICE unsigned padding_of(const tile_place& at) const {
    const bool reads = static_cast<unsigned>(at.horizontal) < places.horizontal_elements;
    return reads ? places.padding_of_column(at) : ~0u;
  }
  /// Whether a group has so many taps and one more.
  HALFULP_HOST_DEVICE bool has_tap(const tile_place& term, int tap) const {
    return term.horizontal + tap * horizontal_step < horizontal_end;
  }
  /// Columns j of tiles: those of a patch follow one another.
  HALFULP_HOST_DEVICE unsigned tile_width() const { return (width + outputs - 1) / outputs * outputs; }
  HALFULP_HOST_DEVICE bool has_column(unsigned j) const { return j % tile_width() < width; }
  /// Which column of the product j is, or would be the nearest to.
  HALFULP_HOST_DEVICE unsigned product_column(unsigned j) const {
    const unsigned line = j / tile_width(), rest = j - line * tile_width();
    return line * width + (rest < width ? rest : width - 1);
  }
};

inline void winograd_plan::find_pairs(std::int64_t groups, const float* factor, std::int64_t group_step) {
  const auto is_even = [](std::int64_t n) { return n % 2 == 0; };
  factor_pairs = outputs == 3 && factor_step == 1 && is_even(horizontal_end / horizontal_step) &&
                 is_even(first_factor) && is_even(places.factor_row) && (groups == 1 || is_even(group_step)) &&
                 reinterpret_cast<std::uintptr_t>(factor) % 8 == 0 &&
                 std::all_of(std::begin(places.term), std::end(places.term),
                             [&](const place_digit& d) { return is_even(d.factor); });
}

/// So many columns have the tiles of a product.
template <class T>
HALFULP_HOST_DEVICE std::int64_t tile_columns(const window_product<T>& p, winograd f) {
  const std::int64_t outputs = outputs_of(f);
  return p.outer_columns * p.vertical.columns * ((p.horizontal.columns + outputs - 1) / outputs * outputs);
}

/// Whether patches take less time than the terms one by one, for tiles with enough rows: where the lanes of a line lie beside
/// one another, the form is that of the kernel's width, few columns and taps of patches and groups are missing, and there
/// are many groups, so that what tiles begin and end with counts little (measured: 192 take 3% longer, 768 8% less).
template <class T>
bool patches_pay(const window_product<T>& p, winograd f) {
  constexpr double least_groups = 512, most_of_products = .72;
  const auto& h = p.horizontal;
  if (p.image.element_step != 1 || (f == winograd::two_of_three_taps ? h.terms : h.columns) != 3) return false;
  const auto in = [](std::int64_t all, int each) {
    const std::int64_t parts = (all + each - 1) / each;
    return static_cast<double>(parts);
  };
  const double patches = in(h.columns, outputs_of(f)), groups = in(h.terms, taps_of(f));
  return winograd_plan::patch * patches * groups <=
             most_of_products * static_cast<double>(h.columns) * static_cast<double>(h.terms) &&
         groups * static_cast<double>(p.outer_terms) * static_cast<double>(p.vertical.terms) >= least_groups;
}

template <class T>
std::optional<winograd_plan> winograd_plan::of(const window_product<T>& p, winograd f) {
  constexpr std::int64_t most = std::int64_t{1} << 28;
  const auto& h = p.horizontal;
  const std::int64_t outputs = outputs_of(f), taps = taps_of(f), step = h.column_step;
  const bool descends = h.term_step < 0;  // terms then are counted from the last
  const std::int64_t last = descends ? h.terms - 1 : 0, factor_step = p.factor.horizontal_step;
  const auto fits = [](std::int64_t a, std::int64_t b) {
    return std::abs(static_cast<double>(a) * static_cast<double>(b)) < static_cast<double>(most);
  };
  if (h.columns < 2 || h.terms < 2 || step <= 0 || std::abs(h.term_step) != step || !fits(h.terms, step) ||
      !fits(step * patch, p.image.element_step) || !fits(h.terms + patch, factor_step))
    return std::nullopt;
  window_product<T> q = p;
  q.horizontal = {(h.columns + outputs - 1) / outputs,
                  (h.terms + taps - 1) / taps,
                  h.elements,
                  h.origin + last * h.term_step,
                  step * outputs,
                  step * taps};
  q.factor.horizontal_step = (descends ? -factor_step : factor_step) * taps;
  const auto places = tile_plan::of(q);
  if (!places || static_cast<double>(tile_columns(p, f)) >= 0x1p30) return std::nullopt;
  winograd_plan w{*places,
                  static_cast<int>(step * p.image.element_step),
                  static_cast<int>(step),
                  static_cast<int>(descends ? -factor_step : factor_step),
                  static_cast<int>(last * factor_step),
                  static_cast<int>(h.terms * step),
                  static_cast<unsigned>(outputs),
                  static_cast<unsigned>(h.columns),
                  false};
  if (q.horizontal.terms > 1 || outputs == 3)
    w.places.image_by_terms = true;  // masks are those of a patch's first element
  for (place_digit& d : w.places.term)
    if (d.bit == tile_plan::horizontal_bit) d.bit = tile_plan::no_bit;
  return w;
}

}  // namespace halfulp::kernels
