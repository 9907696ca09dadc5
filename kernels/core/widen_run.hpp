#pragma once

#include <bit>
#include <cstdint>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {

/// out[i] = x[i * step] in binary64, exactly, for 0 <= i < n.
template <class T>
void widen_run(const T* x, std::int64_t step, std::int64_t n, double* out) {
  if (step == 1) {
    for (std::int64_t i = 0; i < n; ++i) out[i] = widen(x[i]);
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = widen(x[i * step]);
  }
}

/// Without a branch: the encoding is read as a binary64 number too small by 2^1008, subnormal or not.
template <>
inline void widen_run(const float16* x, std::int64_t step, std::int64_t n, double* out) {
  constexpr int gap = format_of<double>.precision - format_of<float16>.precision;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t bits = x[i * step].bits;
    const std::uint64_t magnitude = (bits & encoding<float16>::magnitude) << gap;
    const std::uint64_t sign = (bits & encoding<float16>::sign) << 48;
    const bool special = (bits & encoding<float16>::infinity) == encoding<float16>::infinity;
    const double finite = std::bit_cast<double>(sign | magnitude) * 0x1p1008;
    out[i] = special ? std::bit_cast<double>(sign | magnitude | encoding<double>::infinity) : finite;
  }
}

}  // namespace halfulp::kernels
