#include <bit>
#include <cmath>

#include <catch2/catch.hpp>

#include <halfulp/kernels/core/aligned.hpp>
#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/panel.hpp>
#include <halfulp/kernels/core/widen.hpp>
#include <halfulp/oracle/real/enclosure.hpp>
#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

/// [high + low - radius, high + low + radius] by MPFR, for finite numbers.
enclosure exact_enclosure(double high, double low, double radius) {
  real middle = make_real(2200), wide = make_real(53);
  mpfr_set_d(raw(middle), high, MPFR_RNDN);
  mpfr_add_d(raw(middle), raw(middle), low, MPFR_RNDN);
  mpfr_set_d(raw(wide), radius, MPFR_RNDN);
  return enclosure::around(middle, wide, 2200);
}

/// A number near one that T can hardly round: a midpoint, a power of two, the ends of the range, or anything.
template <class T>
double near_boundary(random_source& r) {
  constexpr format f = format_of<T>;
  const int low = f.e_min - f.precision - 1, span = f.bits == 64 ? 900 : f.e_max;
  const int e = r.between(0, 3) == 0 ? low + static_cast<int>(r.between(0, f.precision + 3))
                                     : static_cast<int>(r.between(f.bits == 64 ? -span : low, span));
  const double significand = 1 + std::ldexp(static_cast<double>(r.bits() >> (64 - f.precision)), -f.precision);
  const double largest = std::ldexp(2 - std::ldexp(1, -f.precision), f.e_max);
  const double middle = r.between(0, 9) == 0 ? largest : std::ldexp(r.between(0, 4) == 0 ? 1 : significand, e);
  return (r.between(0, 1) == 0 ? -1 : 1) * middle * (1 + 0x1p-52 * static_cast<double>(r.between(-2, 2)));
}

}  // namespace

TEMPLATE_TEST_CASE("decide_row: what it decides, MPFR decides, and the same", "", float16, bfloat16, float, double) {
  HALFULP_RANDOM(r, 411);
  std::int64_t decided = 0;
  for (std::int64_t n = 0; n < repeats(600); ++n) {
    const std::int64_t count = r.between(1, 40), width = kernels::padded_columns(count);
    std::vector<double> high(static_cast<std::size_t>(width)), low(high), norm(high);
    for (std::size_t j = 0; j < high.size(); ++j) {
      high[j] = r.between(0, 20) == 0 ? 0 : near_boundary<TestType>(r);
      low[j] = high[j] * std::ldexp(r.uniform(), -static_cast<int>(r.between(50, 70)));
      norm[j] = std::abs(high[j]) * std::ldexp(1, -static_cast<int>(r.between(45, 110)));
    }
    std::vector<TestType> y(high.size());
    std::vector<std::int32_t> undecided(high.size());
    const std::int64_t left =
        kernels::decide_row({high.data(), low.data(), norm.data(), count, 1, 0x1p-1074}, y.data(), undecided.data());
    std::size_t next = 0;
    for (std::size_t j = 0; j < static_cast<std::size_t>(count); ++j) {
      if (next < static_cast<std::size_t>(left) && undecided[next] == static_cast<std::int32_t>(j)) {
        ++next;
        continue;
      }
      const auto want = decide<TestType>(exact_enclosure(high[j], low[j], norm[j]));
      INFO(high[j] << " + " << low[j] << " +- " << norm[j]);
      REQUIRE(want.decided());
      CHECK(to_bits(want.value()) == to_bits(y[j]));
      ++decided;
    }
  }
  CHECK(decided > repeats(600) * 2);
}

TEMPLATE_TEST_CASE("decide_row: what it decides of rows far from overflow, MPFR decides, and the same", "", float16,
                   bfloat16, float) {
  HALFULP_RANDOM(r, 413);
  constexpr double most = std::bit_cast<double>(to_bits(1.0) + (std::uint64_t{format_of<TestType>.e_max - 1} << 52));
  std::int64_t decided = 0, by_others = 0;
  for (std::int64_t n = 0; n < repeats(600); ++n) {
    const std::int64_t count = r.between(1, 40);
    std::vector<double> high(static_cast<std::size_t>(kernels::padded_columns(count))), norm(high);
    for (std::size_t j = 0; j < high.size(); ++j) {
      high[j] = near_boundary<TestType>(r);
      while (n % 4 != 0 && std::abs(high[j]) >= most) high[j] *= 0.125;
      norm[j] = std::abs(high[j]) * (1 + std::abs(r.uniform()));
    }
    const double bound = std::ldexp(1 + std::abs(r.uniform()), -static_cast<int>(r.between(30, 48)));
    const double largest = kernels::largest(norm.data(), static_cast<std::int64_t>(norm.size()));
    std::vector<TestType> y(high.size()), other(high.size());
    std::vector<std::int32_t> undecided(high.size());
    by_others += count - kernels::decide_row({high.data(), nullptr, norm.data(), count, bound, 0}, other.data(),
                                             undecided.data());
    const std::int64_t left = kernels::decide_row({high.data(), nullptr, norm.data(), count, bound, 0, 1, 0, largest},
                                                  y.data(), undecided.data());
    std::size_t next = 0;
    for (std::size_t j = 0; j < static_cast<std::size_t>(count); ++j) {
      if (next < static_cast<std::size_t>(left) && undecided[next] == static_cast<std::int32_t>(j)) {
        ++next;
        continue;
      }
      const auto want = decide<TestType>(exact_enclosure(high[j], 0, bound * norm[j]));
      INFO(high[j] << " +- " << bound * norm[j]);
      REQUIRE(want.decided());
      CHECK(to_bits(want.value()) == to_bits(y[j]));
      ++decided;
    }
  }
  CHECK(decided > repeats(600) * 2);
  CHECK(static_cast<double>(decided) > 0.9 * static_cast<double>(by_others));
}

