#pragma once

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/core/bind.hpp>

namespace halfulp::kernels {

/// Updates that stay in their row: element [i, j] of (rows, updates) is added to element [i, column[i, j]] of (rows, width),
/// each of one or two components.
template <class R>
struct row_updates {
  const R* values;
  index_elements column;
  std::int64_t rows, updates, width;
  int parts;
};

/// Queues the exact sums, each rounded once, of the updates of every element; false where a row is too long for the memory of
/// a block, and then nothing is queued. R: one of the floating-point formats. Throws device_error.
template <class R>
bool queue_row_sums(const row_updates<R>& u, R* sums, const cuda_queue& queue);

}  // namespace halfulp::kernels
