// Sums of a window_product that are computed one by one and rounded once: in compensated arithmetic, proved exact, or by
// the long accumulator.
#pragma once

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/window_product.hpp>
#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/tier.hpp>

namespace halfulp::kernels::cuda {

inline constexpr unsigned every_lane = 0xffffffffu;
inline constexpr int lanes = 32;

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

/// Rounds sums whose terms one warp shares.
template <class T>
class warp_rounding {
 public:
  __device__ warp_rounding(const window_product<T>& p, exact_sum<T>& memory)
      : p_(p), memory_(memory), lane_(static_cast<int>(threadIdx.x) % lanes) {}

  /// Every lane returns the tier that decided; `rounded` is set in each of them.
  __device__ tier round(const sum_index& s, T& rounded) {
    if (decide_by_bound(s, rounded) || decide_as_exact(s, rounded)) return tier::double_double;
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
  /// Every lane comes to hold the same sum: additions and their errors do not depend on the order of the two.
  static __device__ void join(compensated_terms& sum) {
    for (int step = lanes / 2; step > 0; step /= 2) {
      const double_double s = two_sum(sum.high, __shfl_xor_sync(every_lane, sum.high, step));
      sum.low = sum.low + __shfl_xor_sync(every_lane, sum.low, step) + s.lo;
      sum.magnitude += __shfl_xor_sync(every_lane, sum.magnitude, step);
      sum.high = s.hi;
    }
  }
  __device__ bool has_start() const { return p_.start != nullptr; }
  __device__ T start_of(const sum_index& s) const { return p_.start[s.group * p_.rows + s.row]; }

  /// By a bound on the error of a compensated sum.
  __device__ bool decide_by_bound(const sum_index& s, T& rounded) const {
    compensated_terms sum;
    const sum_terms<T> terms(p_, s);
    terms.template each<4>(lane_, terms.count(), lanes, [&](T a, T b) { sum.add_product(a, b); });
    if (has_start() && lane_ == 0) sum.add(widen(start_of(s)));
    join(sum);
    return decide<T>(sum.value(), sum.radius(additions()), rounded);
  }

  /// Because nothing was rounded: every term a multiple of 2^q and (n + 2) M <= 2^(q + 106), where additions count that
  /// join the lanes (kernels/core/certificate.hpp).
  __device__ bool decide_as_exact(const sum_index& s, T& rounded) const {
    compensated_terms sum;
    special_terms special;
    int lowest = no_bits;
    const sum_terms<T> terms(p_, s);
    terms.template each<2>(lane_, terms.count(), lanes, [&](T a, T b) {
      sum.add_product(a, b);
      if (special.take_product(a, b)) lowest = min(lowest, lowest_bit(a) + lowest_bit(b));
    });
    if (has_start() && lane_ == 0) {
      sum.add(widen(start_of(s)));
      if (special.take(start_of(s))) lowest = min(lowest, lowest_bit(start_of(s)));
    }
    join(sum);
    lowest = __reduce_min_sync(every_lane, lowest);
    const double room = scalbn(1.0, min(lowest, 900) + 106);
    const bool exact =
        sum.magnitude < INFINITY && lowest >= -1074 && 2 * static_cast<double>(additions() + 2) * sum.magnitude <= room;
    if (exact) round_exact_value(sum.value(), special, rounded);
    return exact;
  }
  __device__ std::int64_t additions() const { return p_.depth() + 1 + 4 * lanes; }
  __device__ void round_exact_value(double_double value, special_terms special, T& rounded) const {
    const bool all_negative = __all_sync(every_lane, special.all_are_negative_zero());
    const bool any = __any_sync(every_lane, special.any());
    rounded = value.hi == 0 ? zero_of<T>(any && all_negative) : round_to_nearest<T>(value);
  }
  static __device__ T from_lane_0(T x) {
    if constexpr (sizeof(T) == 2)
      return from_bits<T>(static_cast<bits_t<T>>(__shfl_sync(every_lane, to_bits(x), 0)));
    else
      return __shfl_sync(every_lane, x, 0);
  }

  struct shared_addition {
    __device__ void operator()(std::int64_t& digit, std::int64_t part) const {
      atomicAdd(reinterpret_cast<unsigned long long*>(&digit), static_cast<unsigned long long>(part));
    }
  };

  /// In the long accumulator, which the lanes share: additions of integers, exact in whatever order.
  __device__ T round_exactly(const sum_index& s) {
    if (lane_ == 0) memory_.clear();
    __syncwarp();
    special_terms special;
    const sum_terms<T> terms(p_, s);
    for (std::int64_t first = 0; first < terms.count(); first += exact_sum<T>::most_pending) {
      if (lane_ == 0) memory_.carry();
      __syncwarp();
      terms.template each<1>(first + lane_, min(first + exact_sum<T>::most_pending, terms.count()), lanes,
                             [&](T a, T b) { memory_.add_product(a, b, special, shared_addition()); });
      __syncwarp();
    }
    if (has_start() && lane_ == 0) memory_.add(start_of(s), special, plain_addition());
    take_specials(special);
    T rounded{};
    if (lane_ == 0) rounded = memory_.template finish<T>();
    __syncwarp();
    return from_lane_0(rounded);
  }
  __device__ void take_specials(const special_terms& own) {
    for (int l = 0; l < lanes; ++l) {
      if (lane_ == l) memory_.take(own);
      __syncwarp();
    }
  }

  const window_product<T>& p_;
  exact_sum<T>& memory_;
  int lane_;
};

/// The sums that a kernel left to be looked at one by one, gathered on the device.
struct left_sums {
  unsigned long long* count;
  std::int64_t* sum;  // room for every sum of the product

  __device__ void add(std::int64_t i) const { sum[atomicAdd(count, 1ull)] = i; }
};

}  // namespace halfulp::kernels::cuda
