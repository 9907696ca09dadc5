// Sums over windows and over runs: where they find their elements, and whether their bounds hold.
#include <cmath>

#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include <halfulp/kernels/core/patches.hpp>
#include <halfulp/kernels/core/run_sum.hpp>
#include <halfulp/kernels/core/widen.hpp>
#include <halfulp/kernels/core/window_sums.hpp>
#include <halfulp/oracle/core/decide.hpp>
#include <halfulp/oracle/real/real.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using kernels::index_interval;

kernels::patch_axis random_axis(random_source& r, std::int64_t most_elements) {
  kernels::patch_axis axis{r.between(1, 20), r.between(1, 4), r.between(1, most_elements), 0, r.between(1, 4), 0, 1};
  axis.tap_step = r.between(0, 1) == 0 ? r.between(1, 3) : -r.between(1, 3);
  axis.origin = r.between(-6, 6);
  return axis;
}

index_interval random_interval(random_source& r, std::int64_t size) {
  const std::int64_t first = r.between(0, size - 1);
  return {first, r.between(first + 1, size)};
}

/// A single row of windows over one tap of weight 1.
kernels::window_rows single_windows(const double* sums, std::int64_t count, double radius) {
  static constexpr std::int64_t offset = 0;
  static constexpr double weight = 1;
  return {sums, count, 1, count, &offset, &weight, 1, -0.0, radius, radius, false, 0, 1, 0, count};
}

}  // namespace

TEMPLATE_TEST_CASE("patches: every tap of every position is where its offsets say", "", float16, bfloat16, float,
                   double) {
  HALFULP_RANDOM(r, 441);
  for (std::int64_t n = 0; n < repeats(200); ++n) {
    kernels::patch_grid<TestType> grid{{nullptr, 0, 0, 0, 0}, random_axis(r, 15), random_axis(r, 60)};
    const std::int64_t images = r.between(1, 3), channels = r.between(1, 4), rows = grid.rows.elements,
                       columns = grid.columns.elements;
    std::vector<TestType> x(static_cast<std::size_t>(images * channels * rows * columns));
    for (TestType& v : x) v = narrow<TestType>(r.uniform());
    const bool channels_last = r.between(0, 1) == 1;
    grid.images = {x.data(), channels * rows * columns, channels_last ? 1 : rows * columns,
                   channels_last ? columns * channels : columns, channels_last ? channels : 1};
    const auto p = random_interval(r, images * grid.positions_of_image());
    const auto t = random_interval(r, channels * grid.taps_of_channel());
    kernels::patches<TestType> patches;
    patches.load(grid, p, t);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < p.size(); ++i)
      for (std::int64_t k = 0; k < t.size(); ++k)
        wrong +=
            patches.base()[patches.position_offset[static_cast<std::size_t>(i)] +
                           patches.tap_offset[static_cast<std::size_t>(k)]] != grid.value(p.first + i, t.first + k);
    CHECK(wrong == 0);
  }
}

TEST_CASE("patches: rows with room behind them keep it") {
  constexpr std::int64_t channels = 2, rows = 3, columns = 5, row_step = 8;
  std::vector<float> x(channels * rows * columns);
  std::iota(x.begin(), x.end(), 1.0F);
  std::vector<double> out(channels * rows * row_step, -7.0);
  kernels::widen_rows<float>({x.data(), channels, rows, columns, rows * columns, columns, 1},
                             {out.data(), rows * row_step, row_step, columns, 0, 1, nullptr});
  for (std::int64_t r = 0; r < channels * rows; ++r)
    for (std::int64_t c = 0; c < row_step; ++c) {
      const double want = c < columns ? static_cast<double>(r * columns + c + 1) : -7;
      CHECK(out[static_cast<std::size_t>(r * row_step + c)] == want);
    }
}

TEST_CASE("patches: the positions called full are those whose every tap reads") {
  HALFULP_RANDOM(r, 442);
  for (std::int64_t n = 0; n < repeats(1000); ++n) {
    const auto axis = random_axis(r, 40);
    const index_interval full = axis.full();
    for (std::int64_t p = 0; p < axis.positions; ++p) {
      CHECK((p >= full.first && p < full.end) == (axis.taps_read(p) == axis.taps));
      CHECK(axis.every_tap_reads(p) == (axis.taps_read(p) == axis.taps));
    }
  }
}

TEMPLATE_TEST_CASE("windows: a radius that reaches a midpoint leaves the window, one that does not decides it", "",
                   float16, bfloat16, float) {
  const double unit = std::ldexp(1, 1 - format_of<TestType>.precision), gap = 0x1p-40;
  const std::int64_t count = 2 * kernels::panel_slack() + 1;  // whole vectors and a part of one
  std::vector<double> sums(static_cast<std::size_t>(count + kernels::panel_slack()), 1 + unit / 2 + gap);
  std::vector<TestType> y(static_cast<std::size_t>(count), zero_of<TestType>(false));
  std::vector<std::int64_t> undecided(static_cast<std::size_t>(count));
  for (const auto& [radius, left] :
       {std::pair{gap * (1 + 0x1p-20), count}, std::pair{gap * (1 - 0x1p-8), std::int64_t{0}}})
    CHECK(kernels::round_windows(single_windows(sums.data(), count, radius), y.data(), count, undecided.data()) ==
          left);
  for (const TestType v : y) CHECK(to_bits(v) == to_bits(narrow<TestType>(1 + unit)));
}

