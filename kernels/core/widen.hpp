#pragma once

#include <cstdint>

#include <halfulp/oracle/core/round.hpp>

namespace halfulp::kernels {

/// out[i] = x[i * step] in binary64, exactly, for 0 <= i < n. For float16, bfloat16, float, double.
template <class T>
void widen_run(const T* x, std::int64_t step, std::int64_t n, double* out);

/// The same rows of some channels in memory; steps count elements.
template <class T>
struct channel_rows {
  const T* first;
  std::int64_t channels, rows, columns;
  std::int64_t channel_step, row_step, column_step;
};

/// Where their elements go: each row is `places` wide, with `left` zeros before the first element and zeros after the
/// last. Place x of a row stands at x % phases * (row_step / phases) + x / phases, so that places `phases` apart lie
/// together; row_step is a multiple of `phases` and at least `places`.
struct padded_rows {
  double* first;
  std::int64_t channel_step, row_step;
  std::int64_t places, left, phases;
  double* room;  ///< for row_step numbers, where there are several phases
};
template <class T>
void widen_rows(const channel_rows<T>&, const padded_rows&);

}  // namespace halfulp::kernels
