// The certificate of the eigvals kernel against true eigenvalues, from good vectors and from bad ones.
#include <catch2/catch.hpp>

#include <complex>
#include <numeric>

#include <halfulp/analysis/cases/gallery/general.hpp>
#include <halfulp/kernels/linalg/general_certificate.hpp>
#include <halfulp/kernels/linalg/power_balance.hpp>
#include <halfulp/oracle/linalg/general_eigenvalues.hpp>

#include "random.hpp"

namespace halfulp::tests {
namespace {

using namespace halfulp::kernels::linalg;
using gallery::general_kind;
using halfulp::linalg::square_matrix;
using c128 = std::complex<double>;

std::vector<double> entries(const square_matrix& a, double) {
  return a.real;
}
std::vector<c128> entries(const square_matrix& a, c128) {
  std::vector<c128> z;
  for (std::size_t k = 0; k < a.real.size(); ++k) z.emplace_back(a.real[k], a.imaginary[k]);
  return z;
}

double_double middle_of(const enclosure& e) {
  const double hi = mpfr_get_d(raw(e.lo), MPFR_RNDN);
  real rest = e.lo;
  mpfr_sub_d(raw(rest), raw(rest), hi, MPFR_RNDN);
  return {hi, mpfr_get_d(raw(rest), MPFR_RNDN)};
}

std::vector<certified_eigenvalue> true_eigenvalues(const square_matrix& a) {
  std::vector<certified_eigenvalue> all;
  for (const auto& v : halfulp::linalg::general_eigenvalues<double>(a, halfulp::linalg::question::error))
    all.push_back({middle_of(v.re.range), middle_of(v.im.range)});
  return all;
}

double distance(const certified_eigenvalue& x, const certified_eigenvalue& y) {
  const double re = add(x.re, {-y.re.hi, -y.re.lo}).hi, im = add(x.im, {-y.im.hi, -y.im.lo}).hi;
  return std::sqrt(re * re + im * im);
}

certified_eigenvalue conjugate_of(certified_eigenvalue v) {
  v.im = {-v.im.hi, -v.im.lo};
  return v;
}

/// Whether every disc holds one of the true eigenvalues, and none holds another's; the truth is known to 2^-80.
bool holds(std::vector<certified_eigenvalue> discs, const std::vector<certified_eigenvalue>& truth) {
  const std::size_t given = discs.size();
  for (std::size_t k = 0; k < given; ++k)
    if (discs[k].in_pair) discs.push_back(conjugate_of(discs[k]));
  if (discs.size() != truth.size()) return false;
  return std::all_of(discs.begin(), discs.end(), [&](const auto& d) {
    return std::count_if(truth.begin(), truth.end(),
                         [&](const auto& t) { return distance(d, t) <= d.radius + 0x1p-80; }) == 1;
  });
}

double noise(random_source& r, double) {
  return r.uniform();
}
c128 noise(random_source& r, c128) {
  return {r.uniform(), r.uniform()};
}

template <class E>
void add_noise(random_source& r, std::vector<E>& x, double size) {
  for (E& v : x) v += size * noise(r, E());
}

/// y made the inverse of x by Newton's iteration y (2 - x y), from near it.
template <class E>
void invert_again(approx_eigenvectors<E>& s) {
  const auto n = static_cast<std::size_t>(s.n);
  const auto product = [&](const std::vector<E>& a, const std::vector<E>& b) {
    std::vector<E> c(n * n);
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k)
        for (std::size_t i = 0; i < n; ++i) c[j * n + i] += a[k * n + i] * b[j * n + k];
    return c;
  };
  for (int step = 0; step < 8; ++step) {
    std::vector<E> left = product(s.x, s.y);
    for (E& v : left) v = -v;
    for (std::size_t k = 0; k < n; ++k) left[k * (n + 1)] += 2.0;
    s.y = product(s.y, left);
  }
}

/// Values moved, pairs of a real matrix alike.
template <class E>
void move_values(random_source& r, approx_eigenvectors<E>& s, double size) {
  for (std::size_t k = 0; k < s.values.size(); ++k) {
    const c128 by = size * noise(r, c128());
    if (std::is_same_v<E, c128>) {
      s.values[k] += by;
    } else if (s.values[k].imag() == 0) {
      s.values[k] += by.real();
    } else if (s.values[k].imag() > 0) {
      s.values[k] += by;
      s.values[k + 1] = std::conj(s.values[k]);
    }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("general certificate: each disc holds one eigenvalue, whatever the vectors and their inverse are",
                   "", double, c128) {
  HALFULP_RANDOM(r, 191);
  int proved = 0, all = 0;
  for (const int n : {2, 2, 3, 3, 4, 5, 8, 13}) {
    const square_matrix a = gallery::make<TestType>(general_kind::uniform, n, r.bits());
    const auto truth = true_eigenvalues(a);
    const auto b = entries(a, TestType());
    const auto exact = approx_eigenvectors_of(n, b);
    REQUIRE(exact);
    for (const double size : {0.0, 0x1p-40, 0x1p-20, 0x1p-12, 0x1p-8}) {
      for (int which = 0; which < 4; ++which) {
        auto s = *exact;
        if (which == 0) add_noise(r, s.x, size);
        if (which == 3) {  // off-diagonal couplings, and nothing else
          add_noise(r, s.x, size);
          invert_again(s);
        }
        if (which == 1) add_noise(r, s.y, size);
        if (which == 2) move_values(r, s, size);
        general_certificate<TestType> c(b, s);
        for (const auto& discs : {c.in_binary64(), c.in_double_double()}) {
          ++all;
          if (discs.empty()) continue;
          ++proved;
          INFO("n = " << n << ", noise " << size << " in " << which);
          CHECK(holds(discs, truth));
        }
      }
    }
  }
  CHECK(2 * proved > all);
}

TEMPLATE_TEST_CASE("general certificate: LAPACK's vectors give 43 bits in binary64 and 85 in double-double", "", double,
                   c128) {
  HALFULP_RANDOM(r, 193);
  for (const int n : {4, 16, 40}) {
    const square_matrix a = gallery::make<TestType>(general_kind::uniform, n, r.bits());
    const auto b = entries(a, TestType());
    const auto s = approx_eigenvectors_of(n, b);
    REQUIRE(s);
    general_certificate<TestType> c(b, *s);
    const auto first = c.in_binary64(), second = c.in_double_double();
    REQUIRE(!first.empty());
    REQUIRE(!second.empty());
    std::vector<double> radii, fine;
    for (const auto& v : first) radii.push_back(v.radius);
    for (const auto& v : second) fine.push_back(v.radius);
    const auto median = [](std::vector<double>& x) {
      std::sort(x.begin(), x.end());
      return x[x.size() / 2];
    };
    CHECK(median(radii) < 0x1p-34);
    CHECK(median(fine) < 0x1p-76);
  }
}

TEST_CASE("general certificate: what is no number, and vectors that are no basis, prove nothing") {
  const std::vector<double> b{1, 2, 3, 4};
  const auto s = approx_eigenvectors_of(2, b);
  REQUIRE(s);
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto t = *s;
    t.x[1] = bad;
    CHECK(general_certificate<double>(b, t).in_binary64().empty());
    t = *s;
    t.y[2] = bad;
    CHECK(general_certificate<double>(b, t).in_double_double().empty());
  }
  auto same = *s;
  same.x = {1, 1, 1, 1};
  CHECK(general_certificate<double>(b, same).in_binary64().empty());
  auto none = *s;
  none.x = {0, 0, 0, 0};  // an exact invariant subspace of every matrix, for any values
  CHECK(general_certificate<double>(b, none).in_binary64().empty());
  const std::vector<double> twice{1, 0, 0, 1};  // an eigenvalue that is not simple
  CHECK(general_certificate<double>(twice, *approx_eigenvectors_of(2, twice)).in_binary64().empty());
}

TEST_CASE("balancing by powers of two is exact or not done") {
  std::vector<double> b{1, 0x1p-300, 0x1p300, 1};
  REQUIRE(balance_by_powers_of_two(2, b));
  CHECK(b[0] == 1);
  CHECK(b[1] * b[2] == 1);
  CHECK(b[1] > 0x1p-20);
  std::vector<double> lost{1, 0x1.fffffffffffffp-1020, 0, 0, 1, 0x1p-1000, 0x1p1000, 0, 1};
  const auto before = lost;
  if (!balance_by_powers_of_two(3, lost)) CHECK(lost == before);
}

TEST_CASE("general certificate: pairs are told from conjugates of others") {
  // two blocks [[a, 1], [-1, a]], a = 0 and 1/2, coupled by multiples of the identity
  constexpr double c = 0x1p-6;
  const std::vector<double> b{0, -1, c, 0, 1, 0, 0, c, c, 0, 0.5, -1, 0, c, 1, 0.5};
  approx_eigenvectors<double> s{4, {{0, 1}, {0, -1}, {0.5, 1}, {0.5, -1}}, std::vector<double>(16), {}};
  for (std::size_t k = 0; k < 4; ++k) s.x[5 * k] = 1;
  s.y = s.x;
  const auto discs = general_certificate<double>(b, s).in_binary64();
  REQUIRE(discs.size() == 2);
  CHECK(holds(discs, true_eigenvalues({4, b, {}})));
}

TEST_CASE("general certificate: discs that meet prove nothing, however small each coupling") {
  constexpr int n = 5;
  approx_eigenvectors<double> s{n, {}, std::vector<double>(n * n), {}};
  std::vector<double> b(n * n);
  for (int i = 0; i < n; ++i) {
    s.values.emplace_back(i, 0);
    s.x[static_cast<std::size_t>(i * (n + 1))] = 1;
    for (int j = 0; j < n; ++j) b[static_cast<std::size_t>(j * n + i)] = i == j ? i : 0.45 * std::abs(i - j);
  }
  s.y = s.x;
  CHECK(general_certificate<double>(b, s).in_double_double().empty());
}

}  // namespace halfulp::tests
