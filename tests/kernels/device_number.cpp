// The arithmetic that the bounds of the CUDA kernels rest on, on the host.
#include <halfulp/kernels/linalg/threefold_sum.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels::cuda;

complex_number drawn(random_source& r) {
  return {r.uniform(), r.uniform()};
}

/// What has been added up, exactly.
struct added_products {
  exact_sum<double> exact;
  double magnitudes = 0;

  /// The error of a value over its bound, of which `bound` is in proportion to the magnitudes and 2 u to the value.
  double share_of_bound(double value, double bound) const {
    exact_sum<double> off = exact;
    off.add(-value);
    return std::abs(off.template round<double>()) / (bound * magnitudes + 2 * unit_roundoff * std::abs(value));
  }
  /// The error of a sum over its bound, which is `bound` times the magnitudes.
  double share_of_bound(const compensated_number& sum, double bound) const {
    exact_sum<double> off = exact;
    off.add(-sum.high);
    off.add(-sum.low);
    return std::abs(off.template round<double>()) / (bound * magnitudes);
  }
};
/// 2 n products whose sum cancels, each handed over as add(a, x, x_low).
template <class F>
added_products cancelling_products(random_source& r, std::int64_t n, F add) {
  added_products all;
  const auto next = [&](double a, double x, double x_low) {
    add(a, x, x_low);
    all.exact.add_product(a, x);
    all.exact.add_product(a, x_low);
    all.magnitudes += std::abs(a * x);
  };
  for (std::int64_t j = 0; j < n; ++j) {
    const double a = r.uniform(), x = r.uniform(), x_low = x * unit_roundoff * r.uniform();
    next(a, x, x_low);
    next(std::nextafter(-a, 0), x, -x_low);
  }
  return all;
}

}  // namespace

TEST_CASE("device number: the magnitude of a product is at most that of its factors") {
  HALFULP_RANDOM(r, 130);
  for (std::int64_t k = 0; k < repeats(10000); ++k) {
    const complex_number a = drawn(r), b = drawn(r);
    CHECK(magnitude(multiply_add(a, b, complex_number{})) <= magnitude(a) * magnitude(b) * (1 + 0x1p-50));
    CHECK(std::hypot(a.re, a.im) <= magnitude(a) * (1 + 0x1p-50));
  }
}

TEST_CASE("device number: both parts of a reciprocal are within 4 u") {
  HALFULP_RANDOM(r, 131);
  for (std::int64_t k = 0; k < repeats(10000); ++k) {
    const complex_number z = drawn(r), w = reciprocal(z);
    const long double re = z.re, im = z.im, square = re * re + im * im;
    CHECK(std::abs(w.re - re / square) <= 4.01L * unit_roundoff * std::abs(re / square));
    CHECK(std::abs(w.im + im / square) <= 4.01L * unit_roundoff * std::abs(im / square));
  }
}

TEST_CASE("device number: compensated sums keep their bound, merged in any order") {
  HALFULP_RANDOM(r, 132);
  double worst = 0;
  for (std::int64_t k = 0; k < repeats(2000); ++k) {
    const auto n = r.between(1, 60), chunks = r.between(1, 8);
    std::vector<compensated_number> sums(static_cast<std::size_t>(chunks));
    std::vector<std::int64_t> depth(sums.size());
    const auto products = cancelling_products(r, n, [&](double a, double x, double x_low) {
      const auto c = static_cast<std::size_t>(r.between(0, chunks - 1));
      sums[c].add(a, x, x_low);
      ++depth[c];
    });
    for (std::size_t c = 1; c < sums.size(); ++c) {
      sums[0].merge(sums[c]);
      depth[0] = std::max(depth[0], depth[c]) + 1;
    }
    worst = std::max(worst, products.share_of_bound(sums[0], compensated_bound(depth[0])));
  }
  CHECK(worst > 0);  // some sum is rounded
  CHECK(worst <= 1);
}

TEST_CASE("device number: sums that are joined keep their bound, which grows with the terms alone") {
  HALFULP_RANDOM(r, 134);
  double worst = 0;
  for (std::int64_t k = 0; k < repeats(2000); ++k) {
    const auto n = r.between(1, 200), chunk = r.between(1, 20);
    compensated_number sum{};
    std::int64_t added = 0;
    const auto products = cancelling_products(r, n, [&](double a, double x, double x_low) {
      sum.add(a, x, x_low);
      if (++added % chunk == 0) sum.join();
    });
    worst = std::max(worst, products.share_of_bound(sum, joined_bound(added, chunk)));
  }
  CHECK(worst > 0);
  CHECK(worst <= 1);
  CHECK(joined_bound(4096, 17) < compensated_bound(4096) / 50);
}

TEST_CASE("device number: threefold sums keep their bound, which is nothing beside the rounding of what cancels") {
  HALFULP_RANDOM(r, 135);
  double worst = 0, worst_in_u = 0;
  for (std::int64_t k = 0; k < repeats(2000); ++k) {
    const auto n = r.between(1, 200);
    threefold_number sum{};
    std::int64_t added = 0;
    const auto products = cancelling_products(r, n, [&](double a, double x, double x_low) {
      sum.add(a, x);
      sum.add(a, x_low);
      added += 2;
    });
    worst = std::max(worst, products.share_of_bound(sum.value(), threefold_bound(added)));
    worst_in_u = std::max(worst_in_u, products.share_of_bound(sum.value(), 0));
  }
  CHECK(worst > 0);
  CHECK(worst <= 1);
  CHECK(worst_in_u <= 1);  // what cancels here is far above the third word
  CHECK(threefold_bound(512) < unit_roundoff * unit_roundoff * 1e-6);
}

TEST_CASE("device number: a sum of numbers whose high words cancel is that of the lower ones") {
  threefold_number sum{};
  sum.add(1, 1);
  sum.add(0x1p-60, 1);
  sum.add(0x1p-120, 1);
  sum.add(-1, 1);
  CHECK(sum.value() == 0x1p-60);
  sum.add(-0x1p-60, 1);
  CHECK(sum.value() == 0x1p-120);
}

TEST_CASE("device number: a complex sum is that of its parts") {
  HALFULP_RANDOM(r, 133);
  compensated_sum<complex_number> s{};
  threefold_sum<complex_number> threefold{};
  double_double_sum re, im;
  for (int k = 0; k < 40; ++k) {
    const complex_number a = drawn(r), x = drawn(r), low{x.re * 0x1p-54, x.im * 0x1p-55};
    s.add(a, x, low);
    threefold.add(a, x);
    threefold.add(a, low);
    for (const complex_number& y : {x, low}) {
      re.add_product(a.re, y.re), re.add_product(-a.im, y.im);
      im.add_product(a.re, y.im), im.add_product(a.im, y.re);
    }
  }
  CHECK(std::abs(s.part[0].high - re.value().hi + (s.part[0].low - re.value().lo)) <= 0x1p-95);
  CHECK(std::abs(s.part[1].high - im.value().hi + (s.part[1].low - im.value().lo)) <= 0x1p-95);
  CHECK(threefold.part[0].value() == re.value().hi);
  CHECK(threefold.part[1].value() == im.value().hi);
}

}  // namespace halfulp::tests
