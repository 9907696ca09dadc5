// Sums joined from residues, and rounded.
#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/narrow_residues.hpp>

namespace halfulp::kernels::cuda {

/// What the sums of a row need to be rounded.
struct narrow_rounding {
  double scale, largest, least, start;

  __device__ bool is_scaled() const { return least < INFINITY; }
  /// Whether every number within the bound of the sum is rounded alike; never where it may be 0.
  template <class T>
  __device__ bool round(std::uint64_t fraction, double lost, T& rounded) const {
    // The upper 52 bits of the fraction, and what makes it positive, as a binary64 number.
    constexpr double offset = 0x1p52 + 0x1p51;
    const double upper = __longlong_as_double(
        static_cast<long long>(((fraction + (std::uint64_t{1} << 63)) >> 12) + (std::uint64_t{0x433} << 52)));
    const double sum = fma(upper - offset, scale, start);
    const double t = fma(fabs(sum), 0x1p-51, fma(lost, largest, least));
    const std::uint32_t below = rounded_bits(sum - t, T{}), above = rounded_bits(sum + t, T{});
    rounded = from_bits<T>(static_cast<bits_t<T>>(below));
    return below == above;
  }
};
template <class Form>
__device__ narrow_rounding narrow_rounding_of(const narrow_row& row, const narrow_table<Form>& table,
                                              double image_scale, double start) {
  const double unit = row.scale * image_scale, place = table.all * narrow_rounding_unit * unit;
  return {place, row.largest * unit, fma(row.lost, unit, fma(fabs(start), 0x1p-51, place)), start};
}

__device__ inline void store_global(std::uintptr_t to, float x) {
  asm volatile("st.global.f32 [%0], %1;" ::"l"(to), "f"(x) : "memory");
}
template <class T>
__device__ inline void store_global(std::uintptr_t to, T x) {
  asm volatile("st.global.b16 [%0], %1;" ::"l"(to), "h"(x.bits) : "memory");
}

}  // namespace halfulp::kernels::cuda
