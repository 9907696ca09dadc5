#include <cmath>
#include <complex>

#include <catch2/catch.hpp>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/oracle/linalg/balance.hpp>
#include <halfulp/oracle/linalg/distinct_roots.hpp>
#include <halfulp/oracle/linalg/eigenvalue_discs.hpp>
#include <halfulp/oracle/linalg/general_eigenvalues.hpp>
#include <halfulp/oracle/linalg/isolation.hpp>
#include <halfulp/oracle/linalg/twofold_product.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using linalg::component;
using linalg::distinct_roots;
using linalg::eigenvalue_disc;
using linalg::square_matrix;

/// Rows for diagonal entries and one bound for every other entry.
linalg::gershgorin_rows<double> rows_of(const std::vector<double>& diagonal, double coupling, double overlap) {
  const std::size_t n = diagonal.size();
  linalg::gershgorin_rows<double> r{static_cast<int>(n),         std::vector<double>(n * n), {},
                                    std::vector<double>(n, 0.0), std::vector<double>(n * n), 0};
  if (overlap > 0) r.overlap.resize(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j) continue;
      r.coupling[i * n + j] = coupling;
      if (overlap > 0) r.overlap[i * n + j] = overlap;
      r.distance[i * n + j] = std::abs(diagonal[i] - diagonal[j]);
    }
  return r;
}

eigenvalue_disc disc(double re, double im, double radius, int count = 1) {
  return {to_real(re), to_real(im), to_real(radius), count, to_real(re), to_real(im), im == 0};
}

linalg::integer_matrix integers(int n, const std::vector<double>& row_major) {
  square_matrix a{n, std::vector<double>(row_major.size()), {}};
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a.real[a.at(i, j)] = row_major[static_cast<std::size_t>(i * n + j)];
  return linalg::exact_integers(a);
}

double as_double(const real& x) {
  return mpfr_get_d(raw(x), MPFR_RNDN);
}

}  // namespace

TEST_CASE("isolation: discs hold the eigenvalues of the worst matrix, single ones to second order") {
  // [[0, e], [e, d]] has the eigenvalues d / 2 -+ sqrt(d^2 / 4 + e^2)
  for (const double e : {0.6, 0.01, 1e-6}) {
    const auto rows = rows_of({0, 1}, e, 0);
    const auto c = linalg::isolation(rows).clusters();
    REQUIRE(c.size() == (e > 0.5 ? 1 : 2));
    const double moved = std::sqrt(0.25 + e * e) - 0.5;
    for (const auto& k : c) {
      if (c.size() == 2) CHECK(k.radius >= moved);
      if (c.size() == 2) CHECK(k.radius <= 5 * e * e);
    }
  }
}

TEST_CASE("isolation: an overlap widens discs, and rows that cannot be told apart are one cluster") {
  // [[0, e], [e, 1]] - l [[1, f], [f, 1]]: the product of the roots is -e^2 / (1 - f^2)
  const double e = 0.05, f = 0.4;
  const auto c = linalg::isolation(rows_of({0, 3}, e, f)).clusters();
  REQUIRE(c.size() == 2);
  const auto without = linalg::isolation(rows_of({0, 3}, e, 0)).clusters();
  CHECK(c[0].radius > without[0].radius * 1.02);
  // [[0, e], [e, 0]] - l [[1, -f], [-f, 1]] has the root e / (1 - f)
  const auto both = linalg::isolation(rows_of({0, 0}, 0.1, 0.5)).clusters();
  REQUIRE(both.size() == 1);
  CHECK(both[0].radius >= 0.2);
  const auto near = linalg::isolation(rows_of({0, 0x1p-30, 5}, 0x1p-20, 0)).clusters();
  REQUIRE(near.size() == 2);
  CHECK(near[0].members == std::vector<int>{0, 1});
  CHECK(near[0].radius >= 0x1p-20 - 0x1p-31);
  CHECK(linalg::isolation(rows_of({0, 1}, 0.1, 1)).clusters().empty());
}

TEST_CASE("isolation: each disc holds as many eigenvalues as it says, of random matrices that barely separate") {
  HALFULP_RANDOM(r, 409);
  int separate = 0;
  for (std::int64_t times = repeats(3000); times > 0; --times) {
    const int n = static_cast<int>(r.between(2, 4));
    square_matrix a{n, std::vector<double>(static_cast<std::size_t>(n * n)), {}};
    std::vector<double> diagonal;
    for (int i = 0; i < n; ++i) diagonal.push_back(static_cast<double>(r.between(-8, 8)) / 8);
    auto rows = rows_of(diagonal, 0, 0);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        const double x = std::ldexp(r.between(0, 1) == 0 ? 1.0 : -1.0, -static_cast<int>(r.between(0, 7)));
        a.real[a.at(i, j)] = i == j ? diagonal[static_cast<std::size_t>(i)] : x;
        if (i != j) rows.coupling[rows.at(i, j)] = std::abs(x);
      }
    const auto values = linalg::general_eigenvalues<double>(a, linalg::question::rounding);
    const auto clusters = linalg::isolation(rows).clusters();
    separate += clusters.size() > 1;
    for (const auto& c : clusters) {
      const auto inside = std::count_if(values.begin(), values.end(), [&](const auto& v) {
        return std::hypot(v.re.rounded - diagonal[static_cast<std::size_t>(c.centre)], v.im.rounded) <= c.radius;
      });
      CHECK(inside == std::ssize(c.members));
    }
  }
  CHECK(separate > 0);
}

