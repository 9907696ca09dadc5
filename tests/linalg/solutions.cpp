// Certificates of cholesky_solve: radii against the formula they state and against the true error, and the oracle
// beside Arb.
#include <cmath>

#include <halfulp/analysis/cases/gallery/factors.hpp>
#include <halfulp/kernels/linalg/cholesky_refinement.hpp>
#include <halfulp/kernels/linalg/packed_factor.hpp>
#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/factor_of.hpp>
#include <halfulp/oracle/linalg/inverse_bound.hpp>
#include <halfulp/oracle/oracle.hpp>

#include "random.hpp"
#include "solution_referee.hpp"
#include "tensors.hpp"

namespace halfulp::tests {
namespace {

using gallery::factor_kind;
using kernels::aligned_array;
using kernels::linalg::panel_columns;
using kernels::linalg::triangular_matrix;

double upper_end(const enclosure& e) {
  return std::max(std::abs(mpfr_get_d(raw(e.lo), MPFR_RNDD)), std::abs(mpfr_get_d(raw(e.hi), MPFR_RNDU)));
}

/// A system of float64 with one right side, as the kernel and as the oracle have it.
struct one_system {
  tensor x, y;
  op::cholesky_solve::args<double> a;
  linalg::triangular_factor l;
  linalg::column_vector b;
  kernels::linalg::packed_factor packed;
  kernels::linalg::inverse_magnitudes inverse;
  std::vector<enclosure> exact;

  one_system(factor_kind kind, int n, std::uint64_t seed)
      : one_system(gallery::make_system<double>(kind, n, 1, seed), n) {}
  one_system(const gallery::system<double>& s, int n)
      : x(make_tensor<double>({n, 1}, s.x)), y(make_tensor<double>({n, n}, s.y)) {
    a = op::cholesky_solve::bind<double>(call_of("cholesky_solve", {{x.view()}, {y.view()}}));
    l = *linalg::factor_of(a.shape, a.y, 0);
    b = *linalg::column_of(a.shape, a.x, 0, 0);
    REQUIRE(packed.load(a, 0) == kernels::linalg::packed_factor::content::usable);
    inverse.reset(packed.matrix(), packed.magnitudes());
    exact = linalg::interval_substitution(l).solve(b, 512).x;
  }
  aligned_array panel() const {
    aligned_array p;
    p.assign(packed.matrix().n * panel_columns, 0);
    for (std::int64_t i = 0; i < a.shape.n; ++i) p[i * panel_columns] = b.real[static_cast<std::size_t>(i)];
    return p;
  }
  /// |x + low - exact| of row i, rounded up.
  double error(std::int64_t i, double value, double low) const {
    const enclosure& e = exact[static_cast<std::size_t>(i)];
    real d = make_real(512), d2 = make_real(512);
    mpfr_sub_d(raw(d), raw(e.lo), value, MPFR_RNDN);
    mpfr_sub_d(raw(d), raw(d), low, MPFR_RNDN);
    mpfr_sub_d(raw(d2), raw(e.hi), value, MPFR_RNDN);
    mpfr_sub_d(raw(d2), raw(d2), low, MPFR_RNDN);
    return upper_end({d, d2});
  }
};

/// |A^-1| bounded by |L^-H| |L^-1|, times v: from columns of the inverse in interval arithmetic.
std::vector<double> by_definition(const linalg::triangular_factor& l, const std::vector<double>& v) {
  const linalg::interval_substitution s(l);
  const std::size_t n = l.n;
  std::vector<double> inverse(n * n), w(n), g(n);
  for (std::size_t j = 0; j < n; ++j) {
    linalg::column_vector e{std::vector<double>(n), {}};
    e.real[j] = 1;
    const auto y = s.solve(e, 256).y;
    for (std::size_t i = 0; i < n; ++i) inverse[i * n + j] = upper_end(y[i]);
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) w[i] += inverse[i * n + j] * v[j];
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) g[j] += inverse[i * n + j] * w[i];
  return g;
}

std::vector<double> times(const linalg::triangular_factor& l, const std::vector<double>& v, bool adjoint) {
  std::vector<double> w(l.n);
  for (std::size_t i = 0; i < l.n; ++i)
    for (std::size_t j = 0; j <= i; ++j) w[adjoint ? j : i] += std::abs(l.real[l.at(i, j)]) * v[adjoint ? i : j];
  return w;
}

std::vector<double> column(const aligned_array& p, std::size_t n) {
  std::vector<double> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = std::abs(p[static_cast<std::int64_t>(i) * panel_columns]);
  return v;
}

constexpr factor_kind regular_kinds[] = {
    factor_kind::well_conditioned, factor_kind::ill_conditioned, factor_kind::graded,
    factor_kind::graded_reversed,  factor_kind::kahan,           factor_kind::hilbert};

}  // namespace

