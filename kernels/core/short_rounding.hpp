// Whether two binary64 numbers lie between the same two midpoints of a format of 16 bits. Plain C++, tested on the host.
#pragma once

#include <bit>
#include <cstdint>

#include <halfulp/oracle/core/format.hpp>
#include <halfulp/oracle/core/host_device.hpp>

namespace halfulp::kernels {

HALFULP_HOST_DEVICE inline std::uint32_t upper_word(double x) {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(x) >> 32);
}

/// Whether |x| is at least the least normal number, and below the power of two after the largest.
template <class T>
HALFULP_HOST_DEVICE bool is_in_range_of(double x) {
  constexpr format f = format_of<T>;
  constexpr std::uint32_t least = static_cast<std::uint32_t>(1023 + f.e_min) << 20,
                          end = static_cast<std::uint32_t>(1024 + f.e_max) << 20;
  return (upper_word(x) & 0x7fffffffu) - least < end - least;
}

/// Whether no midpoint lies strictly between two numbers, both finite, some number between which is_in_range_of T: all that lie
/// strictly between are rounded alike. Half a last place is added to each, and what the format keeps of the sums compared.
template <class T>
HALFULP_HOST_DEVICE bool are_between_midpoints(double low, double high) {
  constexpr int dropped = 20 - (format_of<T>.precision - 1);
  constexpr std::uint32_t half = 1u << (dropped - 1);
  return (upper_word(low) + half) >> dropped == (upper_word(high) + half) >> dropped;
}

}  // namespace halfulp::kernels
