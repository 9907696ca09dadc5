#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include <halfulp/oracle/core/round.hpp>

/// Cholesky factors and right sides to be solved with. The same bits on every machine from the seed alone.
namespace halfulp::gallery {

enum class factor_kind {
  well_conditioned,  ///< of a positive definite matrix of condition about 10
  ill_conditioned,   ///< of Q D Q^T, D from 1 down to 2^-17 (binary32 and narrower) or 2^-40
  full,              ///< uniform in [-1/2, 1/2), both triangles: what a caller passes who has no factor at hand
  graded,            ///< rows falling by powers of two
  graded_reversed,   ///< rows rising by powers of two
  kahan,             ///< Kahan's matrix: ill-conditioned, and no small element on the diagonal
  hilbert,           ///< of the Hilbert matrix, rounded
  nearly_singular,   ///< one element of the diagonal is tiny
  integers,          ///< small integers: ties and exact zeros among the solutions
  diagonal,          ///< nothing below the diagonal
  subnormal,         ///< a few units of the smallest subnormal number
  huge,              ///< up to the largest finite number
};

inline constexpr std::array<std::string_view, 12> factor_kind_names{
    "well_conditioned", "ill_conditioned", "full",     "graded",   "graded_reversed", "kahan",
    "hilbert",          "nearly_singular", "integers", "diagonal", "subnormal",       "huge"};

constexpr std::string_view name_of(factor_kind k) {
  return factor_kind_names[static_cast<std::size_t>(k)];
}
constexpr std::optional<factor_kind> factor_kind_named(std::string_view name) {
  for (std::size_t k = 0; k < factor_kind_names.size(); ++k)
    if (factor_kind_names[k] == name) return static_cast<factor_kind>(k);
  return std::nullopt;
}

/// L X = B to be: y of n x n elements, lower triangle, and x of n x k.
template <class T>
struct system {
  std::vector<T> x, y;
};

/// Draws the elements of systems.
template <class T>
class system_builder {
 public:
  using R = component_t<T>;

  system_builder(int n, int k, std::uint64_t seed) : n_(n), k_(k), engine_(seed) {}

  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53 - 0.5; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  /// A number of T from draw(), once more for an imaginary part.
  template <class F>
  T number(F draw) {
    const R re = narrow<R>(draw());
    if constexpr (is_complex<T>) {
      return {re, narrow<R>(draw())};
    } else {
      return re;
    }
  }
  /// Elements (i, j) from draw(i, j); those above the diagonal are 0 unless `whole`.
  template <class F>
  std::vector<T> factor(F draw, bool whole = false) {
    std::vector<T> y;
    for (int i = 0; i < n_; ++i)
      for (int j = 0; j < n_; ++j)
        y.push_back(j <= i || whole ? number([&] { return draw(i, j); }) : number([] { return 0.0; }));
    return y;
  }
  /// The same with elements that are real.
  template <class F>
  std::vector<T> real_factor(F value) {
    std::vector<T> y;
    for (int i = 0; i < n_; ++i)
      for (int j = 0; j < n_; ++j) y.push_back(T(narrow<R>(j <= i ? value(i, j) : 0.0)));
    return y;
  }
  std::vector<T> right_sides(double scale) {
    std::vector<T> x;
    for (int i = 0; i < n_ * k_; ++i) x.push_back(number([&] { return uniform() * scale; }));
    return x;
  }
  std::vector<T> integer_right_sides() {
    std::vector<T> x;
    for (int i = 0; i < n_ * k_; ++i) x.push_back(number([&] { return static_cast<double>(between(-60, 60)); }));
    return x;
  }

