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
  __device__ bool round(double start, double magnitude, const strip_bound& bound, T& rounded) const {
    const double s = sum + start;
    return fabs(s) < INFINITY && decide_near(s, magnitude * bound.relative, rounded);
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
  __device__ bool round(double start, double magnitude, const strip_bound& bound, double& rounded) const {
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
  __device__ bool round(number start, number, const strip_bound&, T& rounded) const {
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
