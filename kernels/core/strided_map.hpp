#pragma once

#include <array>
#include <cstdint>

#include <halfulp/oracle/core/extents.hpp>

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

}  // namespace halfulp::kernels