 private:
  int n_, k_;
  std::mt19937_64 engine_;
};

/// The Cholesky factor of a symmetric matrix of binary64 numbers, row after row, computed in binary64.
inline std::vector<double> approx_cholesky(std::vector<double> a, int n) {
  const auto at = [n](int i, int j) { return static_cast<std::size_t>(i * n + j); };
  for (int j = 0; j < n; ++j) {
    for (int i = j; i < n; ++i) {
      double s = a[at(i, j)];
      for (int k = 0; k < j; ++k) s -= a[at(i, k)] * a[at(j, k)];
      a[at(i, j)] = i == j ? std::sqrt(s) : s / a[at(j, j)];
    }
  }
  return a;
}

/// Q D Q^T for D falling from 1 to 2^-range and a product Q of two reflections.
template <class T>
std::vector<double> spectrum_by_reflections(system_builder<T>& b, int n, int range) {
  const auto at = [n](int i, int j) { return static_cast<std::size_t>(i * n + j); };
  std::vector<double> a(static_cast<std::size_t>(n * n));
  for (int i = 0; i < n; ++i) a[at(i, i)] = n == 1 ? 1 : std::ldexp(1.0, -range * i / (n - 1));
  for (int turn = 0; turn < 2; ++turn) {
    std::vector<double> v(static_cast<std::size_t>(n));
    double square = 0;
    for (double& x : v) x = b.uniform(), square += x * x;
    for (const bool rows : {true, false}) {
      for (int j = 0; j < n; ++j) {
        double dot = 0;
        for (int i = 0; i < n; ++i) dot += v[static_cast<std::size_t>(i)] * a[rows ? at(i, j) : at(j, i)];
        for (int i = 0; i < n; ++i) a[rows ? at(i, j) : at(j, i)] -= 2 * dot / square * v[static_cast<std::size_t>(i)];
      }
    }
  }
  return a;
}

/// The factor of the Hilbert matrix: l_ij = sqrt(2 j + 1) (i!)^2 / ((i - j)! (i + j + 1)!).
inline double hilbert_factor(int i, int j) {
  double q = std::sqrt(2.0 * j + 1) / (i + 1);
  for (int m = 1; m <= j; ++m) q *= static_cast<double>(i - m + 1) / (i + m + 1);
  return q;
}

template <class T>
std::vector<T> make_factor(factor_kind kind, int n, system_builder<T>& b) {
  constexpr format f = format_of<T>;
  const int range = f.e_min < -100 ? 40 : 8;
  switch (kind) {
    case factor_kind::well_conditioned:
      return b.factor([&](int i, int j) { return i == j ? 1.5 + b.uniform() : b.uniform() / std::sqrt(n); });
    case factor_kind::ill_conditioned: {
      const auto l = approx_cholesky(spectrum_by_reflections(b, n, f.precision <= 24 ? 17 : 40), n);
      return b.real_factor([&](int i, int j) { return l[static_cast<std::size_t>(i * n + j)]; });
    }
    case factor_kind::full:
      return b.factor([&](int, int) { return b.uniform(); }, true);
    case factor_kind::graded:
    case factor_kind::graded_reversed:
      return b.factor([&](int i, int j) {
        const int place = kind == factor_kind::graded ? i : n - 1 - i;
        return std::ldexp(i == j ? 1.5 + b.uniform() : b.uniform() / std::sqrt(n),
                          n == 1 ? 0 : -range * place / (n - 1));
      });
    case factor_kind::kahan: {
      constexpr double c = 0.36, s = 0.9329523031752481;  // c^2 + s^2 = 1
      return b.real_factor([&](int i, int j) {
        double power = 1;
        for (int m = 0; m < j; ++m) power *= s;
        return i == j ? power : -c * power;
      });
    }
    case factor_kind::hilbert:
      return b.real_factor([](int i, int j) { return hilbert_factor(i, j); });
    case factor_kind::nearly_singular:
      return b.factor([&](int i, int j) {
        if (i != j) return b.uniform();
        return std::ldexp(1.5 + b.uniform(), i == n / 2 ? -(f.e_min < -100 ? f.precision : 6) : 0);
      });
    case factor_kind::integers:
      return b.factor([&](int i, int j) {
        return static_cast<double>(i == j ? std::int64_t{1} << b.between(0, 2) : b.between(-1, 1) * b.between(0, 1));
      });
    case factor_kind::diagonal:
      return b.factor([&](int i, int j) { return i == j ? 1.5 + b.uniform() : 0.0; });
    case factor_kind::subnormal:
      return b.factor([&](int i, int j) {
        return std::ldexp(static_cast<double>(i == j ? b.between(1, 40) : b.between(-9, 9)), f.e_min - f.precision + 1);
      });
    case factor_kind::huge:
      return b.factor([&](int i, int j) { return std::ldexp(i == j ? 1.4 + b.uniform() : b.uniform(), f.e_max); });
  }
  return {};
}

/// A system of this kind: n unknowns, k right sides.
template <class T>
system<T> make_system(factor_kind kind, int n, int k, std::uint64_t seed) {
  system_builder<T> b(n, k, seed);
  system<T> s;
  s.y = make_factor<T>(kind, n, b);
  const bool square_of_huge = kind == factor_kind::huge || kind == factor_kind::subnormal;
  const int e = kind == factor_kind::huge ? format_of<T>.e_max : square_of_huge ? format_of<T>.e_min - 2 : 0;
  s.x = kind == factor_kind::integers ? b.integer_right_sides() : b.right_sides(std::ldexp(1.0, e));
  return s;
}

}  // namespace halfulp::gallery
