// Where residues of short numbers lie, on the host: every tap of every column against the product's own places.
#include <halfulp/kernels/core/narrow_plan.hpp>

#include <halfulp/kernels/ops/conv2d_products.hpp>

#include "ops/conv2d_inputs.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using kernels::narrow_index, kernels::narrow_plan, kernels::product_axis, kernels::window_product;

constexpr int tile_columns = 64;

/// The element that a column and a term read, if any.
narrow_index read_by(const window_product<float>& p, const kernels::window_index& column,
                     const kernels::window_index& term) {
  const auto at = [](const product_axis& a, std::int64_t c, std::int64_t t) {
    return c * a.column_step + t * a.term_step + a.origin;
  };
  const std::int64_t y = at(p.vertical, column.vertical, term.vertical),
                     x = at(p.horizontal, column.horizontal, term.horizontal);
  return {static_cast<int>(column.outer), static_cast<int>(y), static_cast<int>(x),
          y >= 0 && y < p.vertical.elements && x >= 0 && x < p.horizontal.elements};
}

void check_taps(const window_product<float>& p, const narrow_plan& n, int number, const kernels::window_index& column) {
  const divisor width(static_cast<std::uint32_t>(n.width)), lines(static_cast<std::uint32_t>(n.lines));
  const int corner = number / tile_columns * tile_columns, window = n.first + corner + n.least;
  for (int v = 0; v < n.taps_down; ++v)
    for (int h = 0; h < n.taps_across; ++h) {
      const int place = n.first + number + n.begin + v * n.tap_down + h * n.tap_across;
      REQUIRE(place >= window);
      REQUIRE(place < window + n.window(tile_columns));
      const narrow_index want = read_by(p, column, {0, v, h}), got = n.element_at(place, width, lines);
      CAPTURE(number, v, h);
      REQUIRE(got.exists == want.exists);
      if (!want.exists) continue;
      REQUIRE(got.outer == want.outer);
      REQUIRE(got.vertical == want.vertical);
      REQUIRE(got.horizontal == want.horizontal);
    }
}

/// Whether there is a plan, and then that it is right.
bool check_plan(const window_product<float>& p) {
  const auto n = narrow_plan::of(p, tile_columns);
  if (!n) return false;
  std::int64_t found = 0;
  for (int number = 0; number < n->columns; ++number) {
    const narrow_index c = n->column_at(number);
    if (!c.exists) continue;
    const kernels::window_index column{c.outer, c.vertical, c.horizontal};
    // In the order of the product's columns, each once.
    REQUIRE((column.outer * p.vertical.columns + column.vertical) * p.horizontal.columns + column.horizontal == found);
    ++found;
    check_taps(p, *n, number, column);
  }
  CHECK(found == p.columns());
  const int tiles = (n->columns + tile_columns - 1) / tile_columns;
  CHECK(n->first + n->least >= 0);
  CHECK(n->first + (tiles - 1) * tile_columns + n->least + n->window(tile_columns) <= n->places);
  CHECK(n->chunks % 2 == 0);
  CHECK(n->chunks * narrow_plan::chunk >= p.outer_terms);
  return true;
}

}  // namespace

TEST_CASE("narrow plan: taps of consecutive columns are consecutive places, in conv2d and its input gradient") {
  HALFULP_RANDOM(r, 1);
  std::int64_t planned = 0, others = 0;
  for (std::int64_t k = 0; k < repeats(150); ++k) {
    convolution c = k % 3 == 2 ? grouped_convolution(r) : random_convolution(r);
    if (k % 2 == 0) c.stride = {1, 1};
    const tensor x = random_tensor<float>(r, content::uniform, c.x_shape()),
                 w = random_tensor<float>(r, content::uniform, c.weight_shape()),
                 dy = random_tensor<float>(r, content::uniform, c.y_shape());
    std::vector<window_product<float>> products;
    const call forward{signature_of<op::conv2d>(), {{x.view()}, {w.view()}}, c.attributes()};
    products.push_back(kernels::product_of(op::conv2d::bind<float>(forward), static_cast<float*>(nullptr)));
    named_arguments named = c.attributes();
    named["input_shape"] = convolution::list(c.x_shape());
    const call back{signature_of<op::conv2d_input_grad>(), {{dy.view()}, {w.view()}}, named};
    for (const auto& p : kernels::products_of(op::conv2d_input_grad::bind<float>(back), static_cast<float*>(nullptr)))
      products.push_back(p);
    for (const auto& p : products) ++(check_plan(p) ? planned : others);
  }
  CHECK(planned > 0);
  CHECK(others > 0);  // of strides
}

TEST_CASE("narrow plan: strides, empty sums and what 32 bits do not hold have none") {
  const auto product = [] {
    return window_product<float>{1,
                                 64,
                                 2,
                                 64,
                                 {10, 3, 10, -1, 1, 1},
                                 {12, 3, 12, -1, 1, 1},
                                 {nullptr, 0, 64 * 120, 120, 12, 1},
                                 {nullptr, 0, 576, 9, 3, 1},
                                 nullptr,
                                 {nullptr, 0, 120, 64 * 120, 12, 1}};
  };
  CHECK(check_plan(product()));
  auto p = product();
  p.horizontal.column_step = 2;
  CHECK(!check_plan(p));
  p = product();
  p.vertical.column_step = 2;
  CHECK(!check_plan(p));
  p = product();
  p.outer_terms = 0;
  CHECK(!check_plan(p));
  p = product();
  p.outer_columns = 0;
  CHECK(!check_plan(p));
  p = product();
  p.vertical.elements = p.vertical.columns = 1 << 19;
  p.horizontal.elements = p.horizontal.columns = 1 << 19;
  CHECK(!narrow_plan::of(p, tile_columns));
  p = product();
  p.out.outer_step = std::int64_t{1} << 40;
  CHECK(!narrow_plan::of(p, tile_columns));
  p = product();
  p.groups = 20000;
  CHECK(!narrow_plan::of(p, tile_columns));
}

}  // namespace halfulp::tests
