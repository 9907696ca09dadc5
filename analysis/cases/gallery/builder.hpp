#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include <halfulp/oracle/core/round.hpp>
#include <halfulp/oracle/linalg/hermitian.hpp>

namespace halfulp::gallery {

/// Entries of T in the making. The same bits on every machine from the seed alone: the engine is fixed by the C++
/// standard, no distribution of the library is used, and of <cmath> only what IEEE 754 fixes.
template <class T>
class matrix_builder {
 public:
  using R = component_t<T>;

  matrix_builder(int n, std::uint64_t seed) : engine_(seed) {
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
  /// 1 or -1.
  int sign() { return between(0, 1) == 0 ? 1 : -1; }

  template <class E>
  void shuffle(std::vector<E>& x) {
    for (std::size_t i = x.size(); i > 1; --i)
      std::swap(x[i - 1], x[static_cast<std::size_t>(between(0, static_cast<int>(i) - 1))]);
  }

  linalg::square_matrix take() { return std::move(matrix_); }

 protected:
  void put(int i, int j, double re, double im) {
    matrix_.real[matrix_.at(i, j)] = widen(narrow<R>(re));
    if (is_complex<T>) matrix_.imaginary[matrix_.at(i, j)] = widen(narrow<R>(im));
  }

 private:
  std::mt19937_64 engine_;
  linalg::square_matrix matrix_;
};

/// One whose entries come with their mirror images.
template <class T>
class hermitian_builder : public matrix_builder<T> {
 public:
  using matrix_builder<T>::matrix_builder;
  using matrix_builder<T>::n;

  /// Entry (i, j), i >= j, rounded once to T, and its mirror image.
  void set(int i, int j, double re, double im = 0) {
    this->put(i, j, re, i == j ? 0 : im);
    this->put(j, i, re, i == j ? 0 : -im);
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
};

/// One whose entries are set one by one, in rows.
template <class T>
class general_builder : public matrix_builder<T> {
 public:
  using matrix_builder<T>::matrix_builder;
  using matrix_builder<T>::n;

  void set(int i, int j, double re, double im = 0) { this->put(i, j, re, im); }
  /// Every entry from value(i, j); a complex T has value() for its imaginary parts as well.
  template <class F>
  void fill(F value) {
    for (int i = 0; i < n(); ++i)
      for (int j = 0; j < n(); ++j) {
        const double re = value(i, j);
        set(i, j, re, is_complex<T> ? value(i, j) : 0);
      }
  }
  template <class F>
  void fill_real(F value) {
    for (int i = 0; i < n(); ++i)
      for (int j = 0; j < n(); ++j) set(i, j, value(i, j));
  }
};

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
