#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <halfulp/oracle/core/tensor.hpp>

namespace halfulp::kernels {

/// Where an output's elements come from: output element (i_0, i_1, ...), row-major in `shape`, reads element
/// offset[o] + sum_k i_k step[o][k] of operand o. A step of 0 repeats an operand along a dimension.
template <std::size_t Operands>
struct strided_map {
  extents shape;
  std::array<extents, Operands> step;
  std::array<std::int64_t, Operands> offset{};

  /// The same with as few dimensions as the steps allow, and at least one: sizes of 1 are left out, neighbours that
  /// every operand runs through like one dimension are joined.
  strided_map collapsed() const {
    strided_map c;
    c.offset = offset;
    for (int k = 0; k < shape.rank; ++k) {
      if (shape[k] == 1) continue;
      if (c.shape.rank > 0 && c.continues(*this, k)) {
        c.shape[c.shape.rank - 1] *= shape[k];
        for (std::size_t o = 0; o < Operands; ++o) c.step[o][c.shape.rank - 1] = step[o][k];
      } else {
        c.push_back(*this, k);
      }
    }
    if (c.shape.rank == 0) {
      c.shape.push_back(1);
      for (auto& s : c.step) s.push_back(0);
    }
    return c;
  }

 private:
  bool continues(const strided_map& from, int k) const {
    for (std::size_t o = 0; o < Operands; ++o)
      if (step[o][shape.rank - 1] != from.step[o][k] * from.shape[k]) return false;
    return true;
  }
  void push_back(const strided_map& from, int k) {
    shape.push_back(from.shape[k]);
    for (std::size_t o = 0; o < Operands; ++o) step[o].push_back(from.step[o][k]);
  }
};

/// Steps that repeat a row-major tensor of shape `from` to `to`, to which it can be broadcast.
inline extents broadcast_steps(const extents& from, const extents& to) {
  extents steps = to;
  std::int64_t step = 1;
  for (int k = to.rank - 1; k >= 0; --k) {
    const int j = k - (to.rank - from.rank);
    steps[k] = j < 0 || from[j] == 1 ? 0 : step;
    if (j >= 0) step *= from[j];
  }
  return steps;
}

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
