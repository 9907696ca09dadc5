// Sums of a window_product that are computed one by one and rounded once: in compensated arithmetic, proved exact, or by
// the long accumulator.
#pragma once

#include <cooperative_groups.h>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/tier.hpp>

namespace halfulp::kernels::cuda {

inline constexpr unsigned every_lane = 0xffffffffu;
inline constexpr int lanes = 32;

/// What all lanes of a warp hold, added up; to every lane.
template <class Number>
__device__ Number sum_of_warp(Number x) {
  for (int step = 1; step < lanes; step *= 2) x += __shfl_xor_sync(every_lane, x, step);
  return x;
}

/// A sum by error-free transformations, the errors added up: |high + low - exact| <= compensated_bound(terms) M +
/// underflow_bound(terms).  [ogita05]
struct compensated_terms {
  double high = 0, low = 0, magnitude = 0;

  __device__ void add(double a) {
    const double_double s = two_sum(high, a);
    high = s.hi;
    low += s.lo;
    magnitude += fabs(a);
  }
  template <class T>
  __device__ void add_product(T a, T b) {
    const double_double p = two_product(widen(a), widen(b));
    if constexpr (std::is_same_v<T, double>) low += p.lo;  // products of 24 bits are exact
    add(p.hi);
  }
  __device__ double_double value() const { return normalised(high, low); }
  /// |value - exact| <= radius for n terms and the additions that joined the lanes.
  __device__ double radius(std::int64_t n) const {
    const double m = up(magnitude * (1 + 4 * gamma(n, unit_roundoff))) + underflow_bound(n);
    return up(up(compensated_bound(n) * m) + underflow_bound(n));
  }
};

/// What a block knows of its terms: their sum, the least of their lowest bits, and whether they tell the sign of a zero.
struct terms_of_block {
  compensated_terms sum;
  int lowest;
  bool any, all_negative;
};

/// What the threads of a cluster of blocks that share a sum leave for one another.
template <class T>
struct rounding_memory {
  static constexpr int most_warps = 16;
  exact_sum<T> exact;
  compensated_terms part[most_warps];
  int lowest[most_warps];
  terms_of_block of_block;
  T rounded;
};

/// Rounds sums whose terms the threads of a cluster of blocks share; what its first block alone does is said.
template <class T, class Index>
class block_rounding {
 public:
  __device__ block_rounding(const window_product<T>& p, rounding_memory<T>& memory)
      : p_(p),
        memory_(memory),
        thread_(static_cast<int>(threadIdx.x)),
        threads_(static_cast<int>(blockDim.x)),
        warp_(thread_ / lanes) {}

  /// The first block returns the tier that decided, in every thread, and `rounded` is set there.
  __device__ tier round(const sum_index& s, T& rounded) {
    constexpr bool are_often_ties = sizeof(T) == 2;  // so that both are looked at together
    if (!are_often_ties && decide_by_bound(s, rounded)) return tier::double_double;
    if (decide_as_exact(s, rounded) || cluster_.block_rank() != 0) return tier::double_double;
    rounded = round_exactly(s);
    return tier::exact;
  }

 private:
  static constexpr int no_bits = 1 << 20;

  /// The exponent of the lowest bit that is set in a finite nonzero number.
  static __device__ int lowest_bit(T a) {
    const binary_real r = decompose(a);
    return static_cast<int>(r.exponent) + __ffsll(static_cast<long long>(r.significand)) - 1;
  }
  static __device__ void join(compensated_terms& sum, double high, double low, double magnitude) {
    const double_double s = two_sum(sum.high, high);
    sum.high = s.hi;
    sum.low = sum.low + low + s.lo;
    sum.magnitude += magnitude;
  }
  /// Every thread comes to hold the same sum: additions and their errors do not depend on the order of the two.
  __device__ void join(compensated_terms& sum) const {
    for (int step = lanes / 2; step > 0; step /= 2)
      join(sum, __shfl_xor_sync(every_lane, sum.high, step), __shfl_xor_sync(every_lane, sum.low, step),
           __shfl_xor_sync(every_lane, sum.magnitude, step));
    if (threads_ == lanes) return;
    if (thread_ % lanes == 0) memory_.part[warp_] = sum;
    __syncthreads();
    sum = memory_.part[0];
    for (int w = 1; w < threads_ / lanes; ++w)
      join(sum, memory_.part[w].high, memory_.part[w].low, memory_.part[w].magnitude);
    __syncthreads();
  }
  __device__ void join_blocks(terms_of_block& own) const {
    if (cluster_.num_blocks() == 1) return;
    if (thread_ == 0) memory_.of_block = own;
    cluster_.sync();
    for (unsigned b = 0; b < cluster_.num_blocks(); ++b) {
      const terms_of_block part = *cluster_.map_shared_rank(&memory_.of_block, b);
      if (b == 0) {
        own = part;
        continue;
      }
      join(own.sum, part.sum.high, part.sum.low, part.sum.magnitude);
      own.lowest = min(own.lowest, part.lowest);
      own.any = own.any || part.any;
      own.all_negative = own.all_negative && part.all_negative;
    }
    cluster_.sync();
  }
  __device__ int least_of_block(int x) const {
    x = __reduce_min_sync(every_lane, x);
    if (threads_ == lanes) return x;
    if (thread_ % lanes == 0) memory_.lowest[warp_] = x;
    __syncthreads();
    for (int w = 0; w < threads_ / lanes; ++w) x = min(x, memory_.lowest[w]);
    __syncthreads();
    return x;
  }
  __device__ bool has_start() const { return p_.start != nullptr; }
  __device__ T start_of(const sum_index& s) const { return p_.start[s.group * p_.rows + s.row]; }

