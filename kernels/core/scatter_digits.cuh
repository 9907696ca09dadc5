// Sums and means of floating-point numbers by target: exact, whatever the order in which they come.
#pragma once

#include <algorithm>

#include <halfulp/kernels/core/digit_sum.hpp>
#include <halfulp/kernels/core/launch.cuh>
#include <halfulp/kernels/core/scatter_on_cuda.hpp>
#include <halfulp/oracle/core/part.hpp>

namespace halfulp::kernels::cuda {

/// Terms of format R: numbers, or their products with a binary64 number.
template <class R, bool Scaled>
struct term_format {
  static constexpr digit_layout layout = Scaled ? digits_of_products : digits_of_terms<R>;
};

/// The sums of the components [first, first + count) of an output, in device memory: digit k of all of them lies together.
/// terms counts the updates of each element, for means.
struct sums_in_memory {
  std::int64_t first, count;
  unsigned long long* digit;
  std::uint32_t* special;
  unsigned* terms;
};

/// Component p of an update, as part of the sum c of `sums`; digits go to add_to(k, part).
template <class R, bool Scaled, class AddTo>
__device__ void add_term(R x, double alpha, const sums_in_memory& sums, std::int64_t c, AddTo add_to) {
  constexpr long lowest = term_format<R, Scaled>::layout.lowest;
  bool nan = is_nan(x), infinite = is_infinite(x), zero = is_zero(x), negative = is_negative(x);
  if constexpr (Scaled) {
    nan = nan || is_nan(alpha) || (zero && is_infinite(alpha)) || (infinite && is_zero(alpha));
    infinite = infinite || is_infinite(alpha);
    zero = zero || is_zero(alpha);
    negative = negative != is_negative(alpha);
  }
  if (const std::uint32_t s = special_of(nan, infinite, zero, negative); s != 0) {
    if ((sums.special[c] & s) == 0) atomicOr(&sums.special[c], s);
    return;
  }
  const binary_real r = decompose(x);
  if constexpr (Scaled) {
    const binary_real f = decompose(alpha);
    add_to_digits(negative, static_cast<unsigned __int128>(r.significand) * f.significand,
                  r.exponent + f.exponent - lowest, add_to);
  } else {
    add_to_digits(negative, r.significand, r.exponent - lowest, add_to);
  }
}

/// The updates of a scatter, component by component.
template <class R>
struct update_terms {
  scatter_places places;
  const R* values;
  int parts;
  double alpha;  // factor

  /// f(c, x) for each component of update j that belongs to the sums.
  template <class F>
  __device__ void each(std::int64_t j, const sums_in_memory& sums, F f) const {
    const std::int64_t t = places.target[j];
    const std::int64_t c = t * parts - sums.first;
    if (t < 0 || c < 0 || c >= sums.count) return;
    const std::int64_t from = places.value_of(j) * parts;
    if (sums.terms != nullptr) atomicAdd(&sums.terms[c / parts], 1u);
    for (int p = 0; p < parts; ++p) f(c + p, values[from + p]);
  }
};

/// Adds update j to the sums in memory.
template <class R, bool Scaled>
struct add_to_memory {
  update_terms<R> updates;
  sums_in_memory sums;
  std::int64_t first;  // update

  __device__ void operator()(std::int64_t j) const {
    updates.each(first + j, sums, [&](std::int64_t c, R x) {
      add_term<R, Scaled>(x, updates.alpha, sums, c, [&](int k, std::int64_t part) {
        atomicAdd(&sums.digit[k * sums.count + c], static_cast<unsigned long long>(part));
      });
    });
  }
};

inline constexpr unsigned sharing_threads = 1024;

/// Adds updates [first, end) to the sums of each block, in its own memory, and these to those in device memory. A digit is
/// two words, since the hardware adds only 32 bits there; what comes back tells of a carry.
template <class R, bool Scaled>
__global__ void __launch_bounds__(sharing_threads)
    add_in_blocks(const __grid_constant__ update_terms<R> updates, const sums_in_memory sums, std::int64_t first,
                  std::int64_t end) {
  extern __shared__ unsigned word[];
  const auto digits = static_cast<int>(term_format<R, Scaled>::layout.count * sums.count);
  for (int i = static_cast<int>(threadIdx.x); i < 2 * digits; i += static_cast<int>(blockDim.x)) word[i] = 0;
  __syncthreads();
  const auto step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t j = first + static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; j < end; j += step)
    updates.each(j, sums, [&](std::int64_t c, R x) {
      add_term<R, Scaled>(x, updates.alpha, sums, c, [&](int k, std::int64_t part) {
        unsigned* const low = &word[k * static_cast<int>(sums.count) + static_cast<int>(c)];
        const auto add = static_cast<unsigned>(part);
        const unsigned carried = atomicAdd(low, add) + add < add ? 1 : 0;
        const unsigned high = static_cast<unsigned>(static_cast<std::uint64_t>(part) >> 32) + carried;
        if (high != 0) atomicAdd(low + digits, high);
      });
    });
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < digits; i += static_cast<int>(blockDim.x)) {
    const auto sum = static_cast<unsigned long long>(word[i + digits]) << 32 | word[i];
    if (sum != 0) atomicAdd(&sums.digit[i], sum);
  }
}

/// The sum c as one thread has it.
template <class R, bool Scaled>
__device__ auto gathered(const sums_in_memory& sums, std::int64_t c) {
  constexpr int count = term_format<R, Scaled>::layout.count;
  digit_sum<count> s;
#pragma unroll 16
  for (int k = 0; k < count; ++k) s.digit[k] = static_cast<std::int64_t>(sums.digit[k * sums.count + c]);
  s.special = sums.special[c];
  return s;
}

/// Carries between as many updates as digits have room for.
template <class R, bool Scaled>
struct carry_sums {
  sums_in_memory sums;

  __device__ void operator()(std::int64_t c) const {
    auto s = gathered<R, Scaled>(sums, c);
    s.carry();
    for (int k = 0; k < term_format<R, Scaled>::layout.count; ++k)
      sums.digit[k * sums.count + c] = static_cast<unsigned long long>(s.digit[k]);
    sums.special[c] = s.special;
  }
};

/// Writes component c of the sums.
template <class R, bool Scaled>
struct round_sums {
  sums_in_memory sums;
  const R* self;
  R* y;
  bool include_self;
  int parts;

  __device__ void operator()(std::int64_t c) const {
    constexpr long lowest = term_format<R, Scaled>::layout.lowest;
    auto s = gathered<R, Scaled>(sums, c);
    const std::int64_t at = sums.first + c;
    if (!s.any()) {
      y[at] = self == nullptr ? R{} : self[at];
      return;
    }
    std::int64_t n = sums.terms == nullptr ? 1 : sums.terms[c / parts];
    if (self != nullptr && include_self) {
      const R x = self[at];
      if (sums.terms != nullptr) ++n;
      const std::uint32_t special = special_of(is_nan(x), is_infinite(x), is_zero(x), is_negative(x));
      s.special |= special;
      if (special == 0) {
        const binary_real r = decompose(x);
        s.add(r.negative, r.significand, r.exponent - lowest);
      }
    }
    y[at] = s.template finish<R>(lowest, n);
  }
};

}  // namespace halfulp::kernels::cuda
