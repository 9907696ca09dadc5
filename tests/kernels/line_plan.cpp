// What tiles of whole lines read, on the host: the shifts of a window by the factors of its steps are the terms of the
// window_product. And the rounding of their sums.
#include <halfulp/kernels/core/binary32_rounding.hpp>
#include <halfulp/kernels/core/line_plan.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "kernels/convolution_products.hpp"
#include "kernels/product_elements.hpp"

namespace halfulp::tests {
namespace {

using kernels::line_plan, kernels::nearly_rounded, kernels::product_axis, kernels::window_product;

/// The elements of the sum of a tile's row and column, by the words of the window and the factors that a tile reads.
elements of_plan(const window_product<float>& p, const line_plan& t, const line_plan::place& at, int row, int line,
                 int column) {
  elements e;
  for (int channel = 0; channel < t.image_channels; ++channel)
    for (int down = 0; down < line_plan::taps; ++down)
      for (int across = 0; across < line_plan::taps; ++across) {
        const int image_line = t.image_line(at.line, line + down), word = t.word_of(column, across);
        CHECK(word >= 0);
        CHECK(word < line_plan::pitch);
        const int element = word - line_plan::before;
        if (!t.has_line(image_line) || element < 0 || element >= t.elements) continue;
        const float* const of_line = p.image.data + at.group * p.image.group_step + at.image * p.image.column_step +
                                     channel * p.image.term_step + image_line * p.image.row_step;
        CHECK(reinterpret_cast<std::uintptr_t>(of_line) % 16 == 0);  // of a copy
        ++e[{p.factor.data + at.group * p.factor.group_step +
                 (at.row_tile * line_plan::rows + row) * p.factor.row_step + channel * p.factor.outer_step +
                 t.term_of(0, down) * p.factor.vertical_step + t.term_of(1, across) * p.factor.horizontal_step,
             of_line + element}];
      }
  return e;
}

/// Every sum is in one tile, and has its terms there, of those that are looked at.
void check_plan(random_source& r, const window_product<float>& p, const line_plan& t) {
  std::set<std::int64_t> seen;
  for (int tile = 0; tile < t.tiles; ++tile) {
    const auto at = t.tile_at(tile);
    for (int row = 0; row < line_plan::rows; ++row)
      for (int line = 0; line < line_plan::lines; ++line) {
        const std::int64_t i = at.row_tile * line_plan::rows + row;
        if (i >= p.rows || at.line + line >= t.down) continue;
        for (int column = 0; column < t.line_columns; ++column) {
          const kernels::sum_index s{at.group, i, (at.image * t.down + at.line + line) * t.line_columns + column};
          CHECK(seen.insert((s.group * p.rows + s.row) * p.columns() + s.column).second);
          if (r.between(0, 999) == 0) CHECK(of_plan(p, t, at, row, line, column) == of_product(p, s));
        }
      }
  }
  CHECK(static_cast<std::int64_t>(seen.size()) == p.sums());
}

bool has_form(const window_product<float>& p) {
  const auto& h = p.horizontal;
  bool moves_by_one = p.sums() > 0 && p.depth() > 0 && p.image.element_step == 1 && p.out.horizontal_step == 1;
  for (const auto* a : {&p.vertical, &h})
    moves_by_one = moves_by_one && a->terms == 3 && a->column_step == 1 && std::abs(a->term_step) == 1;
  return moves_by_one && h.columns <= line_plan::columns && h.elements <= line_plan::most_elements &&
         h.elements % 4 == 0;
}

/// The same sums with the taps of an axis in the opposite order.
window_product<float> turned(window_product<float> p, product_axis window_product<float>::*axis) {
  auto& a = p.*axis;
  a.origin += (a.terms - 1) * a.term_step;
  a.term_step = -a.term_step;
  return p;
}

/// Whether there is a plan.
bool check_product(random_source& r, const window_product<float>& p) {
  const auto t = line_plan::of(p);
  if (!t) return false;
  CHECK(has_form(p));
  check_plan(r, p, *t);
  return true;
}

convolution convolution_of_lines(random_source& r) {
  convolution c;
  c.n = r.between(1, 2);
  c.h = r.between(1, 9);
  c.w = 4 * r.between(1, 15);
  c.groups = r.between(1, 2);
  c.group_inputs = r.between(1, 20);
  c.group_outputs = r.between(1, 70);
  c.kernel = {3, 3};
  c.padding = {r.between(0, 3), r.between(0, 3), r.between(0, 3), r.between(0, 3)};
  return c;
}

}  // namespace

TEST_CASE("line plan: shifts of windows have the terms of conv2d and its input gradient, every sum in one tile") {
  HALFULP_RANDOM(r, 70);
  std::int64_t forward = 0, input_gradients = 0;
  for (std::int64_t k = 0; k < repeats(40); ++k) {
    const convolution c = convolution_of_lines(r);
    if (!c.valid()) continue;
    convolution_products of(c);
    const auto p = of.forward();
    const bool has = check_product(r, p);
    CHECK(has == has_form(p));
    forward += has;
    // Convolutions turn both axes or none.
    for (const auto axis : {&window_product<float>::vertical, &window_product<float>::horizontal})
      CHECK(check_product(r, turned(p, axis)) == has);
    for (const auto& q : of.of_input_gradient()) input_gradients += check_product(r, q);
  }
  CHECK(forward > 0);
  CHECK(input_gradients > 0);
}

TEST_CASE("line plan: there is none of sums of another form") {
  HALFULP_RANDOM(r, 71);
  for (std::int64_t k = 0; k < repeats(200); ++k) {
    const convolution c = random_convolution(r);
    if (!c.valid()) continue;
    convolution_products of(c);
    check_product(r, of.forward());
    for (const auto& p : of.of_input_gradient()) check_product(r, p);
    check_product(r, of.of_weight_gradient());
  }
  convolution c;
  c.n = 2;
  c.h = 4;
  c.w = 8;
  c.group_inputs = 9;
  c.group_outputs = 3;
  c.kernel = {3, 3};
  convolution_products of(c);
  const auto p = of.forward();
  CHECK(line_plan::of(p).has_value());
  for (auto change :
       {+[](window_product<float>& q) { ++q.image.data; }, +[](window_product<float>& q) { ++q.image.row_step; },
        +[](window_product<float>& q) { q.image.term_step += 2; },
        +[](window_product<float>& q) { q.image.column_step += 3; },
        +[](window_product<float>& q) { q.out.horizontal_step = 2; },
        +[](window_product<float>& q) { q.horizontal.origin = -5; },
        +[](window_product<float>& q) { q.horizontal.elements = 6; }}) {
    auto q = p;
    change(q);
    CHECK(!line_plan::of(q).has_value());
  }
  auto q = p;
  q.out.row_step += 1 - q.out.row_step % 2;
  CHECK(!line_plan::of(q)->pairs);
}

TEST_CASE("line plan: what lanes read at once is in all banks, and a step's factors have a place each") {
  std::set<int> banks;
  for (int g = 0; g < 8; ++g)
    for (int t = 0; t < 4; ++t) banks.insert(line_plan::image_at(0, t, 7 * g) % 32);
  CHECK(banks.size() == 32);
  std::set<int> places;
  for (int tap = 0; tap < line_plan::taps; ++tap)
    for (int row = 0; row < line_plan::rows; ++row)
      for (int channel = 0; channel < line_plan::channels; ++channel) {
        const int at = line_plan::factor_at(tap, row, channel);
        CHECK(at >= 0);
        CHECK(at < line_plan::step_factors);
        places.insert(at);
      }
  CHECK(static_cast<int>(places.size()) == line_plan::step_factors);
}

TEST_CASE("binary32 rounding: what has room around a number is rounded as it is, and little room is lost") {
  HALFULP_RANDOM(r, 72);
  std::int64_t decided = 0, infinite = 0;
  for (std::int64_t k = 0; k < repeats(200000); ++k) {
    const int exponent = static_cast<int>(r.between(-130, 130));
    const double near =
        std::ldexp(static_cast<double>(r.between(0, 1) == 0 ? (1 << 24) : r.between(1 << 24, (1 << 25) - 1)),
                   exponent - 24);  // a binary32 number or a midpoint
    const double off = std::ldexp(r.uniform(), exponent - static_cast<int>(r.between(23, 55)));
    const double s = (r.between(0, 1) == 0 ? 1 : -1) * (near + off);
    const nearly_rounded n(s);
    CHECK(n.is_normal() == (std::abs(s) >= 0x1p-126 && std::abs(s) < 0x1p127));
    if (!n.is_normal()) continue;
    // What a finite binary32 number less than it may be.
    constexpr float largest = std::numeric_limits<float>::max();
    const bool is_infinite = std::abs(n.room()) > largest;
    const double room = static_cast<double>(std::clamp(n.room(), -largest, largest)) * 0x1p-52,
                 lost = std::abs(s) * 0x1p-52;
    CHECK(!std::isnan(n.room()));
    infinite += n.room() > largest;
    if (room > 0) {
      ++decided;
      const double infinity = std::numeric_limits<double>::infinity();
      CHECK(static_cast<float>(std::nextafter(s - room - lost, -infinity)) == n.rounded());
      CHECK(static_cast<float>(std::nextafter(s + room + lost, infinity)) == n.rounded());
    }
    // An interval of 2^-27 of s, or up to its midpoint but for 32 units of its last place, has room.
    const double ulp = std::ldexp(1, std::ilogb(s) - 52);
    const double twice = std::ldexp(std::floor(std::ldexp(std::abs(s), 24 - std::ilogb(s))), std::ilogb(s) - 24);
    const double to_midpoint = std::fmod(std::ldexp(twice, 24 - std::ilogb(s)), 2) == 1
                                   ? std::abs(s) - twice
                                   : twice + std::ldexp(1, std::ilogb(s) - 24) - std::abs(s);
    if (!is_infinite && room < 0x1p27 * ulp - 32 * ulp) CHECK(room > to_midpoint - 32 * ulp);
  }
  CHECK(decided > 0);
  CHECK(infinite > 0);
}

}  // namespace halfulp::tests
