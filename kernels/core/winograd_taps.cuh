// Groups of three taps as tiles copy them: binary64 numbers in a quad of words, slab by slab.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>
#include <halfulp/kernels/core/winograd_plan.hpp>

namespace halfulp::kernels::cuda {

/// Three binary32 numbers as binary64 ones, of whose lower words only three bits are not 0: the upper words, and those bits
/// together. Widened so in four integer instructions.
struct packed_taps {
  double tap[3];

  __device__ explicit packed_taps(const uint4& q) {
    tap[0] = __hiloint2double(static_cast<int>(q.y), static_cast<int>(q.x & upper));
    tap[1] = __hiloint2double(static_cast<int>(q.w), static_cast<int>(q.x << 26 & upper));
    tap[2] = __hiloint2double(static_cast<int>(q.z), static_cast<int>(q.x << 29));
  }
  __device__ static uint4 of(double a, double b, double c) {
    const auto high = [](double x) { return static_cast<std::uint32_t>(__double2hiint(x)); };
    const auto low = [](double x) { return static_cast<std::uint32_t>(__double2loint(x)); };
    return {low(a) | low(b) >> 26 | low(c) >> 29, high(a), high(c), high(b)};
  }

 private:
  static constexpr std::uint32_t upper = 0xe0000000u;
};

/// Quads of the slabs of a tile's rows, row by row, and the squares of each row in each slab; those of tiles' rows, and of
/// groups, follow one another. Taps that do not exist are 0.
struct packed_factor {
  const uint4* quads;
  const float* squares;
};

/// A lane a term of a row, 16 of each slab.
template <class T, int Rows, int Terms>
__global__ void __launch_bounds__(threads_per_block)
    pack_taps(const __grid_constant__ window_product<T> p, const __grid_constant__ winograd_plan plan, int slabs,
              std::int64_t quads, uint4* to, float* squares) {
  for (std::int64_t i = std::int64_t{blockIdx.x} * threads_per_block + threadIdx.x; i < quads;
       i += std::int64_t{gridDim.x} * threads_per_block) {
    const auto place = static_cast<int>(i % (Rows * Terms));
    const std::int64_t of_slab = i / (Rows * Terms), of_tile = of_slab / slabs, down = (p.rows + Rows - 1) / Rows;
    const int k = static_cast<int>(of_slab - of_tile * slabs) * Terms + place % Terms;
    const std::int64_t group = of_tile / down, row = (of_tile - group * down) * Rows + place / Terms;
    float tap[3] = {};
    if (row < p.rows && k < plan.places.depth) {
      const tile_place term = plan.places.term_place(static_cast<unsigned>(k));
      const T* from =
          p.factor.data + group * p.factor.group_step + row * p.factor.row_step + plan.first_factor + term.factor;
      for (int e = 0; e < 3; ++e)
        if (plan.has_tap(term, e)) tap[e] = widen_binary32(from[e * static_cast<std::int64_t>(plan.factor_step)]);
    }
    to[i] = packed_taps::of(tap[0], tap[1], tap[2]);
    float all = fmaf(tap[2], tap[2], fmaf(tap[1], tap[1], tap[0] * tap[0]));
    for (int step = 1; step < Terms; step *= 2) all += __shfl_xor_sync(every_lane, all, step);
    if (place % Terms == 0) squares[i / Terms] = all;
  }
}

}  // namespace halfulp::kernels::cuda
