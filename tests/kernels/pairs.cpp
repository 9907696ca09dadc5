// Sums over pairs of neighbouring windows: whether their bound holds, and what they are called exact for.
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>

#include "instruction_sets.hpp"
#include "kernels/copied_columns.hpp"
#include "random.hpp"

namespace halfulp::tests {
namespace {

using kernels::arithmetic;
using kernels::index_interval;

/// Filters over lines of an image, as a product.
struct lines_product {
  using element_type = float;
  static constexpr bool can_underflow = false;

  std::int64_t channels, line, rows, lines;
  bool reversed;
  std::vector<float> image, weights;
  std::vector<double> starts = std::vector<double>(static_cast<std::size_t>(rows), -0.0);
  kernels::product_shape dims{rows, lines* line, 3 * channels, 1, 1};
  kernels::patch_axis across{line, 3, line, reversed ? 1 : -1, 1, reversed ? -1 : 1, 1};
  kernels::patch_grid<float> patches_of_lines{
      {nullptr, 0, lines* line, line, 1}, {lines, 1, lines, 0, 1, 1, 1}, across};
  copied_columns copied = {};

  lines_product(std::int64_t c, std::int64_t width, std::int64_t r, bool turns, std::int64_t height = 1)
      : channels(c), line(width), rows(r), lines(height), reversed(turns) {
    image.assign(static_cast<std::size_t>(c * height * width), 0);
    weights.assign(static_cast<std::size_t>(3 * c * r), 0);
  }
  const kernels::product_shape& shape() const { return dims; }
  kernels::patch_grid<float> grid() const {
    auto g = patches_of_lines;
    g.images.data = image.data();
    return g;
  }
  std::int64_t first_channel(std::int64_t) const { return 0; }
  double start(std::int64_t, std::int64_t i) const { return starts[static_cast<std::size_t>(i)]; }
  float weight(std::int64_t i, std::int64_t k) const { return weights[static_cast<std::size_t>(i * 3 * channels + k)]; }
  float& weight(std::int64_t i, std::int64_t k) { return weights[static_cast<std::size_t>(i * 3 * channels + k)]; }
  float& pixel(std::int64_t c, std::int64_t at) { return image[static_cast<std::size_t>(c * line + at)]; }
  float tap(std::int64_t j, std::int64_t k) const {
    const std::int64_t at = across.element_at(across.place(j % line, k % 3));
    return at < 0 ? 0 : image[static_cast<std::size_t>((k / 3 * lines + j / line) * line + at)];
  }
  void load_rows(std::int64_t, index_interval r, index_interval k, double* out, std::int64_t step) const {
    for (std::int64_t i = r.first; i < r.end; ++i)
      for (std::int64_t t = k.first; t < k.end; ++t) out[(i - r.first) * step + t - k.first] = weight(i, t);
  }
  kernels::panel_source load_columns(std::int64_t, index_interval c, index_interval k) {
    return copied.copy(c, k, [&](std::int64_t j, std::int64_t t) { return tap(j, t); });
  }

