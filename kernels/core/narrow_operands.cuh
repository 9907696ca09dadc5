// The operands of a window_product of at most 24 bits as residues, in the order in which tiles on tensor cores read them.
#pragma once

#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/narrow_plan.hpp>
#include <halfulp/kernels/core/narrow_residues.hpp>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// What the kernels of a call leave for one another. Residues of the image: for each group, modulus and chunk those of every
/// place, 16 bytes. Of the factor: for each group, tile of rows and modulus those of every pair of chunks, tap and chunk, 64
/// rows of 16 bytes.
struct narrow_operands {
  unsigned char *image, *factor;
  unsigned char* lost;  // of each group and chunk, for every place: how many numbers were rounded
  narrow_row* row;      // of every tile
  unsigned* largest;    // the bits of the largest magnitude of the image, 0 at first
};

inline constexpr int narrow_threads = 256;

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
  const std::int64_t before = min(
      elements, static_cast<std::int64_t>((16 - reinterpret_cast<std::uintptr_t>(image) % 16) % 16 / sizeof(T)));
  const std::int64_t quads = (elements - before) / each, thread = block * narrow_threads + threadIdx.x;
  const auto* from = reinterpret_cast<const several*>(image + before);
#pragma unroll 4
  for (std::int64_t i = thread; i < quads; i += blocks * narrow_threads) {
    const several x = from[i];
#pragma unroll
    for (int e = 0; e < each; ++e) take(x.value[e]);
  }
  if (thread < before) take(image[thread]);
  if (thread < elements - before - quads * each) take(image[before + quads * each + thread]);
  bits = __reduce_max_sync(every_lane, bits);
  if (threadIdx.x % lanes == 0 && bits != 0) atomicMax(largest, bits);
}

/// A block for each row of tiles; rows past the last one are zeros.
template <class T, class Form>
class narrow_row_writer {
 public:
  __device__ narrow_row_writer(const window_product<T>& p, const narrow_plan& plan, const narrow_table<Form>& table,
                               const narrow_operands& to)
      : p_(p), plan_(plan), table_(table), to_(to) {}

  __device__ void write(std::int64_t line) const {
    __shared__ double totals[narrow_threads];
    __shared__ unsigned largest;
    __shared__ int lost;
    const std::int64_t group = line / (plan_.row_tiles * narrow_plan::rows), row = line % (plan_.row_tiles * narrow_plan::rows);
    const T* from = p_.factor.data + group * p_.factor.group_step + row * p_.factor.row_step;
    const int taps = plan_.taps(), terms = plan_.chunks * narrow_plan::chunk * taps;
    if (threadIdx.x == 0) largest = 0, lost = 0;
    double total = 0;
    unsigned bits = 0;
    for (int k = threadIdx.x; k < terms; k += narrow_threads) {
      const float x = load(from, row, k % taps, k / taps);
      total += fabs(static_cast<double>(x));
      bits = max(bits, __float_as_uint(x) & 0x7fffffffu);
    }
    totals[threadIdx.x] = total;
    __syncthreads();
    atomicMax(&largest, bits);
    for (int step = narrow_threads / 2; step > 0; step /= 2) {
      if (threadIdx.x < step) totals[threadIdx.x] += totals[threadIdx.x + step];
      __syncthreads();
    }
    total = totals[0] * (1 + 0x1p-36);  // fewer than 2^12 additions
    const bool is_finite = total < INFINITY && largest < 0x7f800000u;
    const int exponent = is_finite && total > 0 ? narrow_exponent(table_, total) : 0;
    const double inverse = power_of_two(-exponent);
    int rounded = 0;
    for (int k = threadIdx.x; k < terms; k += narrow_threads) {
      const int tap = k % taps, channel = k / taps;
      const double x = static_cast<double>(load(from, row, tap, channel)) * inverse, whole = rint(x);
      rounded += whole != x ? 1 : 0;
      store(line, tap, channel, is_finite ? static_cast<long long>(whole) : 0);
    }
    if (rounded > 0) atomicAdd(&lost, rounded);
    __syncthreads();
    if (threadIdx.x == 0)
      to_.row[line] = make_narrow_row(table_, is_finite ? power_of_two(exponent) : NAN, lost,
                                      static_cast<double>(__uint_as_float(largest)) * inverse, total * inverse);
    __syncthreads();
  }

  static __device__ double power_of_two(int e) { return __hiloint2double((e + 1023) << 20, 0); }

