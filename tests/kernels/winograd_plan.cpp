// What tiles of patches read, on the host: the taps of a group by the patch of a column are the terms of the window_product.
#include <halfulp/kernels/core/winograd_plan.hpp>

#include <cmath>

#include "kernels/convolution_products.hpp"
#include "kernels/product_elements.hpp"

namespace halfulp::tests {
namespace {

using kernels::window_product, kernels::winograd, kernels::winograd_plan;

/// Whether the mask says the same of an element as its place, where there are masks.
void check_mask(const winograd_plan& w, const kernels::tile_place& element, unsigned k, bool reads) {
  if (w.places.image_by_terms) return;
  CHECK(((w.padding_of(element) & w.places.mask_of_term(k)) == 0) == reads);
}

elements of_plan(const window_product<float>& p, const winograd_plan& w, winograd f, const kernels::sum_index& s) {
  elements e;
  const auto column = static_cast<unsigned>(s.column), j = column / w.width * w.tile_width() + column % w.width;
  CHECK(w.has_column(j));
  CHECK(w.product_column(j) == column);
  for (unsigned k = 0; k < static_cast<unsigned>(w.places.depth); ++k)
    for (unsigned tap = 0; tap < static_cast<unsigned>(kernels::taps_of(f)); ++tap) {
      const auto term = w.places.term_place(k);
      const auto element = w.patch_place(j / w.outputs, j % w.outputs + tap);
      const bool reads = w.places.reads(element, term);
      check_mask(w, element, k, reads);
      if (!reads || !w.has_tap(term, static_cast<int>(tap))) continue;
      ++e[{p.factor.data + s.group * p.factor.group_step + s.row * w.places.factor_row + w.first_factor + term.factor +
               static_cast<std::int64_t>(tap) * w.factor_step,
           p.image.data + s.group * p.image.group_step + element.image + term.image}];
    }
  return e;
}

/// Columns of tiles are those of the product, in their order, but for what the last patch of each line lacks.
void check_columns(const window_product<float>& p, const winograd_plan& w, winograd f) {
  CHECK(kernels::tile_columns(p, f) == static_cast<std::int64_t>(w.places.columns) * w.outputs);
  std::int64_t next = 0;
  for (unsigned j = 0; j < static_cast<unsigned>(w.places.columns) * w.outputs; ++j) {
    CHECK(w.product_column(j) == (w.has_column(j) ? next : next - 1));
    next += w.has_column(j);
  }
  CHECK(next == p.columns());
}

/// Both taps of a group lie in 8 bytes, where the plan says so; the factor may begin and its groups be stepped oddly.
void check_pairs(random_source& r, const window_product<float>& p, winograd_plan w) {
  const float* const factor = p.factor.data + (r.between(0, 3) == 0 ? 1 : 0);
  const std::int64_t group_step = p.factor.group_step + (r.between(0, 3) == 0 ? 1 : 0);
  w.find_pairs(p.groups, factor, group_step);
  if (!w.factor_pairs) return;
  const auto term = w.places.term_place(static_cast<unsigned>(r.between(0, w.places.depth - 1)));
  const auto row = r.between(0, p.groups - 1) * group_step + r.between(0, p.rows - 1) * w.places.factor_row;
  CHECK(w.has_tap(term, 1));
  CHECK(w.factor_step == 1);
  CHECK(reinterpret_cast<std::uintptr_t>(factor + row + w.first_factor + term.factor) % 8 == 0);
}

/// How many of the sums' forms there are.
std::int64_t check_plans(random_source& r, const window_product<float>& p) {
  std::int64_t plans = 0;
  for (const winograd f : {winograd::two_of_three_taps, winograd::three_of_two_taps}) {
    const auto w = winograd_plan::of(p, f);
    const auto& h = p.horizontal;
    CHECK(w.has_value() == (p.sums() > 0 && p.depth() > 0 && h.columns > 1 && h.terms > 1 && h.column_step > 0 &&
                            std::abs(h.term_step) == h.column_step));
    if (!w) continue;
    ++plans;
    check_columns(p, *w, f);
    for (int k = 0; k < 8; ++k) check_pairs(r, p, *w);
    for (int k = 0; k < 8; ++k) {
      const auto s = kernels::sum_at(p, r.between(0, p.sums() - 1));
      const elements expected = of_product(p, s);
      CHECK(static_cast<std::int64_t>(expected.size()) == kernels::sum_terms<float>(p, s).count());
      CHECK(of_plan(p, *w, f, s) == expected);
    }
  }
  return plans;
}

}  // namespace

TEST_CASE("winograd plan: patches and groups of taps have the terms of conv2d and of its gradients, of every layout") {
  HALFULP_RANDOM(r, 54);
  std::int64_t forward = 0, input_gradients = 0, weight_gradients = 0;
  for (std::int64_t k = 0; k < repeats(120); ++k) {
    convolution c = random_convolution(r);
    if (k % 2 == 0) c.kernel[1] = 3;
    if (k % 3 != 0) c.dilation[1] = c.stride[1] = 1;
    if (!c.valid()) continue;
    convolution_products of(c);
    forward += check_plans(r, of.forward());
    for (const auto& p : of.of_input_gradient()) input_gradients += check_plans(r, p);
    weight_gradients += check_plans(r, of.of_weight_gradient());
  }
  CHECK(forward > 0);
  CHECK(input_gradients > 0);
  CHECK(weight_gradients > 0);
}

TEST_CASE("winograd form: four products give the sums of a patch, and their norms are bounded by those of it") {
  HALFULP_RANDOM(r, 55);
  for (const int outputs : {2, 3})
    for (std::int64_t k = 0; k < repeats(2000); ++k) {
      const int taps = 5 - outputs;
      double d[4] = {5, 0, -12, 0}, g[3] = {12, 0, 5}, v[4], u[4], m[4], d2 = 0,
             g2 = 0;  // those nearly reach the bound
      for (double& x : d) {
        if (k > 0) x = static_cast<double>(r.between(-4, 4));
        d2 += x * x;
      }
      for (int t = 0; t < taps; ++t) {
        if (k > 0) g[t] = static_cast<double>(r.between(-4, 4));
        g2 += g[t] * g[t];
      }
      kernels::transform_patch(d[0], d[1], d[2], d[3], v);
      if (taps == 3)
        kernels::transform_taps(g[0], g[1], g[2], u);
      else
        kernels::transform_taps(g[0], g[1], u);
      for (int i = 0; i < 4; ++i) m[i] = u[i] * v[i];
      for (int j = 0; j < outputs; ++j) {
        double sum = 0;
        for (int t = 0; t < taps; ++t) sum += d[j + t] * g[t];
        CHECK(kernels::join_products(m, j, outputs) == sum);
      }
      const double inner = (std::abs(m[1]) + std::abs(m[2])) / 2, bound = kernels::patch_norms * std::sqrt(d2 * g2);
      CHECK(std::abs(m[0]) + inner <= bound);
      CHECK(std::abs(m[3]) + inner <= bound);
    }
}

TEST_CASE("winograd plan: an odd number of taps is not read in pairs") {
  alignas(8) const float factor[4] = {};
  for (const std::int64_t terms : {2, 3, 4}) {
    window_product<float> p{};
    p.groups = p.rows = p.outer_columns = p.outer_terms = 1;
    p.vertical = {1, 1, 1, 0, 1, 1};
    p.horizontal = {8, terms, 8, 0, 1, 1};
    p.image.element_step = p.factor.horizontal_step = 1;
    auto w = winograd_plan::of(p, winograd::three_of_two_taps);
    REQUIRE(w.has_value());
    w->find_pairs(p.groups, factor, 0);
    CHECK(w->factor_pairs == (terms % 2 == 0));
  }
}

TEST_CASE("winograd plan: what 32 bits do not hold has none") {
  window_product<float> p{};
  p.groups = p.rows = p.outer_columns = p.outer_terms = 40;
  p.vertical = {1, 1, 1, 0, 1, 1};
  p.horizontal = {8, 3, 8, 0, 1, 1};
  p.image.term_step = p.image.element_step = p.factor.row_step = p.factor.outer_step = p.factor.horizontal_step = 1;
  CHECK(winograd_plan::of(p, winograd::two_of_three_taps).has_value());
  p.image.element_step = std::int64_t{1} << 27;
  CHECK(!winograd_plan::of(p, winograd::two_of_three_taps).has_value());
  p.image.element_step = 1;
  p.factor.horizontal_step = std::int64_t{1} << 40;
  CHECK(!winograd_plan::of(p, winograd::two_of_three_taps).has_value());
  p.factor.horizontal_step = 1;
  p.outer_columns = std::int64_t{1} << 29;
  CHECK(!winograd_plan::of(p, winograd::two_of_three_taps).has_value());
}

}  // namespace halfulp::tests
