#pragma once

#include <halfulp/oracle/linalg/batch.hpp>
#include <halfulp/oracle/linalg/cholesky.hpp>
#include <halfulp/oracle/linalg/cholesky_bounds.hpp>
#include <halfulp/oracle/linalg/factor_of.hpp>
#include <halfulp/oracle/real/interval.hpp>

namespace halfulp::linalg {

/// The gradients of cholesky_solve, matrix by matrix, each component rounded once: the ladder of `climb_intervals`
/// on the sums that the specs state. Components of a matrix stand row by row, real part before imaginary part.
template <class T>
class cholesky_gradients {
 public:
  using R = component_t<T>;
  using geometry = op::cholesky_solve::geometry<run>;
  using components = std::vector<rounded_component<R>>;

  cholesky_gradients(const geometry& g, std::span<const T> dout, std::span<const T> x, std::span<const T> y)
      : g_(g), dout_(dout), x_(x), y_(y) {
    run machine(op::cholesky_solve::name);
    for (std::int64_t m = 0; m < g.matrices; ++m) {
      const auto from = g.source(machine, {m, {}});
      of_x_.resize(std::max(of_x_.size(), static_cast<std::size_t>(from.x.v) + 1));
      of_y_.resize(std::max(of_y_.size(), static_cast<std::size_t>(from.y.v) + 1));
      of_x_[static_cast<std::size_t>(from.x.v)].push_back({m, from.y.v});
      of_y_[static_cast<std::size_t>(from.y.v)].push_back({m, from.x.v});
    }
  }

  components dx(std::int64_t t, question what) const;
  components dy(std::int64_t t, question what) const;

  std::int64_t matrices_of_x() const { return g_.x.numel == 0 ? 0 : g_.x.numel / (g_.n * g_.k); }
  std::int64_t matrices_of_y() const { return g_.y.numel == 0 ? 0 : g_.y.numel / (g_.n * g_.n); }

 private:
  static constexpr std::size_t parts = is_complex<T> ? 2 : 1;
  /// A matrix of the result, and what else it was made of: the factor, or the right side.
  struct use {
    std::int64_t result, other;
  };
  /// The columns of x and of dout that belong together.
  struct column_pair {
    column_vector x, dout;
  };

  static const std::vector<use>& uses(const std::vector<std::vector<use>>& all, std::int64_t t) {
    static const std::vector<use> none;
    return static_cast<std::size_t>(t) < all.size() ? all[static_cast<std::size_t>(t)] : none;
  }
  static rounded_component<R> zero() {
    return {{component_range::point(make_real(2)), tier::exact, true, {}}, zero_of<R>()};
  }

  components sum_of_columns(const std::vector<use>& all, const std::vector<std::optional<triangular_factor>>& factors,
                            std::int64_t j, question what) const;
  std::optional<std::vector<column_pair>> pairs_of(const std::vector<use>& all) const;
  enclosures products(const interval_substitution& l, const std::vector<column_pair>& pairs, mpfr_prec_t bits) const;
  rational_grid grid_of_products(const interval_substitution& l, const std::vector<column_pair>& pairs,
                                 std::size_t row) const;

  geometry g_;
  std::span<const T> dout_, x_, y_;
  std::vector<std::vector<use>> of_x_, of_y_;
};

/// Column j of the sum over `all`.
template <class T>
auto cholesky_gradients<T>::sum_of_columns(const std::vector<use>& all,
                                           const std::vector<std::optional<triangular_factor>>& factors, std::int64_t j,
                                           question what) const -> components {
  const auto size = static_cast<std::size_t>(g_.n) * parts;
  std::vector<interval_substitution> systems;
  std::vector<column_vector> columns;
  for (std::size_t u = 0; u < all.size(); ++u) {
    const auto b = factors[u] ? column_of(g_, dout_, all[u].result, j) : std::nullopt;
    if (!b) return components(size, undefined_component<R>());
    systems.emplace_back(*factors[u]);
    columns.push_back(*b);
  }
  const auto grid = [&](std::size_t k) {
    rational_grid sum = systems[0].grids_of_x(columns[0])[k / parts];
    for (std::size_t u = 1; u < systems.size(); ++u) sum = sum + systems[u].grids_of_x(columns[u])[k / parts];
    return sum;
  };
  const auto enclose = [&](mpfr_prec_t bits) {
    enclosures sum = systems[0].solve(columns[0], bits).x;
    interval_arithmetic arithmetic(bits);
    for (std::size_t u = 1; u < systems.size(); ++u) {
      const enclosures e = systems[u].solve(columns[u], bits).x;
      for (std::size_t k = 0; k < size; ++k) arithmetic.add(sum[k], e[k]);
    }
    return sum;
  };
  auto x = climb_intervals<R>(size, grid, enclose, what);
  if (what == question::rounding) return x;
  bound_of_sum bound(static_cast<std::size_t>(g_.n), format_of<R>);
  for (std::size_t u = 0; u < systems.size(); ++u)
    bound.add(cholesky_bounds(*factors[u], format_of<R>), magnitudes(systems[u].solve(columns[u], 128).x, parts));
  for (std::size_t k = 0; k < size; ++k) bound.set(k / parts, x[k].truth);
  return x;
}

template <class T>
auto cholesky_gradients<T>::dx(std::int64_t t, question what) const -> components {
  const auto n = static_cast<std::size_t>(g_.n), k = static_cast<std::size_t>(g_.k);
  const std::vector<use>& all = uses(of_x_, t);
  components d(n * k * parts, zero());
  if (all.empty()) return d;
  std::vector<std::optional<triangular_factor>> factors;
  for (const use& u : all) factors.push_back(factor_of(g_, y_, u.other));
  for (std::size_t j = 0; j < k; ++j) {
    const components column = sum_of_columns(all, factors, static_cast<std::int64_t>(j), what);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t p = 0; p < parts; ++p) d[(i * k + j) * parts + p] = column[i * parts + p];
  }
  return d;
}

