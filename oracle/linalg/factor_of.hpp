#pragma once

#include <optional>

#include <halfulp/oracle/linalg/triangular.hpp>
#include <halfulp/oracle/ops/cholesky_solve.hpp>

namespace halfulp::linalg {

/// The parts of x in binary64; whether both are finite.
template <class T>
bool append_parts(T x, std::vector<double>& re, std::vector<double>& im) {
  if constexpr (is_complex<T>) {
    re.push_back(widen(x.real()));
    im.push_back(widen(x.imag()));
    return is_finite(re.back()) && is_finite(im.back());
  } else {
    re.push_back(widen(x));
    return is_finite(re.back());
  }
}

/// The factor L of matrix `m` of y, as cholesky_solve reads it: one triangle of y, mirrored and conjugated if it
/// is the upper one. Nothing where an element that is read is NaN or infinite, or one on the diagonal is 0.
template <class T>
std::optional<triangular_factor> factor_of(const op::cholesky_solve::geometry<run>& g, std::span<const T> y,
                                           std::int64_t m) {
  run machine(op::cholesky_solve::name);
  triangular_factor l{static_cast<std::size_t>(g.n), {}, {}};
  for (std::int64_t i = 0; i < g.n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      const auto e = g.factor_entry(machine, {m, {}}, {i, {}}, {j, {}});
      if (!append_parts(y[static_cast<std::size_t>(e.at.v)], l.real, l.imaginary)) return std::nullopt;
      if (e.conjugate && l.is_complex()) l.imaginary.back() = -l.imaginary.back();
    }
    if (l.real.back() == 0 && (!l.is_complex() || l.imaginary.back() == 0)) return std::nullopt;
    const std::size_t whole_rows = l.n * static_cast<std::size_t>(i + 1);
    l.real.resize(whole_rows);
    if (l.is_complex()) l.imaginary.resize(whole_rows);
  }
  return l;
}

/// Column j of matrix `m` of a batch of matrices of k columns with these elements. Nothing where one is NaN or
/// infinite.
template <class T>
std::optional<column_vector> column_of(const op::cholesky_solve::geometry<run>& g, std::span<const T> elements,
                                       std::int64_t m, std::int64_t j) {
  run machine(op::cholesky_solve::name);
  column_vector b;
  for (std::int64_t i = 0; i < g.n; ++i) {
    const auto at = g.element(machine, {{m, {}}, {i, {}}, {j, {}}});
    if (!append_parts(elements[static_cast<std::size_t>(at.v)], b.real, b.imaginary)) return std::nullopt;
  }
  return b;
}

}  // namespace halfulp::linalg