 private:
  __device__ float load(const T* from, std::int64_t row, int tap, int channel) const {
    if (row >= p_.rows || channel >= plan_.channels) return 0;
    return widen_binary32(from[channel * p_.factor.outer_step + tap / plan_.taps_across * p_.factor.vertical_step +
                               tap % plan_.taps_across * p_.factor.horizontal_step]);
  }
  __device__ void store(std::int64_t line, int tap, int channel, long long x) const {
    const std::int64_t tile = line / narrow_plan::rows, r = line % narrow_plan::rows;
    const int taps = plan_.taps(), c = channel / narrow_plan::chunk;
    const std::int64_t of_modulus = std::int64_t{plan_.chunks} * taps * narrow_plan::rows * narrow_plan::chunk;
    unsigned char* to = to_.factor + tile * Form::moduli * of_modulus +
                        ((((c / 2) * taps + tap) * 2 + c % 2) * narrow_plan::rows + r) * narrow_plan::chunk +
                        channel % narrow_plan::chunk;
    for (int i = 0; i < Form::moduli; ++i, to += of_modulus)
      *to = static_cast<unsigned char>(narrow_factor_residue(x, table_.of[i]));
  }

  const window_product<T>& p_;
  const narrow_plan& plan_;
  const narrow_table<Form>& table_;
  const narrow_operands& to_;
};

/// So many blocks for the factor's rows, the others for the image's largest magnitude.
template <class T, class Form>
__global__ void __launch_bounds__(narrow_threads)
    write_narrow_rows(const __grid_constant__ window_product<T> p, const __grid_constant__ narrow_plan plan,
                      const __grid_constant__ narrow_table<Form> table, const __grid_constant__ narrow_operands to,
                      std::int64_t elements) {
  const std::int64_t lines = plan.groups * plan.row_tiles * narrow_plan::rows;
  if (blockIdx.x < lines)
    narrow_row_writer<T, Form>(p, plan, table, to).write(blockIdx.x);
  else
    find_largest(p.image.data, elements, blockIdx.x - lines, gridDim.x - lines, to.largest);
}

/// The exponent of an image with that largest magnitude, or no_exponent.
inline constexpr int no_exponent = 1 << 20;
template <class Form>
__device__ int image_exponent(unsigned largest) {
  if (largest == 0) return 0;
  const int e = exponent_above(largest) - Form::image_bits;
  return largest < 0x7f800000u && e >= -126 ? e : no_exponent;
}

/// A thread for each place of a chunk.
template <class T, class Form>
__global__ void __launch_bounds__(narrow_threads)
    write_narrow_image(const __grid_constant__ window_product<T> p, const __grid_constant__ narrow_plan plan,
                       const __grid_constant__ narrow_table<Form> table, const __grid_constant__ narrow_operands to,
                       divisor width, divisor lines) {
  cudaGridDependencySynchronize();
  const int place = static_cast<int>(blockIdx.x * narrow_threads + threadIdx.x);
  if (place >= plan.places) return;
  const int exponent = image_exponent<Form>(*to.largest);
  const float scale = exponent == no_exponent ? 0.f : __uint_as_float((127u - exponent) << 23);
  const std::int64_t which = blockIdx.y, group = which / plan.chunks, chunk = which % plan.chunks;
  const int number = place - plan.first;
  const auto line = width.quotient(static_cast<unsigned>(max(number, 0))), image = lines.quotient(line);
  const int x = number - static_cast<int>(line * width.value()), y = static_cast<int>(line - image * lines.value());
  const bool exists = number >= 0 && x < plan.image_width && y < plan.image_lines && image < plan.images;
  const int channel = static_cast<int>(chunk) * narrow_plan::chunk;
  const T* from = p.image.data + group * p.image.group_step + image * p.image.column_step + y * p.image.row_step +
                  x * p.image.element_step + channel * p.image.term_step;
  float value[narrow_plan::chunk];
#pragma unroll
  for (int k = 0; k < narrow_plan::chunk; ++k)
    value[k] = exists && channel + k < plan.channels ? widen_binary32(from[k * p.image.term_step]) : 0.f;
  narrow_number<Form> n[narrow_plan::chunk];
  int lost = 0;
#pragma unroll
  for (int k = 0; k < narrow_plan::chunk; ++k) {
    n[k] = narrow_cut<Form>(value[k], scale);
    lost += n[k].is_whole ? 0 : 1;
  }
  to.lost[which * plan.places + place] = static_cast<unsigned char>(lost);
  auto* at = reinterpret_cast<uint4*>(to.image) + (group * Form::moduli * plan.chunks + chunk) * plan.places + place;
#pragma unroll 1
  for (int i = 0; i < Form::moduli; ++i, at += std::int64_t{plan.chunks} * plan.places) {
    const narrow_steps s = table.of[i];
    std::uint32_t word[4];
#pragma unroll
    for (int w = 0; w < 4; ++w) {
      std::uint32_t r[4];
#pragma unroll
      for (int k = 0; k < 4; ++k) r[k] = narrow_residue(n[4 * w + k], s);
      word[w] = __byte_perm(__byte_perm(r[0], r[1], 0x0040), __byte_perm(r[2], r[3], 0x0040), 0x5410);
    }
    *at = {word[0], word[1], word[2], word[3]};
  }
}

}  // namespace halfulp::kernels::cuda