TEST_CASE("solutions: the radius of binary64 is the bound that is stated, and holds the true error") {
  HALFULP_RANDOM(r, 201);
  for (const factor_kind kind : regular_kinds) {
    for (const int n : {1, 5, 16, 41}) {
      if (kind == factor_kind::hilbert && n > 8) continue;
      INFO(name_of(kind) << " n = " << n);
      one_system s(kind, n, r.bits());
      aligned_array x = s.panel(), y = s.panel();
      const triangular_matrix l = s.packed.matrix();
      kernels::linalg::cholesky_panel panel;
      panel.solve(l, s.inverse, x.data(), 1, true);
      kernels::linalg::solve_forward(l, y.data());
      auto v = times(s.l, column(x, s.l.n), true);
      const auto ys = column(y, s.l.n);
      for (std::size_t i = 0; i < s.l.n; ++i) v[i] += ys[i];
      v = times(s.l, v, false);
      for (double& e : v) e *= kernels::linalg::substitution_bound(l);
      const auto want = by_definition(s.l, v);
      for (std::int64_t i = 0; i < n; ++i) {
        const double got = panel.radius(i), stated = want[static_cast<std::size_t>(i)];
        CHECK(got >= stated * (1 - 1e-12));
        CHECK(got <= stated * 1.1 + 1e-200);
        CHECK(s.error(i, x[i * panel_columns], 0) <= got);
      }
    }
  }
}

TEST_CASE("solutions: a refined solution lies within its radius, which is of second order") {
  HALFULP_RANDOM(r, 203);
  for (const factor_kind kind : regular_kinds) {
    for (const int n : {1, 5, 16, 41}) {
      if (kind == factor_kind::hilbert && n > 6) continue;
      INFO(name_of(kind) << " n = " << n);
      one_system s(kind, n, r.bits());
      const triangular_matrix l = s.packed.matrix();
      kernels::linalg::cholesky_panel panel;
      const aligned_array b = s.panel();
      aligned_array x = s.panel(), low;
      low.assign(l.n * panel_columns, 0);
      panel.solve(l, s.inverse, x.data(), 1, true);
      const double first = panel.radius(0);
      for (int step = 0; step < 2; ++step) {
        panel.refine(l, s.inverse, b.data(), x.data(), low.data());
        for (std::int64_t i = 0; i < n; ++i)
          CHECK(s.error(i, x[i * panel_columns], low[i * panel_columns]) <= panel.radius(i));
      }
      CHECK(panel.radius(0) < first * 0x1p-8);
      // no less than what the residual, of the right size, may have lost
      auto v = times(s.l, times(s.l, column(x, s.l.n), true), false);
      for (std::size_t i = 0; i < s.l.n; ++i)
        v[i] = (v[i] + std::abs(s.b.real[i])) * kernels::linalg::residual_bound(l);
      const auto least = by_definition(s.l, v);
      for (std::int64_t i = 0; i < n; ++i) CHECK(panel.radius(i) >= least[static_cast<std::size_t>(i)] * (1 - 1e-9));
    }
  }
}

TEST_CASE("solutions: bounds through the inverse hold, and are tight where it is known well") {
  HALFULP_RANDOM(r, 207);
  for (const factor_kind kind : regular_kinds) {
    const int n = 12;
    if (kind == factor_kind::hilbert) continue;
    INFO(name_of(kind));
    const one_system s(kind, n, r.bits());
    const linalg::inverse_bound bound(s.l);
    std::vector<double> v(n);
    for (double& e : v) e = 1 + std::abs(r.uniform());
    const auto got = bound.adjoint_solve(bound.solve(v)), want = by_definition(s.l, v);
    for (std::size_t i = 0; i < got.size(); ++i) {
      CHECK(got[i] >= want[i] * (1 - 1e-12));
      CHECK(got[i] <= want[i] * 1.01);
    }
  }
}

TEST_CASE("solutions: Arb's balls lie inside the enclosures") {
  HALFULP_RANDOM(r, 211);
  for (std::size_t kind = 0; kind < gallery::factor_kind_names.size(); ++kind) {
    const auto check = [&](auto tag) {
      using T = typename decltype(tag)::type;
      const int n = static_cast<int>(r.between(1, 9));
      const auto s = gallery::make_system<T>(static_cast<factor_kind>(kind), n, 1, r.bits());
      const auto x = make_tensor<T>({n, 1}, s.x), y = make_tensor<T>({n, n}, s.y);
      const auto a = op::cholesky_solve::bind<T>(call_of("cholesky_solve", {{x.view()}, {y.view()}}));
      const auto l = linalg::factor_of(a.shape, a.y, 0);
      const auto b = linalg::column_of(a.shape, a.x, 0, 0);
      if (!l) return;
      linalg::enclosures ours;
      for (const auto& c :
           linalg::solve_cholesky<component_t<T>>(linalg::interval_substitution(*l), *b, linalg::question::error))
        ours.push_back(c.truth.range.reals());
      INFO(gallery::factor_kind_names[kind] << " n = " << n << " of " << name_of(dtype_of<T>));
      CHECK(compare_with_arb(*l, *b, ours) == referee_verdict::agrees);
    };
    check(type_tag<float>{});
    check(type_tag<double>{});
    check(type_tag<std::complex<double>>{});
  }
}

}  // namespace halfulp::tests
