// Whether the bounds that the panels' sums carry hold, and how close to them a sum can come.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/compensated_sum.hpp>
#include <halfulp/kernels/core/product_tile.hpp>
#include <halfulp/oracle/real/enclosure.hpp>

#include "kernels/copied_columns.hpp"
#include "random.hpp"

namespace halfulp::tests {
namespace {

using kernels::arithmetic;
using kernels::index_interval;
using kernels::product_shape;
using kernels::product_tile;

/// Matrices given as numbers: rows (row-major) and columns (column-major).
struct dense_product {
  static constexpr bool can_underflow = true;
  product_shape dims;
  std::vector<double> rows, columns, starts;
  double factor_of_group = 1;  // by which the rows of groups past the first are multiplied
  copied_columns copied = {};

  const product_shape& shape() const { return dims; }
  double start(std::int64_t, std::int64_t i) const { return starts[static_cast<std::size_t>(i)]; }
  void load_rows(std::int64_t group, index_interval r, index_interval k, double* out, std::int64_t step) const {
    const double factor = group == 0 ? 1 : factor_of_group;
    for (std::int64_t i = r.first; i < r.end; ++i)
      for (std::int64_t t = k.first; t < k.end; ++t) out[(i - r.first) * step + t - k.first] = factor * row(i, t);
  }
  kernels::panel_source load_columns(std::int64_t, index_interval c, index_interval k) {
    return copied.copy(c, k, [&](std::int64_t j, std::int64_t t) { return column(j, t); });
  }
  double row(std::int64_t i, std::int64_t k) const { return rows[static_cast<std::size_t>(i * dims.depth + k)]; }
  double column(std::int64_t j, std::int64_t k) const { return columns[static_cast<std::size_t>(j * dims.depth + k)]; }
};

dense_product of_sizes(std::int64_t rows, std::int64_t columns, std::int64_t depth) {
  dense_product p{{rows, columns, depth, 1, 1}, {}, {}, {}};
  p.rows.resize(static_cast<std::size_t>(rows * depth));
  p.columns.resize(static_cast<std::size_t>(columns * depth));
  p.starts.assign(static_cast<std::size_t>(rows), -0.0);
  return p;
}

/// |high + low - exact| / radius of element (i, j); both by MPFR.
double used_of_bound(const dense_product& p, const product_tile<dense_product>& t, std::int64_t i, std::int64_t j) {
  real exact = make_real(4600), term = make_real(106), error = make_real(4600);
  mpfr_set_d(raw(exact), p.start(0, i), MPFR_RNDN);
  for (std::int64_t k = 0; k < p.dims.depth; ++k) {
    mpfr_set_d(raw(term), p.row(i, k), MPFR_RNDN);
    mpfr_mul_d(raw(term), raw(term), p.column(j, k), MPFR_RNDN);
    mpfr_add(raw(exact), raw(exact), raw(term), MPFR_RNDN);
  }
  const double_double sum = t.value(i, j);
  mpfr_sub_d(raw(error), raw(exact), sum.hi, MPFR_RNDN);
  mpfr_sub_d(raw(error), raw(error), sum.lo, MPFR_RNDN);
  return mpfr_zero_p(raw(error)) ? 0 : std::abs(mpfr_get_d(raw(error), MPFR_RNDA)) / t.radius(i, j);
}

/// The largest share of its bound that an element of the whole product uses.
double most_used(dense_product& p, arithmetic how) {
  product_tile<dense_product> tile(p);
  tile.reset(0, {{0, p.dims.rows}, {0, p.dims.columns}});
  tile.multiply(how);
  double most = 0;
  for (std::int64_t i = 0; i < p.dims.rows; ++i)
    for (std::int64_t j = 0; j < p.dims.columns; ++j) most = std::max(most, used_of_bound(p, tile, i, j));
  return most;
}

/// Of columns without padding.
void find_lowest(product_tile<dense_product>& tile) {
  tile.find_lowest();
  for (std::int64_t j = 0; j < tile.row(0).column_count; ++j) tile.reads_no_padding(j);
}

/// Whether an element is decided although nothing is known of its error, so that it was proved exact.
bool is_called_exact(const product_tile<dense_product>& t, std::int64_t i, std::int64_t j) {
  kernels::row_of_sums row = t.row(i);
  row.row_extra = INFINITY;
  std::vector<double> rounded(static_cast<std::size_t>(kernels::padded_columns(row.column_count)));
  std::vector<std::int32_t> undecided(rounded.size());
  const std::int64_t count = kernels::decide_row(row, t.exactness(i), rounded.data(), undecided.data());
  const auto end = undecided.begin() + static_cast<std::ptrdiff_t>(count);
  return std::find(undecided.begin(), end, static_cast<std::int32_t>(j)) == end;
}

/// A factor of 24 bits.
double narrow_factor(random_source& r) {
  return static_cast<double>(static_cast<float>(r.uniform()));
}

}  // namespace

TEST_CASE("panels: no sum is farther from the exact one than its bound") {
  HALFULP_RANDOM(r, 401);
  for (std::int64_t n = 0; n < repeats(40); ++n) {
    auto p = of_sizes(r.between(1, 19), r.between(1, 40), r.between(1, 500));
    const int spread = static_cast<int>(r.between(0, 30));
    for (auto* values : {&p.rows, &p.columns, &p.starts})
      for (double& v : *values) v = std::ldexp(narrow_factor(r), static_cast<int>(r.between(-spread, spread)));
    CHECK(most_used(p, arithmetic::recursive) <= 1);
    for (auto* values : {&p.rows, &p.columns})
      for (double& v : *values) v += v * 0x1p-30 * r.uniform();
    CHECK(most_used(p, arithmetic::compensated) <= 1);
  }
}

TEST_CASE("panels: the bound of recursive sums is nearly reached, so it cannot be smaller") {
  // One product 1 and then products of nearly u a chunk: each addition loses all of its term, u of the sum.
  const std::int64_t chunk = kernels::most_chunk_terms;
  auto p = of_sizes(9, 30, 22 * chunk);
  REQUIRE(!kernels::adds_chunks(22));
  for (std::int64_t k = 0; k < p.dims.depth; ++k) {
    for (std::int64_t i = 0; i < 9; ++i)
      p.rows[static_cast<std::size_t>(i * p.dims.depth + k)] = k % chunk ? 0x1p-27 : 1;
    for (std::int64_t j = 0; j < 30; ++j)
      p.columns[static_cast<std::size_t>(j * p.dims.depth + k)] = k % chunk ? 0x1p-26 - 0x1p-50 : 1;
  }
  const double used = most_used(p, arithmetic::recursive);
  CHECK(used <= 1);
  CHECK(used > .98);
}

TEST_CASE("panels: the bound counts what adding up the chunks loses") {
  // 1, then products of nearly u, each lost, one alone in each chunk but the first.
  const std::int64_t chunk = kernels::most_chunk_terms, chunks = 21;
  REQUIRE(kernels::adds_chunks(chunks));
  for (const std::int64_t columns : {30, 25}) {  // the last one of 25 stands alone
    auto p = of_sizes(9, columns, chunks * chunk);
    std::fill(p.rows.begin(), p.rows.end(), 0.0);
    for (std::int64_t k = 0; k < p.dims.depth; k += k < chunk - 1 ? 1 : chunk - k % chunk) {
      for (std::int64_t i = 0; i < 9; ++i) p.rows[static_cast<std::size_t>(i * p.dims.depth + k)] = k ? 0x1p-27 : 1;
      for (std::int64_t j = 0; j < columns; ++j)
        p.columns[static_cast<std::size_t>(j * p.dims.depth + k)] = k ? 0x1p-26 - 0x1p-50 : 1;
    }
    const double used = most_used(p, arithmetic::recursive);
    CHECK(used <= 1);
    CHECK(used > .97);
  }
}

TEST_CASE("panels: the bound counts what a sum starts from") {
  // It starts from 1, and each addition loses all of a product of nearly u.
  auto p = of_sizes(9, 30, kernels::most_chunk_terms);
  std::fill(p.rows.begin(), p.rows.end(), 0x1p-27);
  std::fill(p.columns.begin(), p.columns.end(), 0x1p-26 - 0x1p-50);
  std::fill(p.starts.begin(), p.starts.end(), 1.0);
  const double used = most_used(p, arithmetic::recursive);
  CHECK(used <= 1);
  CHECK(used > .98);
}

TEST_CASE("panels: what joining the chunks loses is kept") {
  // 1 in the first chunk, less than u / 2 in each of 599 others: without the errors of joining all of them are lost.
  const std::int64_t chunk = kernels::most_chunk_terms;
  auto p = of_sizes(2, 3, 600 * chunk);
  for (std::int64_t k = 0; k < p.dims.depth; k += chunk) {
    for (std::int64_t i = 0; i < 2; ++i) p.rows[static_cast<std::size_t>(i * p.dims.depth + k)] = k ? 0x1p-27 : 1;
    for (std::int64_t j = 0; j < 3; ++j)
      p.columns[static_cast<std::size_t>(j * p.dims.depth + k)] = k ? 0x1p-26 - 0x1p-50 : 1;
  }
  CHECK(most_used(p, arithmetic::recursive) < .01);
}

TEST_CASE("panels: products that underflow are within the bound of compensated sums") {
  HALFULP_RANDOM(r, 403);
  double most = 0;
  for (std::int64_t n = 0; n < repeats(10); ++n) {
    auto p = of_sizes(4, 9, 500);
    for (auto* values : {&p.rows, &p.columns})
      for (double& v : *values) v = std::ldexp(1 + std::abs(r.uniform()), -static_cast<int>(r.between(505, 530)));
    most = std::max(most, most_used(p, arithmetic::compensated));
  }
  CHECK(most <= 1);
  CHECK(most > 0);  // something did underflow
}

TEST_CASE("compensated_sum: no sum is farther from the exact one than its bound") {
  HALFULP_RANDOM(r, 405);
  double most = 0;
  for (std::int64_t n = 0; n < repeats(200); ++n) {
    kernels::compensated_sum sum;
    real exact = make_real(4600), term = make_real(106);
    const int spread = static_cast<int>(r.between(0, n % 2 == 0 ? 30 : 530));
    for (std::int64_t k = r.between(0, 700); k > 0; --k) {
      const double a = std::ldexp(r.uniform(), -static_cast<int>(r.between(0, spread)));
      const double b = std::ldexp(r.uniform(), -static_cast<int>(r.between(0, spread)));
      sum.add_product(a, b);
      mpfr_set_d(raw(term), a, MPFR_RNDN);
      mpfr_mul_d(raw(term), raw(term), b, MPFR_RNDN);
      mpfr_add(raw(exact), raw(exact), raw(term), MPFR_RNDN);
    }
    sum.finish();
    mpfr_sub_d(raw(exact), raw(exact), sum.value().hi, MPFR_RNDN);
    mpfr_sub_d(raw(exact), raw(exact), sum.value().lo, MPFR_RNDN);
    const double error = std::abs(mpfr_get_d(raw(exact), MPFR_RNDA));
    CHECK(error <= sum.radius());
    CHECK(sum.radius() <= 0x1p-80 * 700);
    most = std::max(most, error);
  }
  CHECK(most > 0);
}

TEST_CASE("panels: a tile that turns to other rows has their norms") {
  HALFULP_RANDOM(r, 404);
  auto p = of_sizes(8, 5, 40);
  p.factor_of_group = 0x1p20;
  for (auto* values : {&p.rows, &p.columns})
    for (double& v : *values) v = narrow_factor(r);
  for (std::int64_t k = 4 * 40; k < 8 * 40; ++k) p.rows[static_cast<std::size_t>(k)] *= 0x1p10;
  product_tile<dense_product> tile(p);
  const auto radius_of = [&](std::int64_t group, index_interval rows) {
    tile.reset(group, {rows, {0, 5}});
    tile.multiply(arithmetic::recursive);
    return tile.radius(0, 0);
  };
  const double radius = radius_of(0, {0, 4});
  CHECK(radius_of(0, {4, 8}) > radius * 0x1p8);
  CHECK(radius_of(0, {0, 4}) == radius);
  CHECK(radius_of(1, {0, 4}) == radius * 0x1p20);
  CHECK(radius_of(0, {0, 4}) == radius);
}

TEST_CASE("panels: a tile that turns to other rows has their lowest bits") {
  auto p = of_sizes(4, 3, 10);
  for (double& v : p.rows) v = 1;
  for (double& v : p.columns) v = 1;
  for (std::size_t k = 20; k < 40; ++k) p.rows[k] = 0x1p-40;
  product_tile<dense_product> tile(p, 1 << 20);
  for (const auto& [first, lowest] : {std::pair{0, 1.}, std::pair{2, 0x1p-40}, std::pair{0, 1.}}) {
    tile.reset(0, {{first, first + 2}, {0, 3}});
    tile.multiply(arithmetic::recursive, first == 2);
    if (first == 0) find_lowest(tile);
    CHECK(tile.exactness(0).row_lowest == lowest);
    CHECK(tile.exactness(1).row_nonzeros == 10);
  }
}

TEST_CASE("panels: a sum called exact is exact, and one bit more is not called so") {
  HALFULP_RANDOM(r, 402);
  std::int64_t exact = 0;
  for (std::int64_t n = 0; n < repeats(300); ++n) {
    auto p = of_sizes(2, 3, r.between(1, 300));
    const int bits = static_cast<int>(r.between(18, 29));
    for (auto* values : {&p.rows, &p.columns, &p.starts})
      for (double& v : *values) v = std::floor(std::ldexp(r.uniform(), bits)) * 0x1p-40;
    product_tile<dense_product> tile(p);
    for (const auto how : {arithmetic::recursive, arithmetic::compensated}) {
      tile.reset(0, {{0, 2}, {0, 3}});
      tile.multiply(how);
      find_lowest(tile);
      for (std::int64_t i = 0; i < 2; ++i)
        for (std::int64_t j = 0; j < 3; ++j)
          if (is_called_exact(tile, i, j)) {
            CHECK(tile.is_exact(i, j));
            CHECK(used_of_bound(p, tile, i, j) == 0);
            ++exact;
          }
    }
  }
  CHECK(exact > repeats(300));
  // 2^53 - 1 + 1 and 2^53 + 1, in units of 1: the second needs 54 bits.
  for (const double last : {0., 1.}) {
    auto p = of_sizes(1, 1, 2);
    p.rows = {0x1p27, last};
    p.columns = {0x1p26, 1};
    product_tile<dense_product> tile(p);
    tile.reset(0, {{0, 1}, {0, 1}});
    tile.multiply(arithmetic::recursive);
    find_lowest(tile);
    INFO("2^53 + " << last);
    CHECK((used_of_bound(p, tile, 0, 0) == 0) == (last == 0));
    CHECK(is_called_exact(tile, 0, 0) == (last == 0));
  }
}

TEST_CASE("panels: a norm from squares that were rounded down is no smaller than the exact one") {
  constexpr double x = 1 + 0x1p-27;  // its square loses 2^-54
  for (const std::int64_t n : {1, 3, 1000}) {
    double squares = 0;
    for (std::int64_t k = 0; k < n; ++k) squares += x * x;
    const long double exact = std::sqrt(static_cast<long double>(n)) * (1 + 0x1p-27L);
    const double norm = kernels::norm_from_squares(squares, n, 1);
    CHECK(static_cast<long double>(norm) >= exact);
    CHECK(norm < static_cast<double>(exact) * (1 + 0x1p-40));
  }
}

}  // namespace halfulp::tests