  /// |sum - exact| of element (i, j), rounded to binary64.
  double error(const double_double& sum, std::int64_t i, std::int64_t j) const {
    exact_sum<double> s;
    s.add(start(0, i));
    for (std::int64_t k = 0; k < 3 * channels; ++k)
      s.add_product(static_cast<double>(weight(i, k)), static_cast<double>(tap(j, k)));
    s.subtract(sum.hi);
    s.subtract(sum.lo);
    return std::abs(s.round<double>());
  }
};

using lines_tile = kernels::product_tile<lines_product>;

/// The largest share of its bound that an element uses.
double most_used(const lines_product& p, const lines_tile& tile, index_interval rows) {
  double most = 0;
  for (std::int64_t i = rows.first; i < rows.end; ++i)
    for (std::int64_t j = 0; j < p.dims.columns; ++j) {
      const double error = p.error(tile.value(i - rows.first, j), i, j);
      if (error > 0) most = std::max(most, error / tile.radius(i - rows.first, j));
    }
  return most;
}
double most_used(lines_product& p) {
  lines_tile tile(p);
  tile.reset(0, {{0, p.rows}, {0, p.dims.columns}});
  tile.multiply(arithmetic::paired);
  return most_used(p, tile, {0, p.rows});
}

void fill(random_source& r, std::vector<float>& values, int spread) {
  for (float& v : values) v = static_cast<float>(std::ldexp(r.uniform(), static_cast<int>(r.between(-spread, spread))));
}

}  // namespace

TEST_CASE("pairs: no sum is farther from the exact one than its bound") {
  HALFULP_RANDOM(r, 451);
  for (std::int64_t n = 0; n < repeats(60); ++n) {
    lines_product p(r.between(1, 220), r.between(1, 40), r.between(1, 19), n % 2 == 0, r.between(1, 3));
    const int spread = static_cast<int>(r.between(0, 30));
    fill(r, p.image, spread);
    fill(r, p.weights, spread);
    if (n % 3 == 0)
      for (double& s : p.starts) s = std::ldexp(r.uniform(), static_cast<int>(r.between(-spread, spread)));
    CHECK(most_used(p) <= 1);
  }
}

TEST_CASE("pairs: rows of any length, and lines that begin amid a vector, with each instruction set") {
  HALFULP_RANDOM(r, 454);
  for (const std::int64_t channels : {1, 2, 3, 5, 7, 8, 9, 33, 81, 95, 96, 97, 103})
    for (const std::int64_t line : {7, 23, 39}) {  // 4, 12 and 20 pairs: twice as many fill vectors of 8, one line not
      lines_product p(channels, line, 3, channels % 2 == 0, 2);
      fill(r, p.image, 2);
      fill(r, p.weights, 2);
      INFO(channels << " channels, lines of " << line);
      for_each_instruction_set([&] { CHECK(most_used(p) <= 1); });
    }
}

TEST_CASE("pairs: three products may lose 2.4 times what the norms say, so the bound counts that") {
  // The weights and the window whose |u0 v0| + |u1 v1| + |u2 v2| is 1 + sqrt 2 times their norms, then terms that each
  // addition loses.
  const std::int64_t chunk = 96;
  lines_product p(chunk, 6, 1, false);
  const double delta = 0x1p-27;
  for (std::int64_t c = 0; c < chunk; ++c) {
    const bool first = c == 0;
    // u = (g0, e1 / d2, e2 / d2), v = (d0 - d2, d2, d2), of products e0, e1, e2
    const double e0 = 0x1.fffep-54, e1 = 0x1.fffep-55;
    const double d2 = first ? 0.9238795 : delta, d0 = first ? -0.38268343 : delta + e0 / delta;
    const double g0 = first ? 0.9238795 : delta, g2 = first ? 0.38268343 : 2 * e1 / delta - delta;
    p.pixel(c, 1) = static_cast<float>(d0);  // of the window at 2, the first of its pair
    p.pixel(c, 3) = static_cast<float>(d2);
    p.weight(0, 3 * c) = static_cast<float>(g0);
    p.weight(0, 3 * c + 2) = static_cast<float>(g2);
  }
  const double used = most_used(p);
  CHECK(used <= 1);
  CHECK(used > .6);
}

TEST_CASE("pairs: the bound counts what adding up the chunks of three products loses") {
  // 1, then a term of nearly u / 2 for each of the three products in each chunk.
  const std::int64_t chunk = 96, chunks = 60;
  lines_product p(chunk * chunks, 6, 1, false);
  const double d = 0x1p-27, e = 0x1.fffep-54;
  p.pixel(0, 1) = 1;
  p.weight(0, 0) = 1;
  for (std::int64_t c = 1; c < p.channels; c += c < chunk - 1 ? 1 : chunk - c % chunk) {
    p.pixel(c, 1) = static_cast<float>(d + e / d);
    p.pixel(c, 3) = static_cast<float>(d);
    p.weight(0, 3 * c) = static_cast<float>(d);
    p.weight(0, 3 * c + 2) = static_cast<float>(2 * e / d - d);
  }
  const double used = most_used(p);
  CHECK(used <= 1);
  CHECK(used > .25);
}

TEST_CASE("pairs: the bound has every part of what is lost") {
  constexpr double u = 0x1p-53, kappa = 2.4142135623730951, transforms = 5.243;  // docs/ops/conv2d.md
  for (const std::int64_t chunk : {1, 8, 96})
    for (const std::int64_t chunks : {1, 2, 50, 1000}) {
      const auto roundings = static_cast<double>(chunk + 3 * chunks);
      const double bound = kernels::paired_bound(chunk, chunks), least = u * (kappa * roundings + transforms);
      CHECK(bound >= least);
      CHECK(bound <= 2 * least);
    }
}

TEST_CASE("pairs: what is called exact is") {
  HALFULP_RANDOM(r, 452);
  std::int64_t called = 0;
  for (std::int64_t n = 0; n < repeats(300); ++n) {
    lines_product p(r.between(1, 5), r.between(1, 9), r.between(1, 3), n % 2 == 0);
    // Whole numbers with sums near 2^53, where half of one is the last that is kept.
    const int most = static_cast<int>(r.between(20, 30));
    for (auto* values : {&p.image, &p.weights})
      for (float& v : *values) {
        const int bits = static_cast<int>(r.between(0, most));
        v = static_cast<float>(std::floor(std::ldexp(r.uniform(), bits)));
      }
    lines_tile tile(p);
    tile.reset(0, {{0, p.rows}, {0, p.line}});
    tile.multiply(arithmetic::paired, true);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < p.rows; ++i)
      for (std::int64_t j = 0; j < p.line; ++j) {
        if (!tile.is_exact(i, j)) continue;
        ++called;
        wrong += p.error(tile.value(i, j), i, j) != 0;
      }
    CHECK(wrong == 0);
  }
  CHECK(called > 0);
}

