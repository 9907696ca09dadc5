#pragma once

#include <vector>

#include <halfulp/oracle/linalg/integer_matrix.hpp>

namespace halfulp::linalg {

/// What an entry of a matrix asks of the colours of its row and column.
enum class wish { equal, different, impossible };

/// Two colours for the rows of a matrix whose graph is connected, as each entry that is not 0 wishes; row 0 has colour
/// false. Empty where there are none.
template <class F>
std::vector<bool> two_colouring(const integer_matrix& a, F wish_of) {
  const auto n = static_cast<std::size_t>(a.n);
  std::vector<bool> colour(n), reached(n);
  std::vector<int> queue{0};
  reached[0] = true;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    const int i = queue[next];
    for (int j = 0; j < a.n; ++j) {
      const std::size_t at = a.at(i, j);
      if (a.real[at] == 0 && (!a.is_complex() || a.imaginary[at] == 0)) continue;
      const wish w = wish_of(i, j);
      if (w == wish::impossible) return {};
      const bool wanted = colour[static_cast<std::size_t>(i)] != (w == wish::different);
      if (!reached[static_cast<std::size_t>(j)]) {
        reached[static_cast<std::size_t>(j)] = true;
        colour[static_cast<std::size_t>(j)] = wanted;
        queue.push_back(j);
      } else if (colour[static_cast<std::size_t>(j)] != wanted) {
        return {};
      }
    }
  }
  return colour;
}

/// Colours such that an entry between equal ones is real and one between different ones imaginary: with D = diag(1 or i)
/// D^H A D is real, so that any function of A has such entries, too. Empty where there are none.
inline std::vector<bool> phase_colouring(const integer_matrix& a) {
  if (!a.is_complex()) return {};
  return two_colouring(a, [&](int i, int j) {
    const std::size_t at = a.at(i, j);
    if (a.real[at] != 0 && a.imaginary[at] != 0) return wish::impossible;
    return a.real[at] != 0 ? wish::equal : wish::different;
  });
}

/// Colours such that A - c I, c the element that fills the diagonal, has entries between different ones only: with
/// D = diag(1 or -1) D A D = 2 c I - A, so that the spectrum is symmetric to c, and P_(2c - l) = D P_l D. Empty where there
/// are none.
inline std::vector<bool> bipartite_colouring(const integer_matrix& a) {
  for (int k = 1; k < a.n; ++k)
    if (a.real[a.at(k, k)] != a.real[a.at(0, 0)]) return {};
  integer_matrix shifted = a;
  for (int k = 0; k < a.n; ++k) shifted.real[a.at(k, k)] = 0;
  return two_colouring(shifted, [](int, int) { return wish::different; });
}

}  // namespace halfulp::linalg
