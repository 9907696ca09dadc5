// Sums joined from residues, and rounded.
#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/narrow_residues.hpp>

namespace halfulp::kernels::cuda {

/// What the sums of a row need to be rounded.
struct alignas(16) narrow_rounding {
  double scale, first, largest, least;

  /// Whether every number within the bound of the sum is rounded alike; never where it may be 0.
  template <class T>
  __device__ bool round(std::uint64_t fraction, double lost, T& rounded) const {
    // The upper 52 bits of the fraction, and what makes it positive, as a binary64 number.
    const auto high = static_cast<std::uint32_t>(fraction >> 32), low = static_cast<std::uint32_t>(fraction);
    const double upper =
        __hiloint2double(static_cast<int>(high >> 12 ^ 0x43380000u), static_cast<int>(__funnelshift_r(low, high, 12)));
    const double sum = fma(upper, scale, first);
    const double t = fma(fabs(sum), 0x1p-51, fma(lost, largest, least));
    const std::uint32_t below = rounded_bits(sum - t, T{}), above = rounded_bits(sum + t, T{});
    rounded = from_bits<T>(static_cast<bits_t<T>>(below));
    return below == above;
  }
};
/// Where no sum can be rounded, a bound that decides none.
template <class Form>
__device__ narrow_rounding narrow_rounding_of(const narrow_row& row, const narrow_table<Form>& table,
                                              double image_scale, double start) {
  constexpr double offset = 0x1p52 + 0x1p51;  // what round makes of the fraction 0
  const double unit = row.scale * image_scale, place = table.all * narrow_rounding_unit * unit;
  const double first = fma(-offset, place, start);  // within a place, and 2^-53 of the start
  const double least = fma(row.lost, unit, fma(fabs(start), 0x1p-51, 2 * place));
  if (!(least < INFINITY && fabs(first) < INFINITY)) return {0, 0, 0, INFINITY};
  return {place, first, row.largest * unit, least};
}

}  // namespace halfulp::kernels::cuda
