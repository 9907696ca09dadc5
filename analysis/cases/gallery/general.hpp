#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <halfulp/analysis/cases/gallery/general_prescribed.hpp>

/// Test matrices that need not be Hermitian, by kind.
namespace halfulp::gallery {

enum class general_kind {
  uniform,  ///< entries uniform in [-1/2, 1/2)
  frank,    ///< Frank's Hessenberg matrix: small eigenvalues of condition up to n!
  grcar,    ///< -1 below the diagonal, 1 on it and on three above: a pseudospectrum far wider than the spectrum
  wilkinson_companion,  ///< the companion matrix of (x - 1) ... (x - n), its coefficients rounded
  companion,            ///< that of a polynomial with small integer coefficients
  jordan,               ///< one Jordan block
  perturbed_jordan,     ///< the same with an ulp of 1 in the corner: eigenvalues on a circle
  derogatory,           ///< Jordan blocks of orders 1, 2, 1, 2, ... of one eigenvalue, permuted
  badly_scaled,         ///< a random matrix under a diagonal similarity that reaches both ends of the exponent range
  graded,               ///< rows and columns falling by powers of two
  subnormal,            ///< a few units of the smallest subnormal number
  huge,                 ///< up to the largest finite number: eigenvalues overflow
  permutation,          ///< random: roots of unity
  circulant,            ///< of small integers
  kahan,                ///< Kahan's triangular matrix of sines and cosines, similar to its transpose by a reversal
  chebyshev,            ///< Chebyshev's differentiation matrix: nearly nilpotent
  skew,                 ///< its own transpose times -1: purely imaginary eigenvalues
  bipartite,            ///< [[0, B], [C, 0]]: eigenvalues in pairs l, -l
  small_integers,       ///< from -2 .. 2: multiple eigenvalues and exact ties are common
  integer_singular,     ///< B C of rank n / 2
  rotations,            ///< blocks [[c, -s], [s, c]] of small integers, coupled above the diagonal
  triangular,           ///< random, upper
  zero,
  prescribed_distinct,   ///< integers and pairs of Gaussian integers, hidden by unimodular similarities
  prescribed_multiple,   ///< the same, three values, each with full eigenspaces
  prescribed_defective,  ///< the same, in Jordan blocks
};

// clang-format off
inline constexpr std::array<std::string_view, 26> general_kind_names{
    "uniform", "frank", "grcar", "wilkinson_companion", "companion", "jordan", "perturbed_jordan", "derogatory",
    "badly_scaled", "graded", "subnormal", "huge", "permutation", "circulant", "kahan", "chebyshev", "skew", "bipartite",
    "small_integers", "integer_singular", "rotations", "triangular", "zero", "prescribed_distinct",
    "prescribed_multiple", "prescribed_defective"};
// clang-format on

constexpr std::string_view name_of(general_kind k) {
  return general_kind_names[static_cast<std::size_t>(k)];
}

constexpr std::optional<general_kind> general_kind_named(std::string_view name) {
  for (std::size_t k = 0; k < general_kind_names.size(); ++k)
    if (general_kind_names[k] == name) return static_cast<general_kind>(k);
  return std::nullopt;
}

/// Which prescribed spectrum a kind has.
constexpr std::optional<general_spectrum> spectrum_of(general_kind k) {
  const int s = static_cast<int>(k) - static_cast<int>(general_kind::prescribed_distinct);
  return s >= 0 ? std::optional(static_cast<general_spectrum>(s)) : std::nullopt;
}

/// The coefficients of (x - 1) ... (x - n) below the leading one, from the highest on, rounded to binary64.
inline std::vector<double> wilkinson_coefficients(int n) {
  std::vector<long double> p{1};
  for (int k = 1; k <= n; ++k) {
    p.push_back(0);
    for (std::size_t i = p.size() - 1; i > 0; --i) p[i] -= k * p[i - 1];
  }
  return {p.begin() + 1, p.end()};
}

/// Coefficients beyond the largest finite number are cut to it.
template <class T>
void fill_companion(general_builder<T>& b, const std::vector<double>& coefficients) {
  constexpr format f = format_of<T>;
  const double most = std::ldexp(2 - std::ldexp(1.0, 1 - f.precision), f.e_max);
  b.fill_real([&](int i, int j) {
    return i == 0 ? -std::clamp(coefficients[static_cast<std::size_t>(j)], -most, most) : (j == i - 1 ? 1 : 0);
  });
}

/// Small integers c_0 ... c_(n - 1).
template <class T>
std::vector<double> small_coefficients(general_builder<T>& b, int most) {
  std::vector<double> c;
  for (int k = 0; k < b.n(); ++k) c.push_back(b.between(-most, most));
  return c;
}

template <class T>
void fill_permuted(general_builder<T>& b, bool only_permutation) {
  std::vector<int> order;
  for (int k = 0; k < b.n(); ++k) order.push_back(k);
  b.shuffle(order);
  const auto at = [&](int k) { return order[static_cast<std::size_t>(k)]; };
  for (int k = 0; k < b.n(); ++k) {
    if (only_permutation) {
      b.set(k, at(k), 1);
    } else {
      b.set(at(k), at(k), 1);
      if (k % 3 == 1 && k + 1 < b.n()) b.set(at(k), at(k + 1), 1);
    }
  }
}

/// x 2^(d_j - d_i) for exponents d that alternate between both ends.
template <class T>
void fill_badly_scaled(general_builder<T>& b) {
  const int reach = format_of<component_t<T>>.e_max * 9 / 20;
  std::vector<int> d;
  for (int k = 0; k < b.n(); ++k) d.push_back(b.between(-reach, reach));
  b.fill([&](int i, int j) {
    return std::ldexp(b.uniform(), d[static_cast<std::size_t>(j)] - d[static_cast<std::size_t>(i)]);
  });
}

/// (D f)(x_i) for x_i = cos(pi i / (n - 1)); of <cmath> only what a last place off does not change the kind of.
inline double chebyshev_entry(int n, int i, int j) {
  const double step = 3.14159265358979323846 / std::max(n - 1, 1);
  const auto weight = [&](int k) { return (k == 0 || k == n - 1 ? 2.0 : 1.0) * (k % 2 == 0 ? 1 : -1); };
  const auto x = [&](int k) { return std::cos(step * k); };
  if (i != j) return weight(i) / weight(j) / (x(i) - x(j));
  if (n == 1) return 0;
  const double corner = (2.0 * (n - 1) * (n - 1) + 1) / 6;
  return i == 0 ? corner : i == n - 1 ? -corner : -x(j) / (2 * (1 - x(j) * x(j)));
}

template <class T>
void fill_integer_singular(general_builder<T>& b) {
  const int rank = b.n() / 2;
  const auto left = [&] {
    std::vector<int> v;
    for (int k = 0; k < b.n() * rank; ++k) v.push_back(b.between(-2, 2));
    return v;
  };
  const auto p = left(), q = left();
  b.fill_real([&](int i, int j) {
    int sum = 0;
    for (int k = 0; k < rank; ++k)
      sum += p[static_cast<std::size_t>(i * rank + k)] * q[static_cast<std::size_t>(j * rank + k)];
    return sum;
  });
}

template <class T>
void fill_rotations(general_builder<T>& b) {
  for (int k = 0; k < b.n(); k += 2) {
    const int c = b.between(-3, 3), s = b.between(1, 3);
    b.set(k, k, c);
    if (k + 1 < b.n()) {
      b.set(k + 1, k + 1, c);
      b.set(k, k + 1, -s);
      b.set(k + 1, k, s);
    }
    for (int j = k + 2; j < b.n(); ++j)
      for (int i = k; i < std::min(k + 2, b.n()); ++i) b.set(i, j, b.between(-2, 2));
  }
}

template <class T>
void fill_skew(general_builder<T>& b) {
  for (int i = 0; i < b.n(); ++i) {
    if (is_complex<T>) b.set(i, i, 0, b.uniform());
    for (int j = 0; j < i; ++j) {
      const double re = b.uniform(), im = is_complex<T> ? b.uniform() : 0;
      b.set(i, j, re, im);
      b.set(j, i, -re, im);
    }
  }
}

/// Kinds that need more than one formula.
template <class T>
void fill_structure(general_kind k, general_builder<T>& b) {
  const int n = b.n();
  switch (k) {
    case general_kind::wilkinson_companion:
      return fill_companion(b, wilkinson_coefficients(n));
    case general_kind::companion:
      return fill_companion(b, small_coefficients(b, 3));
    case general_kind::derogatory:
      return fill_permuted(b, false);
    case general_kind::permutation:
      return fill_permuted(b, true);
    case general_kind::badly_scaled:
      return fill_badly_scaled(b);
    case general_kind::integer_singular:
      return fill_integer_singular(b);
    case general_kind::rotations:
      return fill_rotations(b);
    case general_kind::skew:
      return fill_skew(b);
    case general_kind::circulant: {
      const auto c = small_coefficients(b, 4);
      return b.fill_real([&](int i, int j) { return c[static_cast<std::size_t>((j - i + n) % n)]; });
    }
    default:
      return;
  }
}

/// A matrix of this kind, every entry a number of T; the same for the same arguments everywhere.
template <class T>
linalg::square_matrix make(general_kind k, int n, std::uint64_t seed) {
  constexpr format f = format_of<T>;
  if (const auto s = spectrum_of(k)) return prescribed<T>(*s, n, seed).matrix;
  general_builder<T> b(n, seed);
  const auto jordan = [](int i, int j) { return i == j || j == i + 1 ? 1.0 : 0.0; };
  switch (k) {
    case general_kind::uniform:
      b.fill([&](int, int) { return b.uniform(); });
      break;
    case general_kind::frank:
      b.fill_real([n](int i, int j) { return j < i - 1 ? 0 : n - std::max(i, j); });
      break;
    case general_kind::grcar:
      b.fill_real([](int i, int j) { return j == i - 1 ? -1 : (j >= i && j <= i + 3 ? 1 : 0); });
      break;
    case general_kind::jordan:
      b.fill_real(jordan);
      break;
    case general_kind::perturbed_jordan:
      b.fill_real([&](int i, int j) {
        return n > 1 && i == n - 1 && j == 0 ? std::ldexp(1.0, 1 - f.precision) : jordan(i, j);
      });
      break;
    case general_kind::graded:
      b.fill([&](int i, int j) { return std::ldexp(b.uniform(), -(i + j)); });
      break;
    case general_kind::subnormal:
      b.fill([&](int, int) { return std::ldexp(b.between(-40, 40), f.e_min - f.precision + 1); });
      break;
    case general_kind::huge:
      b.fill([&](int, int) { return std::ldexp(b.uniform() * 1.99, f.e_max); });
      break;
    case general_kind::kahan:
      b.fill_real([](int i, int j) { return j < i ? 0 : std::pow(0.6, i) * (i == j ? 1 : -0.8); });
      break;
    case general_kind::chebyshev:
      b.fill_real([n](int i, int j) { return chebyshev_entry(n, i, j); });
      break;
    case general_kind::bipartite:
      b.fill([&](int i, int j) { return (i < n / 2) == (j < n / 2) ? 0 : b.uniform(); });
      break;
    case general_kind::small_integers:
      b.fill([&](int, int) { return b.between(-2, 2); });
      break;
    case general_kind::triangular:
      b.fill([&](int i, int j) { return j < i ? 0 : b.uniform(); });
      break;
    default:
      fill_structure(k, b);
  }
  return b.take();
}

}  // namespace halfulp::gallery
