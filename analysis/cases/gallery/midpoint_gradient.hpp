#pragma once

#include <halfulp/analysis/cases/gallery/hermitian.hpp>

namespace halfulp::gallery {

/// A matrix and weights of its eigenvalues, whose gradient is known without any eigenvectors being computed.
template <class T>
struct known_gradient {
  linalg::hermitian_matrix matrix;
  std::vector<component_t<T>> weights;  ///< by ascending eigenvalue
  std::vector<component_t<T>> rounded;  ///< the components of the gradient, row-major, real before imaginary parts
};

/// sum over m of (-1)^(number of ones in k and m) t(m), for every k.
inline std::vector<std::int64_t> walsh_transform(const std::vector<std::int64_t>& t) {
  std::vector<std::int64_t> sums(t.size());
  for (std::size_t k = 0; k < t.size(); ++k)
    for (std::size_t m = 0; m < t.size(); ++m) sums[k] += walsh(static_cast<int>(k), static_cast<int>(m)) * t[m];
  return sums;
}

/// A gradient with rounding midpoints on its diagonal, of size 2^order.
///
/// s(i xor j) has the eigenvectors of the Walsh-Hadamard matrix, and so has its gradient, t(i xor j): the weights are the
/// transform of t. t(0) is an odd integer of p + 1 bits, a midpoint; the others are odd and so small that every weight,
/// an even number of odd ones, is below 2^(p + 1) and even: a number of T. s(m) = m at the powers of two, else 0, has
/// distinct eigenvalues.
template <class T>
known_gradient<T> midpoint_gradient(int order, std::uint64_t seed) {
  using R = component_t<T>;
  constexpr int p = format_of<R>.precision;
  constexpr int scale = -p - 2;  // float16 reaches no further
  const int size = 1 << order;
  hermitian_builder<T> b(size, seed);
  std::vector<std::int64_t> s, t;
  for (int m = 0; m < size; ++m) {
    s.push_back((m & (m - 1)) == 0 ? m : 0);
    t.push_back(2 * (static_cast<std::int64_t>(b.bits() >> (68 - p)) / size) + 1);
    if (m > 0 && b.sign() < 0) t.back() = -t.back();
  }
  t[0] = (std::int64_t{5} << (p - 2)) + 2 * static_cast<std::int64_t>(b.bits() >> (67 - p)) + 1;
  const auto values = walsh_transform(s), weights = walsh_transform(t);
  std::vector<std::size_t> order_of_values;
  for (std::size_t k = 0; k < values.size(); ++k) order_of_values.push_back(k);
  std::sort(order_of_values.begin(), order_of_values.end(), [&](auto x, auto y) { return values[x] < values[y]; });
  known_gradient<T> g;
  for (const std::size_t k : order_of_values) g.weights.push_back(rounded<R>({weights[k], 0}, scale));
  for (int i = 0; i < size; ++i)
    for (int j = 0; j < size; ++j) {
      if (j <= i) b.set(i, j, static_cast<double>(s[static_cast<std::size_t>(i ^ j)]));
      g.rounded.push_back(rounded<R>({t[static_cast<std::size_t>(i ^ j)], 0}, scale));
      if (is_complex<T>) g.rounded.push_back(zero_of<R>());
    }
  g.matrix = b.take();
  return g;
}

}  // namespace halfulp::gallery
