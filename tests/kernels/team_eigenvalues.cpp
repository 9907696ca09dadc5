// What a block of a GPU runs for one small matrix, run by one thread and by several, against the oracle's enclosures.
#include <catch2/catch.hpp>

#include <barrier>
#include <cmath>
#include <thread>

#include <halfulp/analysis/cases/gallery/hermitian.hpp>
#include <halfulp/kernels/linalg/team_bisection.hpp>
#include <halfulp/kernels/linalg/team_vector.hpp>
#include <halfulp/oracle/linalg/eigenvalues.hpp>
#include <halfulp/oracle/real/sums.hpp>

#include "random.hpp"

// g++ 12 does not see that the entries which a pass reads are those it loaded.
#ifdef __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <halfulp/kernels/linalg/team_tridiagonal.hpp>
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

namespace halfulp::tests {
namespace {

using namespace halfulp::kernels::linalg;
using gallery::kind;
using halfulp::linalg::hermitian_matrix;

/// Threads of the host, each a warp of its own.
struct thread_team : lone_team {
  std::barrier<>* all = nullptr;

  int warp() const { return rank; }
  int warps() const { return size; }
  void sync() const { all->arrive_and_wait(); }
};

template <class F>
void for_team(int size, F f) {
  std::barrier<> all(size);
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] {
      thread_team team;
      team.rank = rank;
      team.size = size;
      team.all = &all;
      f(team);
    });
}

/// Everything that a team makes of a matrix: T, intervals of its eigenvalues, vectors and what follows from them.
struct team_result {
  explicit team_result(const hermitian_matrix& m, int team_size) : a(m), n(m.n), size(static_cast<std::size_t>(n)) {
    const std::size_t square = size * size, longer = std::max<std::size_t>(size, static_cast<std::size_t>(team_size));
    std::vector<double> used = a.real, v(size), w(size), x(size), y(size), p(size), part(longer), squares(size);
    std::vector<int> counts(longer);
    reflectors.resize(square);
    for (auto* s : {&d, &e, &tau, &lo, &hi}) s->resize(size);
    const tridiagonal_work reduction{n,        used.data(), reflectors.data(), d.data(), e.data(), tau.data(),
                                     v.data(), w.data(),    x.data(),          y.data(), p.data(), part.data()};
    const bisection_work bisection{n, 1, d.data(), e.data(), squares.data(), lo.data(), hi.data(), counts.data()};
    for_team(team_size, [&](const thread_team& team) {
      team_reduction<thread_team> r(team, reduction);
      r.run();
      const double own_radius = r.radius(), t = r.norm();
      team_bisection<thread_team>(team, bisection).run(t, 2 * unit_roundoff * t);
      if (team.rank == 0) {
        radius = own_radius;
        slack = up(radius + team_sturm_error(t));
      }
    });
  }

  double middle(int k) const { return 0.5 * (lo[static_cast<std::size_t>(k)] + hi[static_cast<std::size_t>(k)]); }
  enclosure interval(int k) const {
    const auto at = static_cast<std::size_t>(k);
    return enclosure_of({middle(k), 0}, up(hi[at] - lo[at] + slack));
  }

  std::vector<certified_value> separate() const {
    std::vector<double> z(size * size), down(size * size), up_(size * size);
    const vector_work w{n, a.real.data(), reflectors.data(), d.data(),  e.data(), tau.data(),
                        n, z.data(),      down.data(),       up_.data()};
    const team_vector<lone_team> vector(lone_team(), w);
    std::vector<certified_value> c;
    for (int k = 0; k < n; ++k) {
      const auto at = static_cast<std::size_t>(k);
      approx_twisted_vector(w, k, middle(k));
      vector.approx_transform_back(k);
      const double below = k > 0 ? hi[at - 1] + 1.01 * slack : -INFINITY;
      const double above = k + 1 < n ? lo[at + 1] - 1.01 * slack : INFINITY;
      c.push_back(temple_value(middle(k), vector.residual(k, middle(k)), below, above));
    }
    return c;
  }

  const hermitian_matrix& a;
  int n;
  std::size_t size;
  std::vector<double> reflectors, d, e, tau, lo, hi;
  double radius = 0, slack = 0;
};

hermitian_matrix near_one(kind k, int n, std::uint64_t seed) {
  const auto a = gallery::make<double>(k, n, seed);
  return halfulp::linalg::scaled(a, halfulp::linalg::exponent_of_largest(a));
}

