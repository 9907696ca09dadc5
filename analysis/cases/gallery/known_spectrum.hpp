#pragma once

#include <algorithm>
#include <bit>

#include <halfulp/analysis/cases/gallery/builder.hpp>

namespace halfulp::gallery {

/// A matrix whose eigenvalues are known without any eigenvalue algorithm.
template <class T>
struct known_case {
  linalg::hermitian_matrix matrix;
  std::vector<component_t<T>> rounded;  ///< every eigenvalue rounded once, ascending
  int ties = 0;                         ///< how many lie exactly on a rounding midpoint
  int near_ties = 0;                    ///< how many lie within a relative 2^-60 of one, and not on it
};

/// An eigenvalue: an integer, or a real so close to it that only the side matters.
struct known_eigenvalue {
  std::int64_t integer;
  int side;  ///< -1: just below, 0: equal, 1: just above
};

/// RN of scale * (integer + side * tiny).
template <class R>
R rounded(const known_eigenvalue& v, int scale) {
  if (v.integer == 0) return zero_of<R>(v.side < 0);
  const bool negative = v.integer < 0;
  const auto magnitude = static_cast<std::uint64_t>(negative ? -v.integer : v.integer);
  const int lead = std::countl_zero(magnitude);
  binary_real r{negative, magnitude << lead, scale - lead, v.side != 0};
  if (v.side != 0 && (v.side < 0) != negative) --r.significand;  // toward zero
  return round_to_nearest<R>(r);
}

/// How many bits the integer has from its highest 1 to its lowest.
constexpr int significant_bits(std::int64_t integer) {
  const auto magnitude = static_cast<std::uint64_t>(integer < 0 ? -integer : integer);
  return magnitude == 0 ? 0 : std::bit_width(magnitude) - std::countr_zero(magnitude);
}

/// Whether the integer is half way between two numbers of R; scaled, so that no exponent border is near.
template <class R>
bool is_midpoint(std::int64_t integer) {
  return significant_bits(integer) == format_of<R>.precision + 1;
}

/// (-1)^(the number of ones in k and m): entry (k, m) of the Walsh-Hadamard matrix.
constexpr int walsh(int k, int m) {
  return std::popcount(static_cast<unsigned>(k & m)) % 2 == 0 ? 1 : -1;
}

/// The case of this matrix and these eigenvalues, in any order, times 2^scale.
template <class T>
known_case<T> known(linalg::hermitian_matrix matrix, std::vector<known_eigenvalue> values, int scale) {
  using R = component_t<T>;
  std::sort(values.begin(), values.end(), [](const auto& x, const auto& y) {
    return x.integer != y.integer ? x.integer < y.integer : x.side < y.side;
  });
  known_case<T> c{std::move(matrix), {}};
  for (const auto& v : values) {
    c.rounded.push_back(rounded<R>(v, scale));
    if (is_midpoint<R>(v.integer)) ++(v.side == 0 ? c.ties : c.near_ties);
  }
  return c;
}

}  // namespace halfulp::gallery
