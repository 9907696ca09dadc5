#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/linalg/hermitian.hpp>

/// Hermitian test matrices. The same bits on every machine from the seed alone: the engine is fixed by the C++
/// standard, no distribution of the library is used, and of <cmath> only what is exact.
namespace halfulp::gallery {

enum class kind {
  uniform,           ///< entries uniform in [-1/2, 1/2)
  graded,            ///< D (I + R / 4) D, positive definite, D falling by powers of two
  graded_reversed,   ///< the same, from small to large: LAPACK's tridiagonalisation loses the small eigenvalues
  clustered,         ///< the identity plus a few units in its last place
  hilbert,           ///< 1 / (i + j + 1), rounded
  wilkinson,         ///< |i - (n - 1) / 2| on the diagonal and 1 beside it: pairs of eigenvalues that nearly agree
  frank,             ///< n - max(i, j): the inverse of a difference operator
  integer_singular,  ///< B B^H of rank n / 2 with B of small integers: exact zeros
  ones,
  zero,
  identity,
  block_diagonal,  ///< one random 3 x 3 block, repeated: every eigenvalue multiple
  subnormal,       ///< a few units of the smallest subnormal number
  huge,            ///< up to the largest finite number: eigenvalues overflow
};

inline constexpr std::array<std::string_view, 14> kind_names{
    "uniform", "graded", "graded_reversed", "clustered",      "hilbert",   "wilkinson", "frank", "integer_singular",
    "ones",    "zero",   "identity",        "block_diagonal", "subnormal", "huge"};

constexpr std::string_view name_of(kind k) {
  return kind_names[static_cast<std::size_t>(k)];
}
constexpr std::optional<kind> kind_named(std::string_view name) {
  for (std::size_t k = 0; k < kind_names.size(); ++k)
    if (kind_names[k] == name) return static_cast<kind>(k);
  return std::nullopt;
}

/// Entries of T in the making.
template <class T>
class hermitian_builder {
 public:
  using R = component_t<T>;

  hermitian_builder(int n, std::uint64_t seed) : engine_(seed) {
    const auto entries = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    matrix_.n = n;
    matrix_.real.resize(entries);
    if (is_complex<T>) matrix_.imaginary.resize(entries);
  }

  int n() const { return matrix_.n; }
  std::uint64_t bits() { return engine_(); }
  /// Uniform in [-1/2, 1/2) on a grid of 2^-53.
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53 - 0.5; }
  int between(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }

  /// Entry (i, j), i >= j, rounded once to T, and its mirror image.
  void set(int i, int j, double re, double im = 0) {
    matrix_.real[matrix_.at(i, j)] = matrix_.real[matrix_.at(j, i)] = widen(narrow<R>(re));
    if (!is_complex<T> || i == j) return;
    matrix_.imaginary[matrix_.at(i, j)] = widen(narrow<R>(im));
    matrix_.imaginary[matrix_.at(j, i)] = -matrix_.imaginary[matrix_.at(i, j)];
  }
  /// Every entry from value(i, j), i >= j; a complex T has value() for its imaginary parts as well.
  template <class F>
  void fill(F value) {
    for (int i = 0; i < n(); ++i)
      for (int j = 0; j <= i; ++j) {
        const double re = value(i, j);
        set(i, j, re, is_complex<T> && i != j ? value(i, j) : 0);
      }
  }
  template <class F>
  void fill_real(F value) {
    for (int i = 0; i < n(); ++i)
      for (int j = 0; j <= i; ++j) set(i, j, value(i, j));
  }

  linalg::hermitian_matrix take() { return std::move(matrix_); }

 private:
  std::mt19937_64 engine_;
  linalg::hermitian_matrix matrix_;
};

template <class T>
void fill_graded(hermitian_builder<T>& b, bool reversed) {
  const int range = format_of<T>.e_min < -100 ? 98 : 16;  // of the exponents of the diagonal
  const auto exponent = [&](int i) {
    const int place = reversed ? b.n() - 1 - i : i;
    return b.n() == 1 ? 0 : place * range / (2 * (b.n() - 1));
  };
  // |R| <= n / 4 keeps the matrix definite up to n = 8; larger ones are made dominant
  const double weight = b.n() <= 8 ? 0.25 : 2.0 / b.n();
  b.fill([&](int i, int j) { return std::ldexp((i == j ? 1 : 0) + weight * b.uniform(), -exponent(i) - exponent(j)); });
}