TEST_CASE("pairs: a half of the lowest bit that is lost is not called exact") {
  // m0 + m1 = 1.5 c - 1/2, where M = 2 c is below 2^53: whole numbers would all be there.
  lines_product p(2, 6, 1, false);
  p.pixel(0, 1) = 0.99F * 0x1p52F;
  p.pixel(0, 3) = -p.pixel(0, 1);
  p.pixel(1, 3) = 1;
  p.weight(0, 0) = p.weight(0, 3) = 1;
  lines_tile tile(p);
  tile.reset(0, {{0, 1}, {0, p.line}});
  tile.multiply(arithmetic::paired, true);
  CHECK(p.error(tile.value(0, 2), 0, 2) > 0);
  CHECK_FALSE(tile.is_exact(0, 2));
}

TEST_CASE("pairs: a zero is +0, and only where some product is not zero is that known") {
  lines_product p(16, 12, 2, false);
  for (float& w : p.weights) w = -1;  // times +0: every product is -0
  lines_tile tile(p);
  tile.reset(0, {{0, 2}, {0, p.line}});
  tile.multiply(arithmetic::paired, true);
  for (std::int64_t j = 0; j < p.line; ++j) {
    tile.reads_no_padding(j);
    CHECK(tile.value(0, j).hi == 0);
    CHECK_FALSE(std::signbit(tile.value(0, j).hi));
  }
  std::vector<float> rounded(32);
  std::vector<std::int32_t> undecided(32);
  CHECK(kernels::decide_row(tile.row(0), tile.exactness(0), rounded.data(), undecided.data()) == p.line);
}

TEST_CASE("pairs: other rows and other columns have norms and weights of their own") {
  HALFULP_RANDOM(r, 453);
  lines_product p(40, 41, 30, false);
  fill(r, p.image, 2);
  fill(r, p.weights, 2);
  for (std::int64_t k = 0; k < 120; ++k)
    for (std::int64_t i = 15; i < 30; ++i) p.weight(i, k) *= 0x1p20F;
  for (std::int64_t c = 0; c < 40; ++c)
    for (std::int64_t j = 21; j < 41; ++j) p.pixel(c, j) *= 0x1p20F;
  for (const std::int64_t kept : {std::int64_t{0}, std::int64_t{1} << 20}) {
    lines_tile tile(p, kept);
    for (const std::int64_t row : {0, 15, 15, 0})
      for (const std::int64_t column : {0, 20}) {
        const index_interval rows{row, row + 15}, columns{column, column == 0 ? 20 : 41};
        tile.reset(0, {rows, columns});
        for (const arithmetic how : {arithmetic::paired, arithmetic::recursive, arithmetic::compensated}) {
          tile.multiply(how);
          double most = 0;
          for (std::int64_t i = 0; i < 15; ++i)
            for (std::int64_t j = 0; j < columns.size(); ++j) {
              const double error = p.error(tile.value(i, j), row + i, columns.first + j);
              if (error > 0) most = std::max(most, error / tile.radius(i, j));
            }
          CHECK(most <= 1);
        }
      }
  }
}

TEST_CASE("pairs: a NaN or an infinity is in the norms of the windows that read it, and in no other") {
  for (const float special : {static_cast<float>(NAN), static_cast<float>(INFINITY)})
    for (std::int64_t at = 0; at < 9; ++at) {
      lines_product p(2, 9, 1, false);
      for (auto* values : {&p.image, &p.weights})
        for (float& v : *values) v = 1;
      p.pixel(1, at) = special;
      lines_tile tile(p);
      tile.reset(0, {{0, 1}, {0, p.line}});
      tile.multiply(arithmetic::paired);
      for (std::int64_t j = 0; j < p.line; ++j) {
        const bool reads = j >= at - 1 && j <= at + 1;
        CHECK(std::isfinite(tile.radius(0, j)) == !reads);
        CHECK(std::isfinite(tile.value(0, j).hi) == !reads);
        CHECK(tile.column_holds_nan(j) == (reads && std::isnan(special)));
      }
    }
}

}  // namespace halfulp::tests
