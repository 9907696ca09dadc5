#pragma once

#include <cstdint>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {

/// out[i] = x[i] in binary64, exactly, for 0 <= i < n. For float16, bfloat16, float, double.
template <class T>
void widen_run(const T* x, std::int64_t n, double* out);

/// out[i] = x[i * step].
template <class T>
void widen_run(const T* x, std::int64_t step, std::int64_t n, double* out) {
  if (step == 1) return widen_run(x, n, out);
  for (std::int64_t i = 0; i < n; ++i) out[i] = widen(x[i * step]);
}

}  // namespace halfulp::kernels
