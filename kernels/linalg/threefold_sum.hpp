// Sums of products in three words, for the CUDA kernels. Plain C++, tested on the host.
#pragma once

#include <halfulp/kernels/linalg/device_number.hpp>

namespace halfulp::kernels::cuda {

/// A real sum in three words, high + middle + low: what additions to `high` lose is added to `middle`, what these lose to `low`.
struct threefold_number {
  double high, middle, low;

  HALFULP_HOST_DEVICE void add(double a, double x) {
    const double_double p = two_product(a, x), s = two_sum(high, p.hi);
    high = s.hi;
    const double_double first = two_sum(middle, s.lo), second = two_sum(first.hi, p.lo);
    middle = second.hi;
    low += first.lo + second.lo;
  }
  /// Rounded: within 2 u of the sum, and threefold_bound.
  HALFULP_HOST_DEVICE double value() const {
    const double_double s = two_sum(high, middle);
    return s.hi + (s.lo + low);
  }
};
/// |value - exact| <= 2 u |exact| + threefold_bound(terms) M. Each addition loses u M' of `high` at most, M' = (1 + u)^terms M, so that
/// `middle` is given (terms + 1) u M' and loses u of that, or less, 2 terms times; `low` adds that up with 2 terms roundings on the
/// way of each, and its value is rounded once more before the last addition.  [ogita05]
HALFULP_HOST_DEVICE inline double threefold_bound(std::int64_t terms) {
  return up(gamma(2 * terms + 3, unit_roundoff) * gamma(5 * terms, unit_roundoff) * gamma(terms + 1, unit_roundoff));
}

/// The same for each part of a sum of products of real or complex numbers.
template <class E>
struct threefold_sum {
  threefold_number part[parts_of_number<E>];

  /// += a x
  HALFULP_HOST_DEVICE void add(double a, double x) { part[0].add(a, x); }
  HALFULP_HOST_DEVICE void add(complex_number a, complex_number x) {
    part[0].add(a.re, x.re);
    part[0].add(-a.im, x.im);
    part[1].add(a.re, x.im);
    part[1].add(a.im, x.re);
  }
};

}  // namespace halfulp::kernels::cuda
