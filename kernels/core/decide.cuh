// One rounding of sums near which the exact ones lie, in a few instructions; what it does not decide is for
// oracle/core/decide.hpp.
#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels::cuda {

/// The exact binary32 value.
__device__ inline float widen_binary32(float x) {
  return x;
}
__device__ inline float widen_binary32(bfloat16 x) {
  return __uint_as_float(static_cast<std::uint32_t>(x.bits) << 16);
}
__device__ inline float widen_binary32(float16 x) {
  float wide;
  asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(x.bits));
  return wide;
}

/// To nearest, subnormals kept, straight from binary64.
__device__ inline std::uint32_t rounded_bits(double x, float) {
  return __float_as_uint(__double2float_rn(x));
}
__device__ inline std::uint32_t rounded_bits(double x, float16) {
  std::uint16_t bits;
  asm("cvt.rn.f16.f64 %0, %1;" : "=h"(bits) : "d"(x));
  return bits;
}
__device__ inline std::uint32_t rounded_bits(double x, bfloat16) {
  std::uint16_t bits;
  asm("cvt.rn.bf16.f64 %0, %1;" : "=h"(bits) : "d"(x));
  return bits;
}

/// Whether every real in [s - radius, s + radius] has the same rounding, sign of zero included, and which. t covers the
/// rounding of s - t and s + t as well. Where radius is infinite or NaN nothing is decided; so it is where radius is 0
/// and the sum may be 0.
template <class T>
__device__ bool decide_near(double s, double radius, T& rounded) {
  const double t = fma(fabs(s), 0x1p-51, radius);
  const std::uint32_t below = rounded_bits(s - t, T{}), above = rounded_bits(s + t, T{});
  rounded = from_bits<T>(static_cast<bits_t<T>>(below));
  return (below == above) & (radius > 0) & (radius < INFINITY);
}

}  // namespace halfulp::kernels::cuda
