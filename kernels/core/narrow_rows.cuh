// The rows of a window_product of 16 bits as residues, and the largest magnitude of its image.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/narrow_plan.hpp>
#include <halfulp/kernels/core/narrow_residues.hpp>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// What is found on the way; all 0 at first.
struct narrow_state {
  unsigned largest;     // the bits of the largest magnitude of the image
  unsigned asks_tiles;  // whether tiles of ordinary numbers are the better way for what the operands hold
  long long lost;       // how many numbers of the image were rounded; far below 0 at first: tiles are not asked for
  float squares;        // of one element in 16 of the image, over the squares of the largest integers
};

/// What the kernels of a call leave for one another. Residues of the image: for each group, modulus and chunk those of every
/// place, 16 bytes. Of the factor: for each group, tile of rows and modulus those of every pair of chunks, tap and chunk, 64
/// rows of 16 bytes.
struct narrow_operands {
  unsigned char *image, *factor;
  int* lost;        // of each group, for every place: how many numbers were rounded
  narrow_row* row;  // of every tile
  narrow_state* state;
  std::uint64_t* fraction;  // of every tile, and of those that are begun
};

inline constexpr int row_threads = 512;

/// 2^e, a normal number.
__device__ inline double power_of_two(int e) {
  return __hiloint2double((e + 1023) << 20, 0);
}

/// Largest magnitude of the image, by blocks after those of the factor's rows.
template <class T>
__device__ void find_largest(const T* image, std::int64_t elements, std::int64_t block, std::int64_t blocks,
                             unsigned* largest) {
  struct alignas(16) several {
    T value[16 / sizeof(T)];
  };
  constexpr int each = 16 / sizeof(T);
  unsigned bits = 0;
  const auto take = [&](T x) { bits = max(bits, __float_as_uint(widen_binary32(x)) & 0x7fffffffu); };
  const std::int64_t before =
      min(elements, static_cast<std::int64_t>((16 - reinterpret_cast<std::uintptr_t>(image) % 16) % 16 / sizeof(T)));
  const std::int64_t quads = (elements - before) / each, thread = block * row_threads + threadIdx.x;
  const auto* from = reinterpret_cast<const several*>(image + before);
#pragma unroll 4
  for (std::int64_t i = thread; i < quads; i += blocks * row_threads) {
    const several x = from[i];
#pragma unroll
    for (int e = 0; e < each; ++e) take(x.value[e]);
  }
  if (thread < before) take(image[thread]);
  if (thread < elements - before - quads * each) take(image[before + quads * each + thread]);
  __shared__ unsigned of_block;
  if (threadIdx.x == 0) of_block = 0;
  __syncthreads();
  bits = __reduce_max_sync(every_lane, bits);
  if (threadIdx.x % lanes == 0) atomicMax(&of_block, bits);
  __syncthreads();
  if (threadIdx.x == 0) atomicMax(largest, of_block);
}

/// A block for each row of tiles; rows past the last one are zeros.
template <class T, class Form>
class narrow_row_writer {
 public:
  __device__ narrow_row_writer(const window_product<T>& p, const narrow_plan& plan, const narrow_table<Form>& table,
                               const narrow_operands& to)
      : p_(p), plan_(plan), table_(table), to_(to) {}

  __device__ void write(std::int64_t line) const {
    __shared__ double totals[row_threads / lanes];
    __shared__ unsigned largest;
    __shared__ int lost, residues;
    const std::int64_t lines = plan_.row_tiles * narrow_plan::rows, group = line / lines, row = line % lines;
    const T* from = p_.factor.data + group * p_.factor.group_step + row * p_.factor.row_step;
    const int taps = plan_.taps(), units = plan_.chunks * taps;  // of 16 terms
    if (threadIdx.x == 0) largest = 0, lost = residues = 0;
    __syncthreads();
    double total = 0;
    unsigned bits = 0;
    for (int k = threadIdx.x; k < plan_.channels * taps; k += row_threads) {
      const float x = load(from, row, k % taps, k / taps);
      total += fabs(static_cast<double>(x));
      bits = max(bits, __float_as_uint(x) & 0x7fffffffu);
    }
    bits = __reduce_max_sync(every_lane, bits);
    total = sum_of_warp(total);
    if (threadIdx.x % lanes == 0) {
      totals[threadIdx.x / lanes] = total;
      atomicMax(&largest, bits);
    }
    __syncthreads();
    total = 0;
    for (const double& x : totals) total += x;
    total *= 1 + 0x1p-36;  // fewer than 2^12 additions
    const bool is_finite = total < INFINITY && largest < 0x7f800000u;
    const int exponent = is_finite && total > 0 ? narrow_exponent(table_, total) : 0;
    const double inverse = is_finite ? power_of_two(-exponent) : 0;
    int rounded = 0, magnitudes = 0;
    for (int k = threadIdx.x; k < units * Form::moduli; k += row_threads)
      write_unit(from, line, row, k % units, k / units, inverse, rounded, magnitudes);
    rounded = __reduce_add_sync(every_lane, rounded);
    magnitudes = __reduce_add_sync(every_lane, magnitudes);
    if (threadIdx.x % lanes == 0) {
      atomicAdd(&lost, rounded);
      atomicAdd(&residues, magnitudes);
    }
    __syncthreads();
    if (threadIdx.x == 0)
      to_.row[line] =
          make_narrow_row(table_, is_finite ? power_of_two(exponent) : NAN, lost,
                          static_cast<double>(__uint_as_float(largest)) * inverse, total * inverse, residues);
  }

