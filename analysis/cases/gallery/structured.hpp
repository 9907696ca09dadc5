#pragma once

#include <halfulp/analysis/cases/gallery/lapack_types.hpp>

/// Matrices of a structure that is hard on eigensolvers, each with no parameter but its size.
namespace halfulp::gallery {

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

/// Entries (i, j), i >= j, of the two matrices that have no parameter.
inline double hilbert_entry(int i, int j) {
  return 1.0 / (i + j + 1);
}
inline double wilkinson_entry(int n, int i, int j) {
  return i == j ? std::abs(i - (n - 1) / 2.0) : (i == j + 1 ? 1 : 0);
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

/// K^T K for K = diag(1, s, s^2, ...) (I - c U), U the ones above the diagonal, s = 3/5 and c = 4/5: sums in binary64.
template <class T>
void fill_kahan(hermitian_builder<T>& b) {
  b.fill_real([](int i, int j) {
    double sum = 0, square = 1;  // s^(2 k)
    for (int k = 0; k <= j; ++k, square *= 0.36) sum += square * (k == i ? 1 : -0.8) * (k == j ? 1 : -0.8);
    return sum;
  });
}

/// Blocks of sizes 1, 2, 3, ... of entries value(), and zeros, in random order.
template <class T>
void fill_direct_sum(hermitian_builder<T>& b) {
  std::vector<int> block;
  for (int size = 1; static_cast<int>(block.size()) < b.n(); ++size)
    for (int k = 0; k < size && static_cast<int>(block.size()) < b.n(); ++k) block.push_back(size);
  b.shuffle(block);
  b.fill([&](int i, int j) {
    return block[static_cast<std::size_t>(i)] == block[static_cast<std::size_t>(j)] ? b.uniform() : 0;
  });
}

/// The last row and column stand alone where n is odd.
template <class T>
void fill_ties(hermitian_builder<T>& b) {
  constexpr int p = format_of<T>.precision;
  std::vector<int> order;
  for (int i = 0; i < b.n(); ++i) order.push_back(i);
  b.shuffle(order);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double c = 1 + std::ldexp(static_cast<double>(b.bits() >> (65 - p)), 1 - p);
    b.set(order[k], order[k], c);
    if (k % 2 == 0) continue;
    b.set(order[k - 1], order[k - 1], c);
    b.set(std::max(order[k], order[k - 1]), std::min(order[k], order[k - 1]), b.sign() * std::ldexp(1.0, -p));
  }
}

template <class T>
void fill_nearly_singular(hermitian_builder<T>& b) {
  std::vector<double> d;
  for (int i = 0; i < b.n(); ++i) d.push_back(i == 0 ? 0 : b.uniform() / 2 + 0.75);
  fill_rotated(b, d, 0);
}

}  // namespace halfulp::gallery