  /// By a bound on the error of a compensated sum; every block returns the same.
  __device__ bool decide_by_bound(const sum_index& s, T& rounded) const {
    terms_of_block own{};
    const sum_terms<T, Index> terms(p_, s);
    terms.template each<8>(first(), terms.count(), step(), [&](T a, T b) { own.sum.add_product(a, b); });
    if (has_start() && first() == 0) own.sum.add(widen(start_of(s)));
    join(own.sum);
    join_blocks(own);
    return decide<T>(own.sum.value(), own.sum.radius(additions()), rounded);
  }

  /// Because nothing was rounded, or else by the bound: every term a multiple of 2^q and (n + 2) M <= 2^(q + 106), where additions count that
  /// join the threads (kernels/core/certificate.hpp).
  __device__ bool decide_as_exact(const sum_index& s, T& rounded) const {
    terms_of_block own{};
    special_terms special;
    int lowest = no_bits;
    const sum_terms<T, Index> terms(p_, s);
    terms.template each<4>(first(), terms.count(), step(), [&](T a, T b) {
      own.sum.add_product(a, b);
      if (special.take_product(a, b)) lowest = min(lowest, lowest_bit(a) + lowest_bit(b));
    });
    if (has_start() && first() == 0) {
      own.sum.add(widen(start_of(s)));
      if (special.take(start_of(s))) lowest = min(lowest, lowest_bit(start_of(s)));
    }
    join(own.sum);
    own.lowest = least_of_block(lowest);
    own.all_negative = __syncthreads_and(special.all_are_negative_zero()) != 0;
    own.any = __syncthreads_or(special.any()) != 0;
    join_blocks(own);
    const compensated_terms& sum = own.sum;
    const double room = scalbn(1.0, min(own.lowest, 900) + 106);
    const bool exact = sum.magnitude < INFINITY && own.lowest >= -1074 &&
                       2 * static_cast<double>(additions() + 2) * sum.magnitude <= room;
    if (!exact) return decide<T>(sum.value(), sum.radius(additions()), rounded);
    rounded = sum.value().hi == 0 ? zero_of<T>(own.any && own.all_negative) : round_to_nearest<T>(sum.value());
    return true;
  }
  /// Which terms are this thread's.
  __device__ std::int64_t first() const { return static_cast<std::int64_t>(cluster_.thread_rank()); }
  __device__ std::int64_t step() const { return static_cast<std::int64_t>(cluster_.size()); }
  /// A thread's terms, and the levels at which threads, warps and blocks are joined.
  __device__ std::int64_t additions() const { return p_.depth() + 1 + 4 * lanes; }
  struct shared_addition {
    __device__ void operator()(std::int64_t& digit, std::int64_t part) const {
      atomicAdd(reinterpret_cast<unsigned long long*>(&digit), static_cast<unsigned long long>(part));
    }
  };

  /// In the long accumulator, which the threads share: additions of integers, exact in whatever order.
  __device__ T round_exactly(const sum_index& s) {
    if (thread_ == 0) memory_.exact.clear();
    __syncthreads();
    special_terms special;
    const sum_terms<T, Index> terms(p_, s);
    for (std::int64_t first = 0; first < terms.count(); first += exact_sum<T>::most_pending) {
      if (thread_ == 0) memory_.exact.carry();
      __syncthreads();
      terms.template each<1>(first + thread_, min(first + exact_sum<T>::most_pending, terms.count()), threads_,
                             [&](T a, T b) { memory_.exact.add_product(a, b, special, shared_addition()); });
      __syncthreads();
    }
    if (has_start() && thread_ == 0) memory_.exact.add(start_of(s), special, plain_addition());
    take_specials(special);
    if (thread_ == 0) memory_.rounded = memory_.exact.template finish<T>();
    __syncthreads();
    const T rounded = memory_.rounded;
    __syncthreads();
    return rounded;
  }
  __device__ void take_specials(const special_terms& own) {
    for (int t = 0; t < threads_; ++t) {
      if (thread_ == t) memory_.exact.take(own);
      __syncthreads();
    }
  }

  const window_product<T>& p_;
  rounding_memory<T>& memory_;
  cooperative_groups::cluster_group cluster_ = cooperative_groups::this_cluster();
  int thread_, threads_, warp_;
};

/// The sums that a kernel left to be looked at one by one, gathered on the device.
struct left_sums {
  unsigned long long* count;
  std::int64_t* sum;  // room for every sum of the product

  __device__ void add(std::int64_t i) const { sum[atomicAdd(count, 1ull)] = i; }
};

}  // namespace halfulp::kernels::cuda