TEST_CASE("isolation: known spectra lie in the discs of their matrices") {
  HALFULP_RANDOM(r, 401);
  for (std::int64_t times = repeats(100); times > 0; --times) {
    const auto a = gallery::prescribed<double>(gallery::general_spectrum::distinct, 6, r.bits());
    const auto discs = linalg::discs_in_binary64(linalg::balanced(a.matrix));
    const auto b = linalg::balanced(a.matrix);
    for (const auto& d : discs) {
      int inside = 0;
      for (const auto& z : a.rounded) {
        const double re = std::ldexp(z.real(), -b.shift) - as_double(d.re);
        const double im = std::ldexp(z.imag(), -b.shift) - as_double(d.im);
        inside += std::hypot(re, im) <= as_double(d.radius) + 0x1p-50;
      }
      CHECK(inside >= d.count);
    }
  }
}

TEST_CASE("twofold product: within its bound of the exact product, which reaches below binary64") {
  HALFULP_RANDOM(r, 403);
  for (const int n : {1, 2, 7, 33}) {
    const auto size = static_cast<std::size_t>(n);
    std::vector<double> a, x;
    for (std::size_t k = 0; k < size * size; ++k) {
      a.push_back(static_cast<double>(r.bits() >> 11) * 0x1p-53);  // all of one sign: sums as large as can be
      x.push_back(static_cast<double>(r.bits() >> 11) * 0x1p-53);
    }
    linalg::twofold_product p(n);
    p.add(a, x, 1);
    const double factor = linalg::twofold_product::error_factor(n);
    CHECK(factor < 0x1p-80 * n * n);
    const auto rows = linalg::row_scales(n, a), columns = linalg::column_scales(n, x);
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) {
        real sum = make_real(256);
        for (std::size_t k = 0; k < size; ++k) {
          real t = make_real(128);
          mpfr_mul(raw(t), raw(to_real(a[k * size + i])), raw(to_real(x[j * size + k])), MPFR_RNDN);
          mpfr_add(raw(sum), raw(sum), raw(t), MPFR_RNDN);
        }
        const double_double got = p.value()[j * size + i];
        mpfr_sub_d(raw(sum), raw(sum), got.hi, MPFR_RNDN);
        mpfr_sub_d(raw(sum), raw(sum), got.lo, MPFR_RNDN);
        CHECK(std::abs(as_double(sum)) <= factor * rows[i] * columns[j]);
      }
  }
}

TEST_CASE("balancing: a similarity, exact or said not to be, with rows and columns alike") {
  const square_matrix wide{2, {1, 1e-300, 1e300, 1}, {}};
  const auto b = linalg::balanced(wide);
  CHECK(b.exact);
  CHECK(std::abs(std::log2(b.matrix.real[1] / b.matrix.real[2])) <= 2);
  const auto at = [&](int i, int j) {
    return std::ldexp(b.matrix.real[b.matrix.at(i, j)],
                      b.shift + b.exponents[static_cast<std::size_t>(i)] - b.exponents[static_cast<std::size_t>(j)]);
  };
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) CHECK(at(i, j) == wide.real[wide.at(i, j)]);
  CHECK_FALSE(linalg::balanced({2, {0x1p-1000, 1, 1, 0x1p1000}, {}}).exact);
}

TEST_CASE("strong components: rows that reach each other, whatever their order") {
  const auto of = [](int n, const std::vector<std::pair<int, int>>& edges) {
    square_matrix a{n, std::vector<double>(static_cast<std::size_t>(n * n)), {}};
    for (const auto& [i, j] : edges) a.real[a.at(i, j)] = 1;
    auto all = linalg::strong_components(a);
    std::sort(all.begin(), all.end());
    return all;
  };
  using blocks = std::vector<std::vector<int>>;
  CHECK(of(3, {{0, 1}, {1, 2}}) == blocks{{0}, {1}, {2}});
  CHECK(of(4, {{0, 2}, {2, 0}, {2, 1}, {1, 3}, {3, 1}}) == blocks{{0, 2}, {1, 3}});
  CHECK(of(3, {{0, 1}, {1, 2}, {2, 0}}) == blocks{{0, 1, 2}});
}

