// The sums of a thread's strip (kernels/core/few_rows.cuh), by format.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/extraction.cuh>

namespace halfulp::kernels::cuda {

/// At least the sum of the terms' magnitudes: of products with factors whose magnitudes add up to `factors`, but for what
/// adding up to 2^30 of them loses, with elements no larger than `largest`, and of the start.
__device__ inline double magnitude_of_terms(double largest, double factors, double start) {
  return largest * factors * (1 + 0x1p-20) + fabs(start);
}

/// Formats whose sums are often exact in binary64, and halfway between two numbers: the smallest operands, which tell so,
/// are noted for them.
template <class T>
inline constexpr bool notes_smallest = std::is_same_v<T, float16> || std::is_same_v<T, bfloat16>;

/// x, or infinity for 0.
__device__ inline float nonzero_magnitude(float x) {
  return x == 0 ? INFINITY : fabsf(x);
}
/// A power of two that divides every number of T from x on, x > 0.
template <class T>
__device__ double lowest_bit_from(double x) {
  return __hiloint2double(((__double2hiint(x) >> 20) - format_of<T>.precision + 1) << 20, 0);
}
/// Every partial sum is a binary64 number where the terms' magnitudes add up to this, whatever their order: a multiple of
/// the lowest bits of elements and factors no smaller than these, and of a start's.  (kernels/core/certificate.hpp)
template <class T>
__device__ double exact_room_from(double smallest, double smallest_factor, double start) {
  if (!(smallest < INFINITY && smallest_factor < INFINITY)) return 0;
  const double bit = lowest_bit_from<T>(smallest) * lowest_bit_from<T>(smallest_factor);
  return start == 0 || lowest_bit_from<T>(fabs(start)) >= bit ? exact_room * bit : 0;
}

/// What a sum may lose, relative to its terms' magnitudes and besides.
struct strip_bound {
  double relative, least;
};

/// Formats of 24 bits or less: products are exact in binary64, and each addition is rounded once.
template <class T>
struct strip_sum {
  using number = double;
  double sum = 0;

  static __device__ double number_of(T x) { return widen(x); }
  static __device__ double magnitude_of(float largest, double factors, double start) {
    return magnitude_of_terms(largest, factors, start);
  }
  __device__ void add_product(double a, double b) { sum = fma(a, b, sum); }
  __device__ bool is_zero() const { return sum == 0; }
  /// For n terms, start included: |sum - exact| <= bound times the sum of their magnitudes.  [higham02, 4.2]
  static strip_bound bound_for(std::int64_t n) { return {gamma(n, unit_roundoff) * (1 + 0x1p-40), 0}; }
  /// Where magnitudes add up to no more than `room` nothing was rounded.
  __device__ bool round(double start, double magnitude, double room, const strip_bound& bound, T& rounded) const {
    const double s = sum + start;
    if (!(fabs(s) < INFINITY)) return false;
    if (notes_smallest<T> && magnitude <= room && s != 0) {
      rounded = from_bits<T>(static_cast<bits_t<T>>(rounded_bits(s, T{})));
      return true;
    }
    return decide_near(s, magnitude * bound.relative, rounded);
  }
};

/// binary64: the errors of products and sums are added up.  [ogita05]
template <>
struct strip_sum<double> {
  using number = double;
  double high = 0, low = 0;

  static __device__ double number_of(double x) { return x; }
  static __device__ double magnitude_of(double largest, double factors, double start) {
    return magnitude_of_terms(largest, factors, start);
  }
  __device__ void add_product(double a, double b) {
    const double_double p = two_product(a, b), s = two_sum(high, p.hi);
    high = s.hi;
    low += p.lo + s.lo;
  }
  __device__ bool is_zero() const { return high == 0 && low == 0; }
  static strip_bound bound_for(std::int64_t n) { return {compensated_bound(n + 1), underflow_bound(n + 1)}; }
  __device__ bool round(double start, double magnitude, double, const strip_bound& bound, double& rounded) const {
    return round_if_decided(high, low, start, __fma_ru(bound.relative, magnitude, bound.least), rounded);
  }
};

/// Integers, modulo 2^w.
template <std::integral T>
struct strip_sum<T> {
  using number = std::conditional_t<(sizeof(T) > sizeof(std::uint32_t)), std::uint64_t, std::uint32_t>;
  number sum = 0;

  static __device__ number number_of(T x) { return static_cast<number>(x); }
  static __device__ number magnitude_of(number, number, number) { return 0; }
  __device__ void add_product(number a, number b) { sum += a * b; }
  __device__ bool is_zero() const { return sum == 0; }
  static strip_bound bound_for(std::int64_t) { return {0, 0}; }
  __device__ bool round(number start, number, double, const strip_bound&, T& rounded) const {
    rounded = static_cast<T>(sum + start);
    return true;
  }
};

/// The exact value, in the format whose magnitudes are compared.
__device__ inline double widen_element(double x) {
  return x;
}
template <std::integral T>
__device__ auto widen_element(T x) {
  return strip_sum<T>::number_of(x);
}
template <class T>
__device__ float widen_element(T x) {
  return widen_binary32(x);
}

/// The larger magnitude; a NaN counts for nothing.
template <class T>
__device__ T larger_magnitude(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    return fmax(a, fabs(b));
  else
    return 0;
}

}  // namespace halfulp::kernels::cuda