std::vector<enclosure> truth_of(const hermitian_matrix& a) {
  std::vector<enclosure> e;
  for (const auto& v : halfulp::linalg::eigenvalues<double>(a, halfulp::linalg::question::error)) e.push_back(v.range);
  return e;
}

/// Quotients are known more closely than the oracle's enclosures.
bool overlap(const enclosure& a, const enclosure& b) {
  return mpfr_lessequal_p(raw(a.lo), raw(b.hi)) != 0 && mpfr_lessequal_p(raw(b.lo), raw(a.hi)) != 0;
}

}  // namespace

TEST_CASE(
    "team eigenvalues: every kind of matrix, one thread or several: intervals and quotients hold the eigenvalues") {
  HALFULP_RANDOM(r, 190);
  for (std::int64_t round = repeats(1); round > 0; --round) {
    for (std::size_t k = 0; k < gallery::kind_names.size(); ++k) {
      const int n = static_cast<int>(r.between(2, 14));
      const auto a = near_one(static_cast<kind>(k), n, r.bits());
      const auto truth = truth_of(a);
      INFO(gallery::kind_names[k] << " n = " << n);
      const team_result got(a, static_cast<int>(k % 3) * 19 + 1);
      const auto separate = got.separate();
      for (int i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i);
        CHECK(got.interval(i).contains(truth[at]));
        if (std::isfinite(separate[at].radius))
          CHECK(overlap(enclosure_of(separate[at].value, separate[at].radius), truth[at]));
      }
    }
  }
}

TEST_CASE("team eigenvalues: quotients of random matrices are known to far beyond binary64") {
  HALFULP_RANDOM(r, 191);
  const auto a = near_one(kind::uniform, 40, r.bits());
  for (const certified_value& c : team_result(a, 16).separate()) CHECK(c.radius < 0x1p-85);
}

TEST_CASE("team eigenvalues: counts of matrices with known eigenvalues, zero pivots and tiny couplings included") {
  for (const double coupling : {1.0, 0x1p-20, 0x1p-59, 0x1p-70, 0.0}) {
    constexpr int n = 256;
    std::vector<double> d(n, 0.0), squares(n, std::max(coupling * coupling, least_off_diagonal_square));
    // eigenvalues 2 c cos(k pi / (n + 1)), so n / 2 on each side of 0, where every second minor is 0
    CHECK(sturm_count(n, d.data(), squares.data(), 0) == n / 2);
    CHECK(sturm_count(n, d.data(), squares.data(), -2 * coupling - 0x1p-50) == 0);
    CHECK(sturm_count(n, d.data(), squares.data(), 2 * coupling + 0x1p-50) == n);
    for (int k = 0; k < n; ++k) d[static_cast<std::size_t>(k)] = k % 7 - 3;
    CHECK(sturm_count(n, d.data(), squares.data(), -3 - 2 * coupling - 0x1p-50) == 0);
    if (coupling <= 0x1p-20) CHECK(sturm_count(n, d.data(), squares.data(), 0.5) == 4 * 37);
  }
}

TEST_CASE(
    "team eigenvalues: the radius of a reduction is the formula of docs/bounds.md, by the roundings that its team "
    "makes") {
  HALFULP_RANDOM(r, 192);
  constexpr int n = 24;
  const auto a = near_one(kind::uniform, n, r.bits());
  for (const int threads : {1, 7, 96}) {
    const team_result got(a, threads);
    double row = 0, squares = 0, before = 0, sum = 0;
    for (int m = 1; m < n; ++m) {
      const auto last = static_cast<std::size_t>(m - 1);
      row = std::max(row, before + std::abs(got.d[last]) + std::abs(got.e[last]));
      squares += got.d[last] * got.d[last] + 2 * before * before;
      before = std::abs(got.e[last]);
      const int groups = std::max(1, threads / m), product = (m + groups - 1) / groups + groups, dot = m + 2;
      if (got.tau[last + 1] != 0)
        sum += unit_roundoff * ((2 * product + 2) * std::sqrt(squares) + (8 * dot + 61) * row);
    }
    CAPTURE(threads, sum, got.radius);
    CHECK(got.radius > sum * (1 + 0x1p-20));
    CHECK(got.radius < sum * (1 + 0x1p-18));
  }
}

}  // namespace halfulp::tests