/// Nothing where a column holds a NaN or an infinity.
template <class T>
auto cholesky_gradients<T>::pairs_of(const std::vector<use>& all) const -> std::optional<std::vector<column_pair>> {
  std::vector<column_pair> pairs;
  for (const use& u : all)
    for (std::int64_t j = 0; j < g_.k; ++j) {
      const auto x = column_of(g_, x_, u.other, j), d = column_of(g_, dout_, u.result, j);
      if (!x || !d) return std::nullopt;
      pairs.push_back({*x, *d});
    }
  return pairs;
}

/// The lower triangle of dL, row by row; of conj(dL) for an upper factor.
template <class T>
enclosures cholesky_gradients<T>::products(const interval_substitution& l, const std::vector<column_pair>& pairs,
                                           mpfr_prec_t bits) const {
  const std::size_t n = l.size();
  interval_arithmetic arithmetic(bits);
  enclosures sums(n * (n + 1) / 2 * parts, arithmetic.zero());
  const auto subtract = [&](enclosure* sum, const enclosure* a, const enclosure* b) {  // a conj(b)
    arithmetic.add_product(sum[0], a[0], b[0], true);
    if constexpr (parts == 2) {
      arithmetic.add_product(sum[0], a[1], b[1], true);
      arithmetic.add_product(sum[1], a[1], b[0], !g_.upper);
      arithmetic.add_product(sum[1], a[0], b[1], g_.upper);
    }
  };
  for (const column_pair& pair : pairs) {
    const triangular_solutions s = l.solve(pair.x, bits), d = l.solve(pair.dout, bits);
    enclosure* sum = sums.data();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j, sum += parts) {
        subtract(sum, &d.x[i * parts], &s.y[j * parts]);
        subtract(sum, &s.x[i * parts], &d.y[j * parts]);
      }
  }
  return sums;
}

template <class T>
rational_grid cholesky_gradients<T>::grid_of_products(const interval_substitution& l,
                                                      const std::vector<column_pair>& pairs, std::size_t row) const {
  std::optional<rational_grid> sum;
  for (const column_pair& pair : pairs) {
    const rational_grid one = l.grids_of_x(pair.dout)[row] * l.grids_of_y(pair.x)[0];
    const rational_grid two = l.grids_of_x(pair.x)[row] * l.grids_of_y(pair.dout)[0];
    for (const rational_grid& g : {one, two})  // of one factor: the denominator is the same
      sum = sum ? rational_grid{std::min(sum->exponent, g.exponent), g.bits} : g;
  }
  return *sum;
}

template <class T>
auto cholesky_gradients<T>::dy(std::int64_t t, question what) const -> components {
  const auto n = static_cast<std::size_t>(g_.n);
  components d(n * n * parts, zero());
  const std::vector<use>& all = uses(of_y_, t);
  if (all.empty()) return d;
  const auto factor = factor_of(g_, y_, t);
  const auto pairs = factor ? pairs_of(all) : std::nullopt;
  components triangle(n * (n + 1) / 2 * parts, undefined_component<R>());
  std::vector<std::size_t> row;
  for (std::size_t i = 0; i < n; ++i) row.insert(row.end(), (i + 1) * parts, i);
  if (pairs) {
    const interval_substitution l(*factor);
    std::vector<rational_grid> grids;
    for (std::size_t i = 0; i < n; ++i) grids.push_back(grid_of_products(l, *pairs, i));
    triangle = climb_intervals<R>(
        triangle.size(), [&](std::size_t k) { return grids[row[k]]; },
        [&](mpfr_prec_t bits) { return products(l, *pairs, bits); }, what);
    if (what == question::error) {
      bound_of_products bound(*factor, format_of<R>, pairs->size());
      for (const column_pair& pair : *pairs)
        bound.add(magnitudes(l.solve(pair.x, 128).x, parts), magnitudes(l.solve(pair.dout, 128).x, parts));
      bound.finish();
      std::size_t k = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j)
          for (std::size_t p = 0; p < parts; ++p) bound.set(i, j, triangle[k++].truth);
    }
  }
  std::size_t k = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j)
      for (std::size_t p = 0; p < parts; ++p) d[(g_.upper ? j * n + i : i * n + j) * parts + p] = triangle[k++];
  return d;
}

/// The components and roundings of `count` matrices, of which matrix m is evaluate(m), as a truth has them.
template <class T, class Evaluate>
void store_truths(std::int64_t count, Evaluate evaluate, truth& t) {
  using R = component_t<T>;
  auto* rounded = static_cast<R*>(t.rounded.view().data);
  t.components.resize(static_cast<std::size_t>(t.rounded.numel()) * (is_complex<T> ? 2 : 1));
  for_each_matrix(count, [&](std::int64_t m) {
    const auto x = evaluate(m);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const std::size_t at = static_cast<std::size_t>(m) * x.size() + k;
      t.components[at] = x[k].truth;
      rounded[at] = x[k].rounded;
    }
  });
}

/// Writes the roundings of one matrix to `out`; throws undecided where one is not known.
template <class R>
tier_counts store_roundings(const std::vector<rounded_component<R>>& x, const char* op, R* out) {
  tier_counts counts;
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (!x[k].truth.decided) throw undecided(op, "a component of a gradient is not decided");
    out[k] = x[k].rounded;
    ++counts[x[k].truth.reached];
  }
  return counts;
}

}  // namespace halfulp::linalg
