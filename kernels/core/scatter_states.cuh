// What the gradients of a scatter ask of its elements: found in passes over the updates.
#pragma once

#include <halfulp/kernels/core/scatter_kinds.hpp>
#include <halfulp/kernels/core/scatter_shares.cuh>

namespace halfulp::kernels::cuda {

struct count_terms {
  scatter_places places;
  unsigned* terms;
  unsigned long long* last;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = places.target[j];
    atomicAdd(&terms[t], 1u);
    atomicMax(&last[t], static_cast<unsigned long long>(j) + 1);
  }
};
template <class R>
struct count_ties_of_updates {
  scatter_places places;
  const R *values, *best;
  unsigned* ties;

  __device__ void operator()(std::int64_t j) const {
    const std::int64_t t = places.target[j];
    if (scatters::same_value(values[places.value_of(j)], best[t])) atomicAdd(&ties[t], 1u);
  }
};
template <class R>
struct count_ties_of_self {
  const R *self, *best;
  unsigned* ties;
  __device__ void operator()(std::int64_t t) const { ties[t] = scatters::same_value(self[t], best[t]) ? 1 : 0; }
};

/// What element_states are made of.
template <class R>
class found_states {
 public:
  found_states(const scatter_call<R>& c, const cuda_queue& queue)
      : memory_(queue, static_cast<std::size_t>(c.places.targets) * of_element) {
    const auto n = static_cast<std::size_t>(c.places.targets);
    auto *last = memory_.at<unsigned long long>(), *best_bits = last + n;
    auto *terms = reinterpret_cast<unsigned*>(best_bits + n), *ties = terms + n;
    auto* best = reinterpret_cast<R*>(best_bits);
    check(cudaMemsetAsync(last, 0, n * of_element, stream_of(queue)), "cudaMemsetAsync");
    for_each_index(queue, c.places.updates, count_terms{c.places, terms, last});
    get_ = {terms, last, best, ties};
    if (c.rule.how != reduction::amin && c.rule.how != reduction::amax) return;
    queue_extremes(scatter_call<R>{c.places, c.rule, 1, c.values, c.self, best}, queue);
    if (c.rule.include_self) for_each_index(queue, c.places.targets, count_ties_of_self<R>{c.self, best, ties});
    for_each_index(queue, c.places.updates, count_ties_of_updates<R>{c.places, c.values, best, ties});
  }
  const element_states<R>& get() const { return get_; }

 private:
  static constexpr std::size_t of_element = 2 * sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t);
  workspace memory_;
  element_states<R> get_{};
};

/// Sums over the updates that a value is: of dy where they go, but for assignments that others overwrite.
struct updates_turned {
  scatter_places forward;
  const unsigned long long* last;  // nullptr: all count

  __device__ std::int64_t target(std::int64_t j) const {
    const std::int64_t t = forward.target[j];
    return last == nullptr || last[t] == static_cast<unsigned long long>(j) + 1 ? forward.value_of(j) : -1;
  }
  __device__ std::int64_t value(std::int64_t j) const { return forward.target[j]; }
};

}  // namespace halfulp::kernels::cuda
