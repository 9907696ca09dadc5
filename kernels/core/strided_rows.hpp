#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <halfulp/kernels/core/strided_map.hpp>
#include <halfulp/oracle/core/tensor.hpp>

namespace halfulp::kernels {

/// row(first, count, at) for parts of rows of the output, one by one and together all of it: `count` elements from
/// output element `first` on, the first of which reads element at[o] of operand o, the others a step of the last
/// dimension apart. Blocks of output elements are handed to the threads.
template <std::size_t Operands, class Row>
void for_each_row(const strided_map<Operands>& m, const Row& row) {
  constexpr std::int64_t block = std::int64_t{1} << 15;
  const std::int64_t count = product(m.shape);
  const int last = m.shape.rank - 1;
#pragma omp parallel for schedule(static) if (count > block)
  for (std::int64_t b = 0; b < (count + block - 1) / block; ++b) {
    std::int64_t first = b * block;
    const std::int64_t end = std::min(count, first + block);
    extents at = m.shape;
    for (std::int64_t k = last, rest = first; k >= 0; --k) {
      at[static_cast<int>(k)] = rest % m.shape[static_cast<int>(k)];
      rest /= m.shape[static_cast<int>(k)];
    }
    std::array<std::int64_t, Operands> from = m.offset;
    for (std::size_t o = 0; o < Operands; ++o)
      for (int k = 0; k <= last; ++k) from[o] += at[k] * m.step[o][k];
    while (first < end) {
      const std::int64_t n = std::min(end - first, m.shape[last] - at[last]);
      row(first, n, from);
      first += n;
      at[last] += n;
      for (std::size_t o = 0; o < Operands; ++o) from[o] += n * m.step[o][last];
      for (int k = last; k > 0 && at[k] == m.shape[k]; --k) {
        for (std::size_t o = 0; o < Operands; ++o) from[o] += m.step[o][k - 1] - m.shape[k] * m.step[o][k];
        at[k] = 0;
        ++at[k - 1];
      }
    }
  }
}

}  // namespace halfulp::kernels
