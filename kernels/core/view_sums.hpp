#pragma once

#include <halfulp/kernels/core/strided_map.hpp>
#include <halfulp/kernels/cuda.hpp>

namespace halfulp::kernels {

/// Whether so many dimensions can be had, those of components among them.
inline bool is_summed_as_view(const strided_map<1>& map, int parts) {
  return map.collapsed().shape.rank + (parts > 1 ? 1 : 0) <= max_rank;
}

/// Queues the exact sums, each rounded once, of the terms that are broadcast from one element: map is that of an operand of
/// `targets` elements, row-major, whose element at i term i belongs to, one of `parts` components after another. R: one of
/// the floating-point formats; is_summed_as_view(map, parts). Elements without terms become +0. Throws device_error.
template <class R>
void queue_view_sums(const R* terms, const strided_map<1>& map, int parts, R* sums, std::int64_t targets,
                     const cuda_queue& queue);

}  // namespace halfulp::kernels
