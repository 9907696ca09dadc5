#pragma once

#include <halfulp/oracle/core/format.hpp>

namespace halfulp {

/// How many real components an element of T has.
template <class T>
inline constexpr int parts_of = is_complex<T> ? 2 : 1;

/// Component p of x: x itself, or the real and the imaginary part of a complex x.
template <class T>
HALFULP_HOST_DEVICE constexpr component_t<T> part_of(T x, int p) {
  if constexpr (is_complex<T>) {
    return p == 0 ? x.real() : x.imag();
  } else {
    (void)p;
    return x;
  }
}

}  // namespace halfulp
