// The image of a window_product of 16 bits as residues, in the order in which tiles on tensor cores read them.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/narrow_rows.cuh>
#include <halfulp/oracle/core/reciprocal.hpp>

namespace halfulp::kernels::cuda {

inline constexpr int narrow_threads = 256;

/// The exponent of an image with that largest magnitude, or no_exponent.
inline constexpr int no_exponent = 1 << 20;
template <class Form>
__device__ int image_exponent(unsigned largest) {
  if (largest == 0) return 0;
  const int e = exponent_above(largest) - Form::image_bits;
  return largest < 0x7f800000u && e >= -126 ? e : no_exponent;
}

/// The share of a row's sums that residues leave, estimated: where numbers of the image have that mean square, over those of
/// the largest integers, and of a window's so many were rounded.
template <class T, class Form>
__device__ double share_left(const narrow_row& row, const narrow_table<Form>& table, double depth, double square,
                             double lost) {
  constexpr int digits = std::is_same_v<T, float16> ? 11 : 8;
  const double image = static_cast<double>(std::int64_t{1} << Form::image_bits) * sqrt(square),
               sum = 2 * row.total / sqrt(depth) * image,
               radius = narrow_radius(row, lost) + table.all * narrow_rounding_unit;
  const double share = radius * static_cast<double>(1 << digits) / sum;
  return share < 1 ? share : 1;
}

/// Whether too many sums would be left: by the threads of a block, who all come to know, and each block comes to the same.
template <class T, int Threads, class Form>
__device__ bool asks_tiles(const narrow_plan& plan, const narrow_table<Form>& table, const narrow_operands& from,
                           std::int64_t rows) {
  constexpr double most_left = 1. / 256;  // that many take as long as a third of a layer of 64 channels
  // Of the image's numbers: sums of more binades are smaller than their mean square.
  constexpr double most_rounded = 1. / 16;
  __shared__ double left[Threads / lanes];
  const narrow_state state = *from.state;
  const double places = static_cast<double>(plan.groups * plan.images) * plan.image_lines * plan.image_width,
               depth = static_cast<double>(plan.channels) * plan.taps();
  const double square = state.squares / (places * ((plan.channels + narrow_plan::chunk - 1) / narrow_plan::chunk)),
               lost = static_cast<double>(state.lost) / (places * plan.channels) * depth;
  double all = 0;
  for (std::int64_t r = threadIdx.x; r < plan.groups * rows; r += Threads) {
    const std::int64_t line = r / rows * plan.row_tiles * narrow_plan::rows + r % rows;
    all += share_left<T>(from.row[line], table, depth, square, lost);
  }
  all = sum_of_warp(all);
  if (threadIdx.x % lanes == 0) left[threadIdx.x / lanes] = all;
  __syncthreads();
  all = 0;
  for (const double& x : left) all += x;
  return !(all <= most_left * static_cast<double>(plan.groups * rows)) || lost > most_rounded * depth ||
         image_exponent<Form>(state.largest) == no_exponent;
}

/// Adds what the threads of a block found.
__device__ inline void note(narrow_state* state, int lost, float square) {
  __shared__ int of_lost[narrow_threads / lanes];
  __shared__ float of_squares[narrow_threads / lanes];
  lost = __reduce_add_sync(every_lane, lost);
  square = sum_of_warp(square);
  if (threadIdx.x % lanes == 0) of_squares[threadIdx.x / lanes] = square, of_lost[threadIdx.x / lanes] = lost;
  __syncthreads();
  if (threadIdx.x != 0) return;
  float squares = 0;
  int all = 0;
  for (int w = 0; w < narrow_threads / lanes; ++w) squares += of_squares[w], all += of_lost[w];
  if (all > 0) atomicAdd(reinterpret_cast<unsigned long long*>(&state->lost), static_cast<unsigned long long>(all));
  atomicAdd(&state->squares, squares);
}

/// A thread for each place of a chunk.
template <class T, class Form>
__global__ void __launch_bounds__(narrow_threads, 4)
    write_narrow_image(const __grid_constant__ window_product<T> p, const __grid_constant__ narrow_plan plan,
                       const __grid_constant__ narrow_table<Form> table, const __grid_constant__ narrow_operands to,
                       divisor width, divisor lines) {
  cudaTriggerProgrammaticLaunchCompletion();
  const auto place = static_cast<int>(blockIdx.x * narrow_threads + threadIdx.x);
  const std::int64_t which = blockIdx.y, group = which / plan.chunks, chunk = which % plan.chunks;
  const narrow_index at = plan.element_at(place, width, lines);
  const bool is_place = place < plan.places, exists = is_place && at.exists;
  const int channel = static_cast<int>(chunk) * narrow_plan::chunk;
  const T* from = p.image.data + group * p.image.group_step + at.outer * p.image.column_step +
                  at.vertical * p.image.row_step + at.horizontal * p.image.element_step + channel * p.image.term_step;
  float value[narrow_plan::chunk];
#pragma unroll
  for (int k = 0; k < narrow_plan::chunk; ++k, from += p.image.term_step)
    value[k] = exists && channel + k < plan.channels ? widen_binary32(*from) : 0.f;
  cudaGridDependencySynchronize();
  const int exponent = image_exponent<Form>(to.state->largest);
  const float scale = exponent == no_exponent ? 0.f : __uint_as_float((127u - exponent) << 23);
  narrow_number n[narrow_plan::chunk];
  int lost = 0;
#pragma unroll
  for (int k = 0; k < narrow_plan::chunk; ++k) {
    n[k] = narrow_cut<Form>(value[k], scale);
    lost += n[k].is_whole ? 0 : 1;
  }
  if (lost > 0) atomicAdd(to.lost + group * plan.places + place, lost);
  const float part = value[0] * scale * (1.f / static_cast<float>(std::int64_t{1} << Form::image_bits));
  auto* words = reinterpret_cast<uint4*>(to.image) + (group * Form::moduli * plan.chunks + chunk) * plan.places + place;
  if (is_place)
  // Written out, so that numbers of the table are operands of instructions.
#pragma unroll
    for (int i = 0; i < Form::moduli; ++i, words += std::int64_t{plan.chunks} * plan.places) {
      std::uint32_t word[4];
#pragma unroll
      for (int w = 0; w < 4; ++w) {
        std::uint32_t r[4];
#pragma unroll
        for (int k = 0; k < 4; ++k) r[k] = narrow_residue(n[4 * w + k], table.of[i]);
        word[w] = __byte_perm(__byte_perm(r[0], r[1], 0x0040), __byte_perm(r[2], r[3], 0x0040), 0x5410);
      }
      *words = {word[0], word[1], word[2], word[3]};
    }
  note(to.state, lost, part * part);
}

}  // namespace halfulp::kernels::cuda