TEMPLATE_TEST_CASE("decide_row: zeros without a proof and sums of NaN are left, of rows far from overflow as well", "",
                   float16, bfloat16, float) {
  const std::int64_t width = kernels::padded_columns(8);
  const std::vector<double> zeros(static_cast<std::size_t>(width), 0.0), negative(zeros.size(), -0.0),
      nan(zeros.size(), NAN), infinite(zeros.size(), INFINITY);
  std::vector<TestType> y(zeros.size());
  std::vector<std::int32_t> undecided(zeros.size());
  const auto left = [&](const std::vector<double>& high, const std::vector<double>& norm, double row_norm) {
    return kernels::decide_row({high.data(), nullptr, norm.data(), 8, 0x1p-45 * row_norm, 0, row_norm, 0,
                                kernels::largest(norm.data(), width)},
                               y.data(), undecided.data());
  };
  CHECK(left(zeros, zeros, 1) == 8);
  CHECK(left(negative, zeros, 0) == 8);
  CHECK(left(nan, nan, 1) == 8);
  CHECK(left(nan, infinite, 1) == 8);
  CHECK(left(nan, zeros, NAN) == 8);
}

TEMPLATE_TEST_CASE("decide_row: a radius that just reaches a midpoint does not decide, one that just does not does", "",
                   float16, bfloat16, float) {
  constexpr format f = format_of<TestType>;
  const double unit = std::ldexp(1, 1 - f.precision), gap = 0x1p-40;  // around 1 + unit / 2 + gap
  const double high[8] = {1 + unit / 2 + gap}, low[8] = {};
  TestType y[64];
  std::int32_t undecided[64];
  for (const auto& [radius, left] : {std::pair{gap * (1 + 0x1p-20), 1}, std::pair{gap * (1 - 0x1p-8), 0}}) {
    const double norm[8] = {radius};
    CHECK(kernels::decide_row({high, low, norm, 1, 1, 0}, y, undecided) == left);
  }
  CHECK(to_bits(y[0]) == to_bits(narrow<TestType>(1 + unit)));
}

TEMPLATE_TEST_CASE("decide_row: below a power of two a midpoint is half as far as above it", "", float16, bfloat16,
                   float) {
  const double quarter = std::ldexp(1, -1 - format_of<TestType>.precision), high[8] = {1}, low[8] = {};
  TestType y[64];
  std::int32_t undecided[64];
  for (const auto& [radius, left] : {std::pair{1.25 * quarter, 1}, std::pair{0.75 * quarter, 0}}) {
    const double norm[8] = {radius};
    CHECK(kernels::decide_row({high, low, norm, 1, 1, 0}, y, undecided) == left);
  }
  CHECK(to_bits(y[0]) == to_bits(narrow<TestType>(1)));
}

TEMPLATE_TEST_CASE("widen_run: every encoding, exactly", "", float16, bfloat16) {
  std::vector<TestType> x(65536);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = from_bits<TestType>(static_cast<std::uint16_t>(k));
  std::vector<double> wide(x.size());
  kernels::widen_run(x.data(), 1, static_cast<std::int64_t>(x.size()), wide.data());
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double want = widen(x[k]);
    if (std::isnan(want) ? !std::isnan(wide[k]) : to_bits(want) != to_bits(wide[k])) FAIL("encoding " << k);
  }
}

