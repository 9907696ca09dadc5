#pragma once

#include <halfulp/analysis/cases/gallery/hermitian.hpp>

namespace halfulp::gallery {

/// The integers s(m) of near_midpoint: below 2^p in magnitude, with an odd sum.
template <class T>
std::vector<std::int64_t> odd_sequence(hermitian_builder<T>& b, int size) {
  constexpr int p = format_of<T>.precision;
  std::vector<std::int64_t> s(static_cast<std::size_t>(size));
  std::int64_t sum = 0;
  for (auto& x : s) {
    x = static_cast<std::int64_t>(b.bits() >> (64 - p)) / std::max(1, size / 2);
    if (b.bits() % 2 != 0) x = -x;
  }
  s[0] = (std::int64_t{1} << p) - 1 - static_cast<std::int64_t>(b.bits() >> (66 - p));
  for (const auto x : s) sum += x;
  if (sum % 2 == 0) --s[0];
  return s;
}

/// A row beside the matrix: t times Walsh vector k, and g on the diagonal.
struct coupled_row {
  int k = 0;
  double t = 0;
  double g = 0;
};

/// Couples one eigenvalue l of `values`, a midpoint if there is one, to g = +-2^m, at least |l| away, and notes on
/// which side that leaves both.
template <class T>
coupled_row couple(hermitian_builder<T>& b, int order, int scale, std::vector<known_eigenvalue>& values) {
  constexpr format f = format_of<T>;
  coupled_row row{b.between(0, (1 << order) - 1)};
  for (int tries = 1;
       tries < 1 << order && !is_midpoint<component_t<T>>(values[static_cast<std::size_t>(row.k)].integer); ++tries)
    row.k = (row.k + 1) % (1 << order);
  known_eigenvalue& l = values[static_cast<std::size_t>(row.k)];
  const int sign = l.integer < 0 ? -1 : 1;
  const int width = std::bit_width(static_cast<std::uint64_t>(sign * l.integer));
  const bool beyond = b.between(0, 1) == 1;  // g on the same side, at least twice |l|
  const std::int64_t g = beyond ? sign * (std::int64_t{1} << (width + 1)) : -sign * (std::int64_t{1} << width);
  row.g = static_cast<double>(g);
  // t^2 2^order <= l^2 2^-60, where the format has such a t at all
  const int exponent = width - 1 - 31 - (order + 1) / 2 - b.between(0, 4);
  known_eigenvalue other{g, 0};
  if (exponent + scale >= f.e_min - f.precision + 1) {
    row.t = std::ldexp(1.0, exponent);
    l.side = beyond ? -sign : sign;
    other.side = -l.side;
  }
  values.push_back(other);
  return row;
}

/// Fills b with scale * P M P^H, for the matrix M with these entries and a random P that permutes and multiplies by
/// signs, or by powers of i: no entry changes its magnitude, no eigenvalue changes.
template <class T, class F>
void fill_permuted(hermitian_builder<T>& b, int scale, F entry) {
  std::vector<int> place(static_cast<std::size_t>(b.n())), phase(place.size());
  for (int i = 0; i < b.n(); ++i) {
    place[static_cast<std::size_t>(i)] = i;
    phase[static_cast<std::size_t>(i)] = is_complex<T> ? b.between(0, 3) : 2 * b.between(0, 1);
    std::swap(place[static_cast<std::size_t>(i)], place[static_cast<std::size_t>(b.between(0, i))]);
  }
  constexpr double re[] = {1, 0, -1, 0}, im[] = {0, 1, 0, -1};
  for (std::size_t i = 0; i < place.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double x = std::ldexp(entry(place[i], place[j]), scale);
      const int turn = (phase[i] - phase[j] + 4) % 4;
      b.set(static_cast<int>(i), static_cast<int>(j), re[turn] * x, im[turn] * x);
    }
}

/// A matrix with eigenvalues on and beside rounding midpoints, of size 2^order, or 2^order + 1 where `coupled`.
///
/// a(i, j) = s(i xor j) has the eigenvectors of the Walsh-Hadamard matrix and the eigenvalues
///   l_k = sum over m of (-1)^(number of ones in k and m) s(m)
/// so with integers s(m) below 2^p and of an odd sum they are odd integers; those from 2^p to 2^(p + 1) are midpoints.
/// A further row, t times Walsh vector k, with g on the diagonal, moves l_k and g alone, away from each other, by
/// t^2 2^order / |l_k - g| or less, relative to l_k below 2^-60.
template <class T>
known_case<T> near_midpoint(int order, bool coupled, std::uint64_t seed) {
  constexpr format f = format_of<T>;
  const int size = 1 << order;
  hermitian_builder<T> b(size + (coupled ? 1 : 0), seed);
  const std::vector<std::int64_t> s = odd_sequence(b, size);
  std::vector<known_eigenvalue> values;
  for (int k = 0; k < size; ++k) {
    values.push_back({0, 0});
    for (int m = 0; m < size; ++m) values.back().integer += walsh(k, m) * s[static_cast<std::size_t>(m)];
  }
  // all integers are below 2^(p + 2): clear of overflow, and in wide formats of underflow
  const int scale = f.e_max > 100 ? b.between(-20, 20) : f.e_max - f.precision - 4;
  const coupled_row row = coupled ? couple(b, order, scale, values) : coupled_row{};
  fill_permuted(b, scale, [&](int i, int j) {
    if (i < size && j < size) return static_cast<double>(s[static_cast<std::size_t>(i ^ j)]);
    return i == j ? row.g : row.t * walsh(row.k, std::min(i, j));
  });
  return known<T>(b.take(), std::move(values), scale);
}

}  // namespace halfulp::gallery
