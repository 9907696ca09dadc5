#pragma once

#include <halfulp/kernels/cuda.hpp>
#include <halfulp/oracle/core/bind.hpp>
#include <halfulp/oracle/core/scatter.hpp>

namespace halfulp::kernels {

/// Update j of a scatter is element value_at[j] of some values, or element j where that is empty, and goes to element
/// target[j] of the output; nowhere if that is negative. All of it in device memory.
struct scatter_places {
  std::int64_t targets = 0, updates = 0;
  index_elements target, value_at;

  HALFULP_HOST_DEVICE std::int64_t value_of(std::int64_t j) const {
    return value_at.narrow.empty() && value_at.wide.empty() ? j : value_at[j];
  }
};

/// A scatter of elements of T, in device memory.
template <class T>
struct scatter_call {
  scatter_places places;
  scatter_rule rule;
  std::int64_t multiplier;  // of integers in a sum
  const T* values;
  const T* self;  // nullptr: elements without updates are +0
  T* y;
};

/// Queues what writes every element of the output: its updates combined as the rule says, exactly, and rounded once
/// (kernels/core/scatter.hpp). Integers alone are added to in memory that threads share, so that their order does not
/// matter; the last of several that are assigned is the one of the greatest j. Throws device_error.
template <class T>
void queue_scatter(const scatter_call<T>& c, const cuda_queue& queue);

}  // namespace halfulp::kernels