TEST_CASE("distinct roots: as many as the square-free polynomial has, each near the point that Newton finds") {
  const distinct_roots r(integers(4, {2, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0}));  // 2 twice, i, -i
  CHECK(r.count() == 3);
  for (const auto& [re, im] : {std::pair{2.1, 0.1}, std::pair{0.1, 0.9}, std::pair{1.0, 0.5}}) {
    const auto near = r.near(to_real(re), to_real(im), 64);
    REQUIRE(near);
    const double nearest = std::min({std::hypot(re - 2, im), std::hypot(re, im - 1), std::hypot(re, im + 1)});
    CHECK(as_double(near->radius) >= nearest);
  }
  // of x^9 - 1 far out, the step to the nearest root falls short of it by almost a factor 9
  std::vector<double> cycle(81);
  for (std::size_t k = 0; k < 9; ++k) cycle[k * 9 + (k + 1) % 9] = 1;
  const auto far = distinct_roots(integers(9, cycle)).near(to_real(8.0), to_real(0.0), 64);
  REQUIRE(far);
  CHECK(as_double(far->radius) >= 7);
}

TEST_CASE("distinct roots: discs hold one each where they and their mirror images are as many groups") {
  const distinct_roots r(integers(3, {2, 0, 0, 0, 0, -1, 0, 1, 0}));  // 2, i, -i
  CHECK(linalg::each_holds_one({disc(2, 0, 0.1), disc(0, 1, 0.1), disc(0, -1, 0.1)}, r));
  CHECK_FALSE(linalg::each_holds_one({disc(2, 0, 0.1), disc(0, 0, 1.5, 2)}, r));
  CHECK(linalg::each_holds_one({disc(2, 0, 0.1), disc(0, 1, 0.1, 2)}, r));  // of a complex matrix, say
  const distinct_roots pair(integers(2, {0, 1, 1, 0}));                     // 1, -1
  CHECK_FALSE(linalg::each_holds_one({disc(0, 0, 2, 2)}, pair));
  CHECK_FALSE(linalg::each_holds_one({disc(1, 0.5, 0.1), disc(-1, 0, 0.1)}, pair));  // three groups
}

TEST_CASE("distinct roots: a part is exactly on a line, or is not") {
  // 1 + 2 i, 1 - 2 i and 3
  const distinct_roots r(integers(3, {1, -2, 0, 2, 1, 0, 0, 0, 3}));
  const auto around = disc(1, 2, 0.25);
  CHECK(r.near(to_real(1.0), to_real(2.0), 64));
  auto on = [&](component which, double c, double other, const eigenvalue_disc& d) {
    distinct_roots copy = r;
    return copy.on_line(which, to_real(c), to_real(other), d).has_value();
  };
  CHECK(on(component::real_part, 1, 2, around));
  CHECK(on(component::real_part, 1, 2.001, around));
  CHECK(on(component::imaginary_part, 2, 1, around));
  CHECK(on(component::imaginary_part, 2, 0.999, around));
  CHECK_FALSE(on(component::real_part, 1 + 0x1p-20, 2, around));
  CHECK_FALSE(on(component::imaginary_part, 2 + 0x1p-20, 1, around));
  CHECK_FALSE(on(component::imaginary_part, -2, 1, around));  // there is a root, but not in the disc
  CHECK_FALSE(on(component::real_part, 1, -2, around));
  CHECK(on(component::imaginary_part, 0, 3.001, disc(3, 0, 0.25)));
  CHECK(on(component::real_part, 3, 0, disc(3, 0, 0.25)));
  // of x^2 + x + 1 both roots have the real part -1/2, and none the imaginary part 1
  distinct_roots third(integers(2, {0, -1, 1, -1}));
  const double height = std::sqrt(3.0) / 2;
  CHECK(third.on_line(component::real_part, to_real(-0.5), to_real(height), disc(-0.5, height, 0.1)));
  CHECK_FALSE(third.on_line(component::imaginary_part, to_real(height), to_real(-0.5), disc(-0.5, height, 0.1)));
  // where one part of F vanishes and the other does not: x^2 - 2 x + 2 - ... at Re = 1 has its parts 1 - y^2 and 0
  distinct_roots shear(integers(3, {0, 0, -2, 1, 0, 0, 0, 1, 0}));  // x^3 = -2
  const double radius = std::cbrt(2.0);
  CHECK_FALSE(
      shear.on_line(component::real_part, to_real(0.625), to_real(1.09), disc(radius / 2, radius * height, 0.1)));
  CHECK_FALSE(shear.on_line(component::imaginary_part, to_real(1.09375), to_real(0.63),
                            disc(radius / 2, radius * height, 0.1)));
}

}  // namespace halfulp::tests
