#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <halfulp/analysis/cases/gallery/lapack_types.hpp>
#include <halfulp/analysis/cases/gallery/prescribed.hpp>
#include <halfulp/analysis/cases/gallery/structured.hpp>

/// Hermitian test matrices by kind.
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
  block_diagonal,     ///< one random 3 x 3 block, repeated: every eigenvalue multiple
  subnormal,          ///< a few units of the smallest subnormal number
  huge,               ///< up to the largest finite number: eigenvalues overflow
  kahan,              ///< K^T K, K Kahan's triangular matrix of sines and cosines: nearly singular, with no small pivot
  second_difference,  ///< 2 on the diagonal and -1 beside it
  nearly_singular,    ///< eigenvalues in 1/2 .. 1, and one of 0 that rounding moves to one side or the other
  direct_sum,         ///< random blocks of sizes 1, 2, 3, ..., rows and columns permuted
  ties,  ///< blocks [[c, h], [h, c]], h half an ulp of c, permuted: eigenvalues half way between two numbers
  distinct_integers,   ///< prescribed: distinct integers
  multiple_integers,   ///< prescribed: three values
  graded_integers,     ///< prescribed: +-1, +-2, +-4, ...
  clustered_integers,  ///< prescribed: four neighbours
  paired_integers,     ///< prescribed: each with its negative
  lapack_1,            ///< LAPACK's test types: fill_lapack_type
  // clang-format off
  lapack_2, lapack_3, lapack_4, lapack_5, lapack_6, lapack_7, lapack_8, lapack_9, lapack_10, lapack_11,
  lapack_12, lapack_13, lapack_14, lapack_15, lapack_16, lapack_17, lapack_18, lapack_19, lapack_20,
  lapack_21,
  // clang-format on
};

// clang-format off
inline constexpr std::array<std::string_view, 45> kind_names{
    "uniform", "graded", "graded_reversed", "clustered", "hilbert", "wilkinson", "frank",
    "integer_singular", "ones", "zero", "identity", "block_diagonal", "subnormal", "huge", "kahan",
    "second_difference", "nearly_singular", "direct_sum", "ties", "distinct_integers", "multiple_integers",
    "graded_integers", "clustered_integers", "paired_integers", "lapack_1", "lapack_2", "lapack_3",
    "lapack_4", "lapack_5", "lapack_6", "lapack_7", "lapack_8", "lapack_9", "lapack_10", "lapack_11",
    "lapack_12", "lapack_13", "lapack_14", "lapack_15", "lapack_16", "lapack_17", "lapack_18", "lapack_19",
    "lapack_20", "lapack_21"};
// clang-format on

constexpr std::string_view name_of(kind k) {
  return kind_names[static_cast<std::size_t>(k)];
}
constexpr std::optional<kind> kind_named(std::string_view name) {
  for (std::size_t k = 0; k < kind_names.size(); ++k)
    if (kind_names[k] == name) return static_cast<kind>(k);
  return std::nullopt;
}

/// 1 .. 21 for LAPACK's types.
constexpr int lapack_type_of(kind k) {
  return static_cast<int>(k) - static_cast<int>(kind::lapack_1) + 1;
}
/// Of a kind with a prescribed spectrum.
constexpr std::optional<spectrum> spectrum_of(kind k) {
  const int s = static_cast<int>(k) - static_cast<int>(kind::distinct_integers);
  return s >= 0 && s < spectrum_count ? std::optional(static_cast<spectrum>(s)) : std::nullopt;
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
      b.fill_real(hilbert_entry);
      break;
    case kind::wilkinson:
      b.fill_real([n](int i, int j) { return wilkinson_entry(n, i, j); });
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
    case kind::kahan:
      fill_kahan(b);
      break;
    case kind::second_difference:
      b.fill_real([](int i, int j) { return i == j ? 2 : (i == j + 1 ? -1 : 0); });
      break;
    case kind::nearly_singular:
      fill_nearly_singular(b);
      break;
    case kind::direct_sum:
      fill_direct_sum(b);
      break;
    case kind::ties:
      fill_ties(b);
      break;
    default:
      if (const auto s = spectrum_of(k)) return prescribed<T>(*s, n, seed).matrix;
      fill_lapack_type(b, lapack_type_of(k));
  }
  return b.take();
}

}  // namespace halfulp::gallery
