// The sums of patches by Winograd's minimal filtering, on tensor cores.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/tensor_core.cuh>
#include <halfulp/kernels/core/tile.cuh>
#include <halfulp/kernels/core/winograd_taps.cuh>

namespace halfulp::kernels::cuda {

/// A lane makes u and v of what it reads, and has the four m_i of patches g and g + 8 and of 2 rows of each 8.
template <class Tile>
class winograd_sums {
 public:
  __device__ explicit winograd_sums(tile_memory<Tile>& memory) : memory_(memory) {
    const unsigned thread = threadIdx.x, lane = thread % lanes, warp = thread / lanes, g = lane / 4, t = lane % 4,
                   j = warp % Tile::down * 16 + g, r = warp / Tile::down * Tile::warp_rows + g,
                   first = (warp + warp / Tile::down) % 2 * 8 + 2 * t, second = first ^ 8;
    memory.first_operands[thread] = {memory.patch_at(j, first), memory.taps_at(r, first), memory.patch_at(j, second),
                                     memory.taps_at(r, second)};
    for (auto& a : product_)
      for (auto& b : a)
        for (double& c : b) c = 0;
  }

  /// Adds the products of a slab, half by half; of 8 terms lane t holds 2 t and 2 t + 1. Two warps hold the same elements:
  /// each adds up the squares of the half that it begins with.
  __device__ void multiply(int stage) {
    const uint4 at = memory_.first_operands[threadIdx.x];
    multiply_half<true>(memory_.image[stage] + at.x, memory_.factor[stage] + at.y);
    multiply_half<false>(memory_.image[stage] + at.z, memory_.factor[stage] + at.w);
  }
  /// At least the sum of the largest m0 or m3, m1 / 2 and m2 / 2 of this thread, as tile_product::largest_sum.
  __device__ double largest_sum() const { return fmax(largest(0), largest(3)) + (largest(1) + largest(2)) / 2; }
  __device__ double sum(int pair, int eight, int k) const {
    const int column = 2 * pair + k / 2, of_patch = column / Tile::outputs * 2 + k % 2, output = column % Tile::outputs;
    const double m[4] = {product_[0][eight][of_patch], product_[1][eight][of_patch], product_[2][eight][of_patch],
                         product_[3][eight][of_patch]};
    return join_products(m, output, Tile::outputs);
  }
  __device__ float squares_of_column(int pair, int e) const { return patch_squares_[(2 * pair + e) / Tile::outputs]; }
  __device__ float squares_of_row(int eight) const { return row_squares_[eight]; }

 private:
  __device__ double largest(int i) const {
    float upper = 0;
    for (const auto& b : product_[i])
      for (const double& c : b) upper = fmaxf(upper, fabsf(__int_as_float(__double2hiint(c))));
    return __hiloint2double(__float_as_int(upper) + 1, 0);
  }

  template <bool Squares>
  __device__ void multiply_half(const std::uint32_t* image, const std::uint32_t* factor) {
    double v[4][4];
#pragma unroll
    for (unsigned f = 0; f < 4; ++f) {  // of patches g and g + 8, terms 2 t and 2 t + 1
      const uint4 d = *reinterpret_cast<const uint4*>(image + memory_.patch_at(f % 2 * 8, f / 2));
      transform(v, f, d);
      if constexpr (Squares) add_squares(patch_squares_[f % 2], d);
    }
#pragma unroll
    for (unsigned j = 0; j < Tile::eights; ++j) {
      double u[4][2];
      transform<Squares>(u, row_squares_[j], factor + memory_.taps_at(8 * j, 0));
#pragma unroll
      for (int i = 0; i < 4; ++i) multiply_add(product_[i][j], v[i], u[i]);
    }
  }
  __device__ static void transform(double (&v)[4][4], unsigned f, const uint4& d) {
    double of_patch[4];
    transform_patch(lowered(d.x), lowered(d.y), lowered(d.z), lowered(d.w), of_patch);
    for (int i = 0; i < 4; ++i) v[i][f] = of_patch[i];
  }
  template <bool Squares>
  __device__ static void transform(double (&u)[4][2], float& squares, const std::uint32_t* factor) {
    double of_term[2][4];
    if constexpr (Tile::packed) {
      for (unsigned i = 0; i < 2; ++i) {
        const packed_taps g(*reinterpret_cast<const uint4*>(factor + tile_memory<Tile>::taps_at(0, i)));
        transform_taps(g.tap[0], g.tap[1], g.tap[2], of_term[i]);
      }
    } else {
      const float4 f = *reinterpret_cast<const float4*>(factor);
      transform_taps<double>(f.x, f.y, of_term[0]);
      transform_taps<double>(f.z, f.w, of_term[1]);
      if constexpr (Squares) squares = fmaf(f.w, f.w, fmaf(f.z, f.z, fmaf(f.y, f.y, fmaf(f.x, f.x, squares))));
    }
    for (int i = 0; i < 4; ++i)
      for (int term = 0; term < 2; ++term) u[i][term] = of_term[term][i];
  }
  __device__ static void add_squares(float& squares, const uint4& d) {
    const float a = __uint_as_float(d.x), b = __uint_as_float(d.y), c = __uint_as_float(d.z), e = __uint_as_float(d.w);
    squares = fmaf(e, e, fmaf(c, c, fmaf(b, b, fmaf(a, a, squares))));
  }

  const tile_memory<Tile>& memory_;
  double product_[4][Tile::eights][4];
  float patch_squares_[2] = {}, row_squares_[Tile::eights] = {};
};

}  // namespace halfulp::kernels::cuda