template <class T>
void fill_integer_singular(hermitian_builder<T>& b) {
  const int rank = b.n() / 2;
  std::vector<int> re(static_cast<std::size_t>(b.n() * rank)), im(re.size());
  for (int& x : re) x = b.between(-2, 2);
  for (int& x : im) x = is_complex<T> ? b.between(-2, 2) : 0;
  for (int i = 0; i < b.n(); ++i)
    for (int j = 0; j <= i; ++j) {
      int sum_re = 0, sum_im = 0;
      for (int k = 0; k < rank; ++k) {
        const auto p = static_cast<std::size_t>(i * rank + k), q = static_cast<std::size_t>(j * rank + k);
        sum_re += re[p] * re[q] + im[p] * im[q];
        sum_im += im[p] * re[q] - re[p] * im[q];
      }
      b.set(i, j, sum_re, sum_im);
    }
}

template <class T>
void fill_block_diagonal(hermitian_builder<T>& b) {
  std::array<double, 18> block;
  for (double& x : block) x = b.uniform();
  for (int i = 0; i < b.n(); ++i)
    for (int j = i / 3 * 3; j <= i; ++j) {
      const auto at = static_cast<std::size_t>(i % 3 * 3 + j % 3);
      b.set(i, j, block[at], block[at + 9]);
    }
}

/// A matrix of this kind, every entry a number of T; the same for the same arguments everywhere.
template <class T>
linalg::hermitian_matrix make(kind k, int n, std::uint64_t seed) {
  constexpr format f = format_of<T>;
  hermitian_builder<T> b(n, seed);
  switch (k) {
    case kind::uniform:
      b.fill([&](int, int) { return b.uniform(); });
      break;
    case kind::graded:
      fill_graded(b, false);
      break;
    case kind::graded_reversed:
      fill_graded(b, true);
      break;
    case kind::clustered:
      b.fill([&](int i, int j) { return std::ldexp(b.between(-3, 3), -f.precision) + (i == j ? 1 : 0); });
      break;
    case kind::hilbert:
      b.fill_real([](int i, int j) { return 1.0 / (i + j + 1); });
      break;
    case kind::wilkinson:
      b.fill_real([n](int i, int j) { return i == j ? std::abs(i - (n - 1) / 2) : (i == j + 1 ? 1 : 0); });
      break;
    case kind::frank:
      b.fill_real([n](int i, int) { return n - i; });
      break;
    case kind::integer_singular:
      fill_integer_singular(b);
      break;
    case kind::ones:
      b.fill_real([](int, int) { return 1; });
      break;
    case kind::zero:
      break;
    case kind::identity:
      b.fill_real([](int i, int j) { return i == j ? 1 : 0; });
      break;
    case kind::block_diagonal:
      fill_block_diagonal(b);
      break;
    case kind::subnormal:
      b.fill([&](int, int) { return std::ldexp(b.between(-40, 40), f.e_min - f.precision + 1); });
      break;
    case kind::huge:
      b.fill([&](int, int) { return std::ldexp(b.uniform() * 1.99, f.e_max); });
      break;
  }
  return b.take();
}

/// The elements as a row-major tensor has them.
template <class T>
std::vector<T> elements(const linalg::hermitian_matrix& a) {
  using R = component_t<T>;
  std::vector<T> x;
  for (int i = 0; i < a.n; ++i)
    for (int j = 0; j < a.n; ++j) {
      if constexpr (is_complex<T>) {
        x.push_back({narrow<R>(a.real[a.at(i, j)]), narrow<R>(a.imaginary[a.at(i, j)])});
      } else {
        x.push_back(narrow<R>(a.real[a.at(i, j)]));
      }
    }
  return x;
}

}  // namespace halfulp::gallery