 private:
  __device__ float load(const T* from, std::int64_t row, int tap, int channel) const {
    if (row >= p_.rows || channel >= plan_.channels) return 0;
    return widen_binary32(from[channel * p_.factor.outer_step + tap / plan_.taps_across * p_.factor.vertical_step +
                               tap % plan_.taps_across * p_.factor.horizontal_step]);
  }
  /// The residues of 16 terms modulo one number.
  __device__ void write_unit(const T* from, std::int64_t line, std::int64_t row, int unit, int modulus, double inverse,
                             int& rounded, int& magnitudes) const {
    const int taps = plan_.taps(), tap = unit % taps, chunk = unit / taps;
    const int first = chunk * narrow_plan::chunk, exist = row < p_.rows ? plan_.channels - first : 0;
    from += first * p_.factor.outer_step + tap / plan_.taps_across * p_.factor.vertical_step +
            tap % plan_.taps_across * p_.factor.horizontal_step;
    float value[narrow_plan::chunk];
#pragma unroll
    for (int k = 0; k < narrow_plan::chunk; ++k)
      value[k] = k < exist ? widen_binary32(from[k * p_.factor.outer_step]) : 0.f;
    std::uint32_t word[narrow_plan::chunk / 4] = {};
#pragma unroll
    for (int k = 0; k < narrow_plan::chunk; ++k) {
      const double x = static_cast<double>(value[k]) * inverse, whole = rint(x);
      const int residue = narrow_factor_residue(whole, table_.of[modulus]);
      rounded += modulus == 0 && whole != x ? 1 : 0;
      magnitudes += abs(residue);
      word[k / 4] |= static_cast<std::uint32_t>(residue & 255) << k % 4 * 8;
    }
    const std::int64_t tile = line / narrow_plan::rows, r = line % narrow_plan::rows;
    const std::int64_t place =
        ((tile * Form::moduli + modulus) * (plan_.chunks / 2) + chunk / 2) * taps * 2 + tap * 2 + chunk % 2;
    reinterpret_cast<uint4*>(to_.factor)[place * narrow_plan::rows + r] = {word[0], word[1], word[2], word[3]};
  }

  const window_product<T>& p_;
  const narrow_plan& plan_;
  const narrow_table<Form>& table_;
  const narrow_operands& to_;
};

/// So many blocks for the factor's rows, the others for the image's largest magnitude.
template <class T, class Form>
__global__ void __launch_bounds__(row_threads)
    write_narrow_rows(const __grid_constant__ window_product<T> p, const __grid_constant__ narrow_plan plan,
                      const __grid_constant__ narrow_table<Form> table, const __grid_constant__ narrow_operands to,
                      std::int64_t elements) {
  cudaTriggerProgrammaticLaunchCompletion();
  const std::int64_t lines = plan.groups * plan.row_tiles * narrow_plan::rows, places = plan.groups * plan.places;
  for (std::int64_t i = std::int64_t{blockIdx.x} * row_threads + threadIdx.x; i < places; i += gridDim.x * row_threads)
    to.lost[i] = 0;
  if (blockIdx.x < lines)
    narrow_row_writer<T, Form>(p, plan, table, to).write(blockIdx.x);
  else
    find_largest(p.image.data, elements, blockIdx.x - lines, gridDim.x - lines, &to.state->largest);
}

}  // namespace halfulp::kernels::cuda
