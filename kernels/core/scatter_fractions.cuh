// The gradients of values that are several updates: sums of fractions, in double-words with a bound, and what that leaves
// undecided exactly.
#pragma once

#include <halfulp/kernels/core/exact_block_sum.cuh>
#include <halfulp/kernels/core/long_fraction_sum.hpp>
#include <halfulp/kernels/core/quick_fraction_sum.hpp>
#include <halfulp/kernels/core/scatter_states.cuh>
#include <halfulp/kernels/core/sorted_updates.cuh>

namespace halfulp::kernels::cuda {

/// The shares that a value is given: component p of output c = value * parts + p.
template <class R>
struct shares_of_value {
  scatter_call<R> forward;
  const R* dy;
  int parts;
  element_states<R> known;
  updates_in_order by_value, by_target;  // the latter for products

  /// Adds the shares begin, begin + step, ... of output c: special values to `special`, others to `sum`, which has begin(),
  /// multiply(factor) and end(divisor).
  template <class Sum>
  __device__ void add(std::int64_t c, std::int64_t begin, std::int64_t step, special_terms& special, Sum& sum) const {
    const std::int64_t value = c / parts, p = c - value * parts;
    for (std::int64_t k = by_value.begin_of(value) + begin; k < by_value.count && by_value.target[k] == value;
         k += step)
      add_share(by_value.update[k], p, special, sum);
  }

 private:
  template <class Sum>
  __device__ void add_share(std::int64_t j, std::int64_t p, special_terms& special, Sum& sum) const {
    const std::int64_t t = forward.places.target[j], n = divisor(j, t);
    if (n == 0) return;
    bool nan = false, infinite = false, zero = false, negative = false;
    each_factor(j, t, p, [&](double f) {
      nan = nan || is_nan(f);
      infinite = infinite || is_infinite(f);
      zero = zero || is_zero(f);
      negative = negative != is_negative(f);
    });
    if (!special.take(nan || (infinite && zero), infinite, zero, negative)) return;
    sum.begin();
    each_factor(j, t, p, [&](double f) { sum.multiply(f); });
    sum.end(n);
  }
  /// By what the product of the factors is divided; 0 where the output does not depend on the update.
  __device__ std::int64_t divisor(std::int64_t j, std::int64_t t) const {
    switch (forward.rule.how) {
      case reduction::mul:
        return 1;
      case reduction::mean:
        return std::int64_t{known.terms[t]} + (forward.rule.include_self ? 1 : 0);
      default:
        return scatters::same_value(forward.values[forward.places.value_of(j)], known.best[t]) ? known.ties[t] : 0;
    }
  }
  template <class F>
  __device__ void each_factor(std::int64_t j, std::int64_t t, std::int64_t p, F f) const {
    f(widen(dy[t * parts + p]));
    if (forward.rule.how != reduction::mul) return;
    if (forward.rule.include_self) f(widen(forward.self[t]));
    for (std::int64_t k = by_target.begin_of(t); k < by_target.count && by_target.target[k] == t; ++k)
      if (const std::int64_t other = by_target.update[k]; other != j)
        f(widen(forward.values[forward.places.value_of(other)]));
  }
};

/// What several threads have found of one output.
struct quick_shares {
  quick_fraction_sum sum;
  special_terms special;

  __device__ void add(const quick_shares& other) {
    sum.add(other.sum);
    special.take(other.special);
  }
  /// The output, if this is enough to know it.
  template <class R>
  __device__ bool decide_to(R& rounded, bool any_finite) const {
    if (special.is_nan_sum())
      rounded = canonical_nan<R>();
    else if (special.is_infinite_sum())
      rounded = infinity_of<R>(special.is_negative_infinity());
    else if (!any_finite)
      rounded = zero_of<R>(special.is_negative_zero());
    else
      return sum.decide_to(rounded);
    return true;
  }
};

inline constexpr int fraction_threads = 256;

/// A thread has an output, or a block.
template <class R, bool Blocks>
__global__ void __launch_bounds__(fraction_threads)
    add_shares(const __grid_constant__ shares_of_value<R> shares, std::int64_t outputs, R* to, const left_sums left) {
  const auto thread = static_cast<int>(threadIdx.x);
  const auto round = [&](const quick_shares& found, bool any, std::int64_t c) {
    if (R rounded; found.decide_to(rounded, any))
      to[c] = rounded;
    else
      left.add(c);
  };
  if constexpr (Blocks) {
    __shared__ std::uint64_t memory[fraction_threads * sizeof(quick_shares) / sizeof(std::uint64_t)];
    auto* const part = reinterpret_cast<quick_shares*>(memory);
    for (std::int64_t c = blockIdx.x; c < outputs; c += gridDim.x) {
      quick_shares own;
      shares.add(c, thread, fraction_threads, own.special, own.sum);
      part[thread] = own;
      const bool any = __syncthreads_or(own.sum.operations() > 0) != 0;
      for (int half = fraction_threads / 2; half > 0; half /= 2) {
        if (thread < half) part[thread].add(part[thread + half]);
        __syncthreads();
      }
      if (thread == 0) round(part[0], any, c);
      __syncthreads();
    }
  } else {
    for_each_of_thread(outputs, [&](std::int64_t c) {
      quick_shares own;
      shares.add(c, 0, 1, own.special, own.sum);
      round(own, own.sum.operations() > 0, c);
    });
  }
}

/// Memory of threads that work on what is left, each with its own.
struct long_sum_memory {
  std::int64_t* digit;
  std::uint32_t* product;
  std::int64_t digits, words, workers;  // digits and words of one
};

/// Rounds what is left, exactly; what takes more memory than a worker has is left to `longer`.
template <class R>
struct round_left_shares {
  shares_of_value<R> shares;
  left_sums left, longer;
  long_sum_memory memory;
  R* to;

  __device__ void operator()(std::int64_t worker) const {
    const std::int64_t updates = shares.forward.places.updates;
    for (auto k = worker; k < static_cast<std::int64_t>(*left.count); k += memory.workers) {
      const std::int64_t c = left.output[k];
      special_terms special;
      fraction_extent extent;
      shares.add(c, 0, 1, special, extent);
      const std::int64_t words = extent.words(updates);
      if (words > memory.digits || extent.product_words() > memory.words) {
        if (longer.count == nullptr) __trap();  // whoever waits for the stream is told
        longer.add(c);
        continue;
      }
      long_fraction_sum sum(memory.digit + worker * memory.digits, memory.product + worker * memory.words, words,
                            extent.lowest(updates), extent.divided());
      shares.add(c, 0, 1, special, sum);
      to[c] = sum.template round<R>(extent.terms());
    }
  }
};

}  // namespace halfulp::kernels::cuda