TEST_CASE("panels: lowest set bits and sums of squares are those of the columns") {
  HALFULP_RANDOM(r, 412);
  for (std::int64_t n = 0; n < repeats(50); ++n) {
    const std::int64_t count = r.between(1, kernels::panel_width()), depth = r.between(1, 20);
    std::vector<double> values(static_cast<std::size_t>(count * depth + 2 * kernels::panel_slack()));
    for (double& v : values)
      v = r.between(0, 3) == 0
              ? 0
              : std::ldexp(std::floor(std::ldexp(r.uniform(), 12)), static_cast<int>(r.between(-40, 40)));
    std::vector<std::int64_t> row, column;
    for (std::int64_t k = 0; k < depth; ++k) row.push_back(kernels::panel_slack() + k * count);
    for (std::int64_t j = 0; j < count; ++j) column.push_back(j);
    std::swap(column[0], column[static_cast<std::size_t>(r.between(0, count - 1))]);  // not all one run
    kernels::aligned_array panel, lowest, squares, nonzeros;
    panel.resize(kernels::padded_columns(count) * depth);
    lowest.assign(kernels::padded_columns(count), INFINITY);
    squares.assign(kernels::padded_columns(count), 0);
    nonzeros.assign(kernels::padded_columns(count), 0);
    const double scale = n % 2 == 0 ? 1 : 0x1p-3;
    kernels::pack_panel({values.data(), row.data(), depth, column.data(), count}, panel.data(), scale, squares.data());
    kernels::find_lowest_bits(panel.data(), count, depth, lowest.data(), nonzeros.data());
    for (std::int64_t j = 0; j < count; ++j) {
      double bit = INFINITY, sum = 0, not_zero = 0;
      for (std::int64_t k = 0; k < depth; ++k) {
        const double v =
            values[static_cast<std::size_t>(row[static_cast<std::size_t>(k)] + column[static_cast<std::size_t>(j)])];
        for (double b = 0x1p-60; v != 0 && b < bit; b *= 2)
          if (std::fmod(v, 2 * b) != 0) bit = b;
        sum += v * v * scale * scale;
        not_zero += v != 0;
      }
      CHECK(lowest[j] == bit);
      CHECK(nonzeros[j] == not_zero);
      CHECK(squares[j] == Approx(sum).epsilon(1e-12));
    }
  }
}

TEMPLATE_TEST_CASE("decide_row: nothing behind the last column is written", "", float16, bfloat16, float, double) {
  const std::int64_t width = kernels::padded_columns(20);
  const std::vector<double> high(static_cast<std::size_t>(width), 0.75), norm(high.size(), 0.0);
  for (std::int64_t count = 1; count <= 20; ++count) {
    std::vector<TestType> y(high.size(), narrow<TestType>(3.0));
    std::vector<std::int32_t> undecided(high.size());
    CHECK(kernels::decide_row({high.data(), nullptr, norm.data(), count, 1, 0}, y.data(), undecided.data()) == 0);
    for (std::int64_t j = 0; j < width; ++j) CHECK(widen(y[static_cast<std::size_t>(j)]) == (j < count ? 0.75 : 3.0));
  }
}

TEST_CASE("panels: columns are dealt out in whole vectors, no panel one more than another") {
  const std::int64_t lanes = kernels::padded_columns(1);
  for (std::int64_t n = 1; n < 20 * lanes; ++n) {
    std::int64_t least = n, most = 0;
    for (std::int64_t left = n; left > 0;) {
      const std::int64_t columns = kernels::next_panel_columns(left);
      REQUIRE((columns == left || (columns > 0 && columns < left && columns % lanes == 0)));
      least = std::min(least, kernels::padded_columns(columns) / lanes);
      most = std::max(most, kernels::padded_columns(columns) / lanes);
      left -= columns;
    }
    CHECK(most - least <= 1);
    CHECK(most * lanes <= kernels::panel_width());
  }
}

TEST_CASE("norms_from_squares: the same for every element") {
  for (std::int64_t count = 1; count < 40; ++count) {
    std::vector<double> norms;
    for (std::int64_t k = 0; k < count; ++k) norms.push_back(std::ldexp(1.1, static_cast<int>(17 * k)));
    const auto squares = norms;
    kernels::norms_from_squares(norms.data(), count, 1000, 0x1p-3);
    for (std::size_t k = 0; k < norms.size(); ++k)
      CHECK(norms[k] == kernels::norm_from_squares(squares[k], 1000, 0x1p-3));
  }
}

TEST_CASE("largest: of all numbers, and no number where one is none") {
  for (std::size_t n = 1; n < 40; ++n)
    for (std::size_t at = 0; at < n; ++at) {
      std::vector<double> x(n, 0.5);
      x[at] = 2;
      CHECK(kernels::largest(x.data(), static_cast<std::int64_t>(n)) == 2);
      for (const double none : {NAN, INFINITY}) {
        x[at] = none;
        CHECK(!std::isfinite(kernels::largest(x.data(), static_cast<std::int64_t>(n))));
      }
    }
}

TEST_CASE("largest_finite: of all numbers, wherever the largest stands") {
  std::vector<double> x;
  CHECK(kernels::largest_finite(x.data(), 0) == 0);
  for (std::size_t n = 1; n < 40; ++n)
    for (std::size_t at = 0; at < n; ++at) {
      x.assign(n, 0x1p-1074);
      if (at > 0) x[0] = at % 2 == 0 ? INFINITY : NAN;
      x[at] = at % 3 == 0 ? -3.0 : 3.0;
      CHECK(kernels::largest_finite(x.data(), static_cast<std::int64_t>(n)) == 3);
    }
}

}  // namespace halfulp::tests
