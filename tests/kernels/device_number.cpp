// The arithmetic that the bounds of the CUDA kernels rest on, on the host.
#include <halfulp/kernels/linalg/device_number.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <halfulp/oracle/core/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace kernels::cuda;

complex_number drawn(random_source& r) {
  return {r.uniform(), r.uniform()};
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

/// n products whose sum cancels, in chunks that are merged: against double-double, within the bound of compensated_number.
TEST_CASE("device number: compensated sums keep their bound, merged in any order") {
  HALFULP_RANDOM(r, 132);
  double worst = 0;
  for (std::int64_t k = 0; k < repeats(2000); ++k) {
    const auto n = r.between(1, 60), chunks = r.between(1, 8);
    std::vector<compensated_number> sums(static_cast<std::size_t>(chunks));
    double_double_sum exact;
    double magnitudes = 0;
    const auto add = [&](double a, double x, double x_low) {
      sums[static_cast<std::size_t>(r.between(0, chunks - 1))].add(a, x, x_low);
      exact.add_product(a, x);
      exact.add_product(a, x_low);
      magnitudes += std::abs(a * x);
    };
    for (std::int64_t j = 0; j < n; ++j) {
      const double a = r.uniform(), x = r.uniform(), x_low = x * unit_roundoff * r.uniform();
      add(a, x, x_low);
      add(std::nextafter(-a, 0), x, -x_low);
    }
    for (std::size_t c = 1; c < sums.size(); ++c) sums[0].merge(sums[c]);
    const double_double got = two_sum(sums[0].high, sums[0].low), want = exact.value();
    const double off = std::abs(halfulp::add(got, double_double{-want.hi, -want.lo}).hi);
    const auto roundings = 6 * n + 2 * chunks;
    const double bound = unit_roundoff * std::abs(want.hi) +
                         gamma(roundings, unit_roundoff) * gamma(2 * n + 4, unit_roundoff) * magnitudes +
                         exact.radius();
    CHECK(off <= bound);
    worst = std::max(worst, off / bound);
  }
  CHECK(worst > 0);  // some sum is rounded
}

TEST_CASE("device number: a complex sum is that of its parts") {
  HALFULP_RANDOM(r, 133);
  compensated_sum<complex_number> s{};
  double_double_sum re, im;
  for (int k = 0; k < 40; ++k) {
    const complex_number a = drawn(r), x = drawn(r), low{x.re * 0x1p-54, x.im * 0x1p-55};
    s.add(a, x, low);
    for (const complex_number& y : {x, low}) {
      re.add_product(a.re, y.re), re.add_product(-a.im, y.im);
      im.add_product(a.re, y.im), im.add_product(a.im, y.re);
    }
  }
  CHECK(std::abs(s.part[0].high - re.value().hi + (s.part[0].low - re.value().lo)) <= 0x1p-95);
  CHECK(std::abs(s.part[1].high - im.value().hi + (s.part[1].low - im.value().lo)) <= 0x1p-95);
}

}  // namespace halfulp::tests
