#include <halfulp/oracle/core/sums.hpp>

#include <vector>

#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

template <class T>
struct pairs {
  std::vector<T> a, b;
};

template <class T>
pairs<T> random_pairs(random_source& r, std::int64_t n, int spread) {
  pairs<T> p;
  for (std::int64_t k = 0; k < n; ++k) {
    p.a.push_back(narrow<T>(std::ldexp(r.uniform(), static_cast<int>(r.between(-spread, spread)))));
    p.b.push_back(narrow<T>(r.uniform()));
  }
  return p;
}

/// |value - exact| / radius
template <class T, class Sum>
double share_of_radius(const pairs<T>& p, Sum sum) {
  exact_sum<T> exact;
  for (std::size_t k = 0; k < p.a.size(); ++k) {
    sum.add_product(widen(p.a[k]), widen(p.b[k]));
    exact.add_product(p.a[k], p.b[k]);
  }
  real e = make_real(4400);
  mpfr_set_d(raw(e), sum.value().hi, MPFR_RNDN);
  mpfr_add_d(raw(e), raw(e), sum.value().lo, MPFR_RNDN);
  mpfr_sub(raw(e), raw(e), raw(to_real(exact, T{})), MPFR_RNDN);
  mpfr_div_d(raw(e), raw(e), sum.radius(), MPFR_RNDU);
  return std::abs(mpfr_get_d(raw(e), MPFR_RNDU));
}

}  // namespace

TEST_CASE("a sum's radius bounds its true error, and the bound is not idle") {
  HALFULP_RANDOM(r, 31);
  double greatest[2] = {0, 0};
  for (std::int64_t k = repeats(3000); k > 0; --k) {
    const auto n = r.between(2, 60);
    greatest[0] = std::max(greatest[0], share_of_radius(random_pairs<float>(r, n, 6), binary64_sum{}));
    greatest[1] = std::max(greatest[1], share_of_radius(random_pairs<double>(r, n, 6), double_double_sum{}));
  }
  for (const double share : greatest) CHECK(share <= 1);
  CHECK(greatest[0] > 0.2);  // a radius half as large would be caught
  CHECK(greatest[1] > 0.02);
}

TEST_CASE("a sum near underflow keeps its radius") {
  HALFULP_RANDOM(r, 37);
  for (std::int64_t k = repeats(1000); k > 0; --k) {
    auto p = random_pairs<double>(r, 20, 20);
    for (auto& a : p.a) a = std::ldexp(a, -1040);
    CHECK(share_of_radius(p, double_double_sum{}) <= 1);
  }
}

TEST_CASE("interval sum: it holds the exact sum, and at enough bits is the exact sum") {
  HALFULP_RANDOM(r, 41);
  for (std::int64_t k = repeats(300); k > 0; --k) {
    const auto p = random_pairs<double>(r, r.between(1, 30), 40);
    exact_sum<double> exact;
    interval_sum rough(64), fine(2000);
    for (std::size_t j = 0; j < p.a.size(); ++j) {
      exact.add_product(p.a[j], p.b[j]);
      rough.add_product(p.a[j], p.b[j]);
      fine.add_product(p.a[j], p.b[j]);
    }
    const real want = to_real(exact, 0.0);
    CHECK(rough.value().contains(want));
    CHECK(fine.value().is_point());
    CHECK(fine.value().lo == want);
  }
}

TEST_CASE("bounds of a sum: worked out by hand") {
  magnitude_sum m;  // 3 * 4 - 1 * 11 = 1
  m.add_product(3, 4);
  m.add_product(-1, 11);
  const auto b = bounds_of(binary32_format, m, enclosure::point(to_real(1.0)));
  const double u = 0x1p-24;
  const double gamma_2 = 2 * u / (1 - 2 * u);
  CHECK(b.componentwise == Approx(gamma_2 * 23 / 0x1p-23).epsilon(1e-12));
  CHECK(b.componentwise >= gamma_2 * 23 / 0x1p-23);
  CHECK(b.normwise == Approx(gamma_2 * std::sqrt(10.0 * 137.0) / 0x1p-23).epsilon(1e-12));
  // the same in binary64 alone
  const sum_magnitudes sums{m.terms(), m.products(), m.norms()};
  const auto fast = bounds_of(binary32_format, sums, {1, 0}, 0);
  CHECK(fast.componentwise >= b.componentwise);
  CHECK(fast.componentwise <= b.componentwise * (1 + 0x1p-48));
  CHECK(fast.normwise >= b.normwise);
  CHECK(fast.normwise <= b.normwise * (1 + 0x1p-48));
  CHECK(fast.condition == Approx(b.condition).epsilon(1e-14));
  // beside a power of two, by the unit below it
  CHECK(bounds_of(binary32_format, sums, {1, 0}, 0x1p-60).componentwise >= 2 * b.componentwise);
  CHECK(b.condition >= m.products());
  CHECK(b.condition <= m.products() * (1 + 0x1p-50));
  CHECK(bounds_of(binary32_format, m, enclosure::point(to_real(0.0))).condition == INFINITY);
  CHECK(bounds_of(binary32_format, magnitude_sum{}, enclosure::point(to_real(0.0))).condition == 0);
  CHECK(bounds_of(binary32_format, m, enclosure::point(to_real(INFINITY))).normwise == INFINITY);
}

TEST_CASE("bounds of a sum: each product may lose half the smallest subnormal, in every format") {
  const auto check = [](auto tiny, const format& f, int terms) {
    magnitude_sum m;
    for (int k = 0; k < terms; ++k) m.add_product(tiny, tiny);
    const enclosure zero = enclosure::point(to_real(0.0));
    const double lost = terms / 2.0;  // smallest subnormals, the ulp of 0
    for (const ulp_bounds& b :
         {bounds_of(f, m, zero), bounds_of(f, sum_magnitudes{m.terms(), m.products(), m.norms()}, {0, 0}, 0)}) {
      CAPTURE(f.precision, terms);
      CHECK(b.componentwise >= lost);
      CHECK(b.normwise >= lost);
      CHECK(b.componentwise <= lost + 4);  // each rounding of the bound takes a smallest subnormal of binary64
    }
  };
  for (const int terms : {1, 72}) {
    check(0x1p-540, binary64_format, terms);
    check(0x1p-80f, binary32_format, terms);
  }
}

TEST_CASE("gamma: infinite where the theory ends") {
  CHECK(gamma(1 << 24, 0x1p-24) == INFINITY);
  CHECK(gamma(10, 0x1p-24) >= 10 * 0x1p-24);
}

}  // namespace halfulp::tests