TEMPLATE_TEST_CASE("windows: a coarse radius is followed by the window's own", "", float16, bfloat16, float) {
  const double sum = 0.75;  // exact in every format, and far from its midpoints
  TestType y[1] = {};
  std::int64_t undecided[1] = {};
  auto s = single_windows(&sum, 1, INFINITY);
  std::vector<double> room(static_cast<std::size_t>(1 + kernels::panel_slack()), sum);
  s.base = room.data();
  CHECK(kernels::round_windows(s, y, 1, undecided) == 1);
  CHECK(undecided[0] == 0);
  s.bound = 0x1p-40;
  CHECK(kernels::round_windows(s, y, 1, undecided) == 0);
  CHECK(to_bits(y[0]) == to_bits(narrow<TestType>(sum)));
}

TEMPLATE_TEST_CASE("windows: a zero has its sign where its terms are known", "", float16, bfloat16, float) {
  for (const double zero : {0., -0.}) {
    std::vector<double> sums(static_cast<std::size_t>(1 + kernels::panel_slack()), zero);
    TestType y[1] = {};
    std::int64_t undecided[1] = {};
    auto s = single_windows(sums.data(), 1, 1);
    CHECK(kernels::round_windows(s, y, 1, undecided) == 0);
    CHECK(to_bits(y[0]) == to_bits(zero_of<TestType>(std::signbit(zero))));
    s.full_column_end = 0;  // all of them read padding
    CHECK(kernels::round_windows(s, y, 1, undecided) == 1);
    CHECK(undecided[0] == ~std::int64_t{0});
  }
}

TEMPLATE_TEST_CASE("run_sum: no sum is farther from the exact one than its bound", "", float16, bfloat16, float) {
  HALFULP_RANDOM(r, 443);
  double most = 0;
  for (std::int64_t n = 0; n < repeats(60); ++n) {
    kernels::run_sum<TestType> sum;
    real exact = make_real(600);
    const int spread = static_cast<int>(r.between(0, 12));
    for (std::int64_t runs = r.between(1, 4); runs > 0; --runs) {
      std::vector<TestType> x(static_cast<std::size_t>(r.between(0, 5000)));
      for (TestType& v : x) {
        v = narrow<TestType>(std::ldexp(r.uniform(), static_cast<int>(r.between(-spread, spread))));
        mpfr_add_d(raw(exact), raw(exact), widen(v), MPFR_RNDN);
      }
      sum.add(x.data(), static_cast<std::int64_t>(x.size()));
    }
    const double magnitude = sum.radius();
    mpfr_sub_d(raw(exact), raw(exact), sum.value().hi, MPFR_RNDN);
    mpfr_sub_d(raw(exact), raw(exact), sum.value().lo, MPFR_RNDN);
    const double error = std::abs(mpfr_get_d(raw(exact), MPFR_RNDA));
    CHECK(error <= sum.radius());
    if (magnitude > 0) most = std::max(most, error / magnitude);
  }
  if (format_of<TestType>.precision == 24) CHECK(most > 0);  // something was rounded
}

TEST_CASE("run_sum: what joining its parts loses is kept") {
  // 1 first, and in each later block a sum of less than u / 2.
  std::vector<float> x(1 << 20, 0.f);
  for (std::size_t k = 0; k < x.size(); k += 4096) x[k] = k == 0 ? 1.f : 0x1p-54f;
  kernels::run_sum<float> sum;
  sum.add(x.data(), static_cast<std::int64_t>(x.size()));
  CHECK(sum.value().hi + sum.value().lo >= 1 + 0x1p-54 * 250);
  CHECK(sum.value().lo != 0);
}

TEMPLATE_TEST_CASE("add_short_runs: no sum is farther from the exact one than the bound by its magnitudes", "", float16,
                   bfloat16, float) {
  HALFULP_RANDOM(r, 444);
  const double bound = gamma(kernels::short_run_additions + 3, unit_roundoff);
  for (std::int64_t n = 0; n < repeats(60); ++n) {
    const std::int64_t terms = r.between(1, n % 3 == 0 ? kernels::most_short_run : 70), count = r.between(1, 20);
    std::vector<double> sums(static_cast<std::size_t>(count)), magnitudes(sums);
    std::vector<real> exact(sums.size(), make_real(600)), magnitude(exact);
    for (std::int64_t calls = r.between(1, 3); calls > 0; --calls) {
      std::vector<TestType> x(static_cast<std::size_t>(terms * count));
      for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] = narrow<TestType>(std::ldexp(r.uniform(), static_cast<int>(r.between(-12, 12))));
        const std::size_t run = k / static_cast<std::size_t>(terms);
        mpfr_add_d(raw(exact[run]), raw(exact[run]), widen(x[k]), MPFR_RNDN);
        mpfr_add_d(raw(magnitude[run]), raw(magnitude[run]), std::abs(widen(x[k])), MPFR_RNDN);
      }
      kernels::add_short_runs(x.data(), terms, count, sums.data(), magnitudes.data());
    }
    for (std::size_t k = 0; k < sums.size(); ++k) {
      mpfr_sub_d(raw(exact[k]), raw(exact[k]), sums[k], MPFR_RNDN);
      const double error = std::abs(mpfr_get_d(raw(exact[k]), MPFR_RNDA)),
                   true_magnitude = mpfr_get_d(raw(magnitude[k]), MPFR_RNDD);
      CHECK(error <= bound * true_magnitude);
      CHECK(magnitudes[k] >= true_magnitude * (1 - 0x1p-40));
    }
  }
}

}  // namespace halfulp::tests
