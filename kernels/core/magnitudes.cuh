// The ranges of the parts of two operands, in device memory: largest magnitudes and lowest bits.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/window_product.hpp>

namespace halfulp::kernels::cuda {

/// Regions of an array, groups times `count` of them, each of extent[0] x extent[1] x extent[2] elements.
struct array_regions {
  const double* data;
  std::int64_t groups, count, group_step, region_step;
  std::array<std::int64_t, 3> extent, step;

  __host__ __device__ std::int64_t elements() const { return extent[0] * extent[1] * extent[2]; }
};

/// The same regions, the smallest step last, and dimensions that follow each other without a gap made one of them.
inline array_regions merged(array_regions r) {
  for (const auto& [i, j] : {std::pair{0, 1}, std::pair{1, 2}, std::pair{0, 1}}) {
    if (r.step[i] >= r.step[j]) continue;
    std::swap(r.step[i], r.step[j]);
    std::swap(r.extent[i], r.extent[j]);
  }
  for (const auto& [i, j] : {std::pair{1, 2}, std::pair{0, 2}}) {
    if (r.extent[j] != 1 && r.step[i] != r.extent[j] * r.step[j]) continue;
    if (r.extent[j] == 1) r.step[j] = r.step[i];
    r.extent[j] *= r.extent[i];
    r.extent[i] = 1;
  }
  return r;
}

/// What the columns of each outer part read, and each row of the factor.
inline array_regions image_regions(const window_product<double>& p) {
  return merged({p.image.data,
                 p.groups,
                 p.outer_columns,
                 p.image.group_step,
                 p.image.column_step,
                 {p.outer_terms, p.vertical.elements, p.horizontal.elements},
                 {p.image.term_step, p.image.row_step, p.image.element_step}});
}
inline array_regions factor_regions(const window_product<double>& p) {
  return merged({p.factor.data,
                 p.groups,
                 p.rows,
                 p.factor.group_step,
                 p.factor.row_step,
                 {p.outer_terms, p.vertical.terms, p.horizontal.terms},
                 {p.factor.outer_step, p.factor.vertical_step, p.factor.horizontal_step}});
}

/// Of the finite numbers of a region: their largest magnitude, and a power of two that divides them all; infinite and 0,
/// or the other way round, where there is none that is not 0.
struct operand_range {
  double largest = 0, lowest = 0;
};

inline constexpr int elements_of_block = 4096;

/// A power of two that divides x, finite and not 0; 0 where that is below 2^-1022.
__device__ inline double lowest_bit_of(double x) {
  const auto bits = static_cast<std::uint64_t>(__double_as_longlong(x));
  const int exponent =
      static_cast<int>(bits >> 52 & 0x7ff) - 52 + __ffsll(static_cast<long long>(bits | std::uint64_t{1} << 52)) - 1;
  return exponent > 0 ? __hiloint2double(exponent << 20, 0) : 0;
}

/// Bits of nonnegative binary64 numbers are ordered as the numbers are; the lowest are kept as their negation, so that all
/// begin as 0 and grow.
template <int Threads>
__global__ void __launch_bounds__(Threads)
    find_ranges(const __grid_constant__ array_regions r, unsigned parts, unsigned long long* ranges) {
  const std::int64_t blocks = r.groups * r.count * parts;
  for (std::int64_t b = blockIdx.x; b < blocks; b += gridDim.x) {
    const std::int64_t region = b / parts;
    const double* data = r.data + region / r.count * r.group_step + region % r.count * r.region_step;
    const auto first = static_cast<unsigned>(b % parts) * elements_of_block;
    const unsigned end = min(first + elements_of_block, static_cast<unsigned>(r.elements()));
    const auto width = static_cast<unsigned>(r.extent[2]), height = static_cast<unsigned>(r.extent[1]);
    double most = 0, least = INFINITY;
#pragma unroll 4
    for (unsigned i = first + threadIdx.x; i < end; i += Threads) {
      std::int64_t at = i * r.step[2];
      if (width != static_cast<unsigned>(r.elements())) {
        const unsigned line = i / width;
        at = line / height * r.step[0] + line % height * r.step[1] + i % width * r.step[2];
      }
      const double x = fabs(data[at]);
      if (!(x > 0 && x < INFINITY)) continue;
      most = fmax(most, x);
      least = fmin(least, lowest_bit_of(x));
    }
    for (int step = 16; step > 0; step /= 2) {
      most = fmax(most, __shfl_xor_sync(0xffffffffu, most, step));
      least = fmin(least, __shfl_xor_sync(0xffffffffu, least, step));
    }
    if (threadIdx.x % 32 != 0) continue;
    atomicMax(ranges + 2 * region, static_cast<unsigned long long>(__double_as_longlong(most)));
    atomicMax(ranges + 2 * region + 1, ~static_cast<unsigned long long>(__double_as_longlong(least)));
  }
}

struct finish_range {
  unsigned long long* ranges;
  __device__ void operator()(std::int64_t i) const { ranges[2 * i + 1] = ~ranges[2 * i + 1]; }
};

/// Regions have fewer than 2^31 elements. Throws device_error.
inline void queue_ranges(const array_regions& r, operand_range* ranges, const cuda_queue& queue) {
  constexpr int threads = 256;
  const std::int64_t regions = r.groups * r.count;
  const std::int64_t parts = (r.elements() + elements_of_block - 1) / elements_of_block;
  auto* words = reinterpret_cast<unsigned long long*>(ranges);
  check(cudaMemsetAsync(ranges, 0, static_cast<std::size_t>(regions) * sizeof(operand_range), stream_of(queue)),
        "cudaMemsetAsync");
  launch(queue, static_cast<unsigned>(std::min(regions * parts, most_blocks)), threads, 0, find_ranges<threads>, r,
         static_cast<unsigned>(parts), words);
  for_each_index(queue, regions, finish_range{words});
}

}  // namespace halfulp::kernels::cuda
