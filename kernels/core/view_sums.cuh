// Sums over the dimensions along which a view repeats its elements: every term is read where it lies, once.
#pragma once

#include <halfulp/kernels/core/exact_block_sum.cuh>
#include <halfulp/kernels/core/running_sum.hpp>
#include <halfulp/kernels/core/strided_queue.cuh>

namespace halfulp::kernels::cuda {

/// Term r of target t lies at first(t) + further(r).
template <class R, class M>
struct view_terms {
  operand<R, M, few_dimensions> kept, repeated;
  std::int64_t targets, repeats;
  std::int64_t step;  // further(r) = r * step, where the terms of a target lie in one line; else 0

  __device__ const R* first(std::int64_t t) const { return kept.data + kept.source(t); }
  /// f(x) for the terms begin, begin + every, ... of a target; several are read at a time.
  template <class F>
  __device__ void each(const R* first, std::int64_t begin, std::int64_t every, F f) const {
    constexpr int several = 8;
    std::int64_t r = begin;
    if (step != 0) {
      const R* at = first + begin * step;
      const std::int64_t further = every * step;
      for (; r + (several - 1) * every < repeats; r += several * every) {
        R x[several];
#pragma unroll
        for (R& one : x) {
          one = *at;
          at += further;
        }
#pragma unroll
        for (const R one : x) f(one);
      }
    }
#pragma unroll 1
    for (; r < repeats; r += every) f(first[step != 0 ? r * step : repeated.source(r)]);
  }
};

inline constexpr int summing_threads = 512;

/// How the threads of a block share `targets` and the terms of each, and how many blocks share the terms: the faster of both
/// indices is the one whose neighbours lie together.
struct sum_sharing {
  int targets, terms;  // of a block at one time, powers of two; their product is summing_threads
  bool by_target;
  std::int64_t splits;  // of the terms of a target

  __device__ int target_of(int thread) const { return by_target ? thread % targets : thread / terms; }
  __device__ int term_of(int thread) const { return by_target ? thread / targets : thread % terms; }
  __device__ int thread_of(int target, int term) const {
    return by_target ? term * targets + target : target * terms + term;
  }
};

/// What blocks hand on: the sum of each split and target, where there are several; and what they leave undecided.
template <class R>
struct view_sums {
  R* y;
  running<R>* split;  // [splits][targets]
  double growth;
  left_sums left;

  __device__ void finish(const running<R>& sum, std::int64_t t) const {
    R rounded;
    if (decide_running(sum, growth, rounded))
      y[t] = rounded;
    else
      left.add(t);
  }
};

template <class R, class M>
__global__ void __launch_bounds__(summing_threads)
    add_terms(const __grid_constant__ view_terms<R, M> terms, const sum_sharing share, const view_sums<R> sums) {
  __shared__ std::uint64_t memory[summing_threads * sizeof(running<R>) / sizeof(std::uint64_t)];
  auto* const part = reinterpret_cast<running<R>*>(memory);
  const auto thread = static_cast<int>(threadIdx.x);
  const int own_target = share.target_of(thread), own_term = share.term_of(thread);
  const std::int64_t groups = (terms.targets + share.targets - 1) / share.targets;
  const std::int64_t step = share.splits * share.terms;
  for (std::int64_t w = blockIdx.x; w < groups * share.splits; w += gridDim.x) {
    const std::int64_t split = w / groups, t = (w - split * groups) * share.targets + own_target;
    running<R> sum;
    if (t < terms.targets)
      terms.each(terms.first(t), split * share.terms + own_term, step, [&](R x) { sum.add(widen(x)); });
    part[thread] = sum;
    for (int half = share.terms / 2; half > 0; half /= 2) {
      __syncthreads();
      if (own_term < half) part[thread].add(part[share.thread_of(own_target, own_term + half)]);
    }
    if (own_term == 0 && t < terms.targets) {
      if (share.splits == 1)
        sums.finish(part[thread], t);
      else
        sums.split[split * terms.targets + t] = part[thread];
    }
    __syncthreads();
  }
}

/// The sums of several splits.
template <class R>
struct join_splits {
  view_sums<R> sums;
  std::int64_t targets, splits;

  __device__ void operator()(std::int64_t t) const {
    running<R> sum;
    for (std::int64_t s = 0; s < splits; ++s) sum.add(sums.split[s * targets + t]);
    sums.finish(sum, t);
  }
};

/// The terms of what is left, for exact sums of a block.
template <class R, class M>
struct terms_of_left {
  view_terms<R, M> terms;
  R* y;

  template <class F>
  __device__ void each(std::int64_t t, std::int64_t begin, std::int64_t every, F f) const {
    terms.each(terms.first(t), begin, every, f);
  }
  __device__ R& result(std::int64_t t) const { return y[t]; }
};

}  // namespace halfulp::kernels::cuda
