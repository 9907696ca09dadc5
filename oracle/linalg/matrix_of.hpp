#pragma once

#include <optional>

#include <halfulp/oracle/linalg/hermitian.hpp>
#include <halfulp/oracle/ops/eigvals.hpp>
#include <halfulp/oracle/ops/eigvals_grad.hpp>
#include <halfulp/oracle/ops/eigvalsh_grad.hpp>

namespace halfulp::linalg {

/// Matrix `m` of a batch as eigvalsh reads it: one triangle, mirrored, and the real parts of the diagonal.
/// Nothing where an element that is read is NaN or infinite.
template <class T>
std::optional<hermitian_matrix> matrix_of(const op::eigvalsh::args<T>& a, std::int64_t m) {
  run machine(op::eigvalsh::name);
  const auto size = static_cast<std::size_t>(a.shape.n);
  hermitian_matrix h{static_cast<int>(a.shape.n), std::vector<double>(size * size),
                     std::vector<double>(is_complex<T> ? size * size : 0)};
  bool finite = true;
  for (std::int64_t column = 0; column < a.shape.n; ++column) {
    for (std::int64_t row = column; row < a.shape.n; ++row) {
      const auto from = a.shape.source(machine, idx<run>{m, {}}, idx<run>{row, {}}, idx<run>{column, {}});
      const T x = a.x[static_cast<std::size_t>(from.at.v)];
      const std::size_t lower = h.at(static_cast<int>(row), static_cast<int>(column));
      const std::size_t upper = h.at(static_cast<int>(column), static_cast<int>(row));
      if constexpr (is_complex<T>) {
        h.real[lower] = h.real[upper] = widen(x.real());
        if (row != column) {
          h.imaginary[lower] = from.conjugate ? -widen(x.imag()) : widen(x.imag());
          h.imaginary[upper] = -h.imaginary[lower];
        }
        finite = finite && is_finite(h.imaginary[lower]);
      } else {
        h.real[lower] = h.real[upper] = widen(x);
      }
      finite = finite && is_finite(h.real[lower]);
    }
  }
  if (!finite) return std::nullopt;
  return h;
}

/// Matrix `m` of a batch as eigvals reads it. Nothing where an element is NaN or infinite.
template <class T>
std::optional<square_matrix> matrix_of(const op::eigvals::args<T>& a, std::int64_t m) {
  run machine(op::eigvals::name);
  const auto size = static_cast<std::size_t>(a.shape.n);
  square_matrix s{static_cast<int>(a.shape.n), std::vector<double>(size * size),
                  std::vector<double>(is_complex<T> ? size * size : 0)};
  bool finite = true;
  for (std::int64_t column = 0; column < a.shape.n; ++column) {
    for (std::int64_t row = 0; row < a.shape.n; ++row) {
      const auto from = a.shape.element(machine, idx<run>{m, {}}, idx<run>{row, {}}, idx<run>{column, {}});
      const T x = a.x[static_cast<std::size_t>(from.v)];
      const std::size_t to = s.at(static_cast<int>(row), static_cast<int>(column));
      if constexpr (is_complex<T>) {
        s.real[to] = widen(x.real());
        s.imaginary[to] = widen(x.imag());
        finite = finite && is_finite(s.imaginary[to]);
      } else {
        s.real[to] = widen(x);
      }
      finite = finite && is_finite(s.real[to]);
    }
  }
  if (!finite) return std::nullopt;
  return s;
}

/// dw of matrix `m`; nothing where one is NaN or infinite.
template <class T>
std::optional<std::vector<double>> weights_of(const op::eigvalsh_grad::args<T>& a, std::int64_t m) {
  run machine(op::eigvalsh_grad::name);
  std::vector<double> w;
  for (std::int64_t k = 0; k < a.shape.forward.n; ++k) {
    const auto at = a.shape.forward.result(machine, idx<run>{m, {}}, idx<run>{k, {}});
    w.push_back(widen(a.dw[static_cast<std::size_t>(at.v)]));
    if (!is_finite(w.back())) return std::nullopt;
  }
  return w;
}

template <class T>
std::optional<std::vector<std::complex<double>>> weights_of(const op::eigvals_grad::args<T>& a, std::int64_t m) {
  run machine(op::eigvals_grad::name);
  std::vector<std::complex<double>> w;
  for (std::int64_t k = 0; k < a.shape.forward.n; ++k) {
    const auto at = a.shape.forward.result(machine, idx<run>{m, {}}, idx<run>{k, {}});
    const auto z = a.dw[static_cast<std::size_t>(at.v)];
    w.emplace_back(widen(z.real()), widen(z.imag()));
    if (!is_finite(w.back().real()) || !is_finite(w.back().imag())) return std::nullopt;
  }
  return w;
}

}  // namespace halfulp::linalg
