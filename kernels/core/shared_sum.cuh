// Sums that the threads of a block share (kernels/core/few_sums.cuh), by format.
#pragma once

#include <cmath>
#include <cstdint>

#include <halfulp/kernels/core/certificate.hpp>
#include <halfulp/kernels/core/decide.cuh>
#include <halfulp/kernels/core/extraction.cuh>
#include <halfulp/kernels/core/magnitudes.cuh>
#include <halfulp/kernels/core/window_rounding.cuh>

namespace halfulp::kernels::cuda {

/// What the bound of shared sums needs to know of an operand: the sum of its squares, in binary32.
template <class T>
struct operand_note {
  float squares = 0;

  __device__ void take(float x) { squares = fmaf(x, x, squares); }
  __device__ void join(const operand_note& o) { squares += o.squares; }
  __device__ operand_note from_lane(int step) const { return {__shfl_xor_sync(every_lane, squares, step)}; }
  /// At least the norm of what was taken, n numbers in at most `additions` additions each: all of these are within 2^-24,
  /// or 2^-150.  [higham02, lemma 3.1]
  __device__ double norm(std::int64_t n, std::int64_t additions) const {
    const double lost = 1 + static_cast<double>(additions) * 0x1p-22;
    return sqrt((squares + static_cast<double>(n) * 0x1p-149) * lost) * (1 + 0x1p-40);
  }
};
/// binary64: a power of two that divides what was taken, but for zeros.
template <>
struct operand_note<double> {
  double lowest = INFINITY;

  __device__ void take(double x) {
    if (x != 0) lowest = fmin(lowest, lowest_bit_of(x));
  }
  __device__ void join(const operand_note& o) { lowest = fmin(lowest, o.lowest); }
  __device__ operand_note from_lane(int step) const { return {__shfl_xor_sync(every_lane, lowest, step)}; }
};

/// How many numbers went into a sum and its notes, and by how many additions each.
struct sum_length {
  std::int64_t terms, additions, squares, square_additions;
};

/// A sum that threads share. Products are exact in binary64, and their magnitudes are bounded by the norms of both
/// operands.
template <class T>
struct shared_sum {
  double sum = 0;

  __device__ void add_product(double a, double b) { sum = fma(a, b, sum); }
  __device__ void add(const shared_sum& o) { sum += o.sum; }
  __device__ shared_sum from_lane(int step) const { return {__shfl_xor_sync(every_lane, sum, step)}; }
  __device__ bool round(double start, const operand_note<T>& image, const operand_note<T>& factor, const sum_length& n,
                        T& rounded) const {
    const double s = sum + start,
                 magnitude = image.norm(n.squares, n.square_additions) * factor.norm(n.squares, n.square_additions) +
                             fabs(start);
    const double radius = gamma(n.additions + 1, unit_roundoff) * magnitude * (1 + 0x1p-40);  // [higham02, 4.2]
    return fabs(s) < INFINITY && decide_near(s, radius, rounded);
  }
};

/// binary64: with the magnitudes themselves.  [ogita05]
template <>
struct shared_sum<double> {
  compensated_terms terms;

  __device__ void add_product(double a, double b) { terms.add_product(a, b); }
  __device__ void add(const shared_sum& o) {
    const double_double s = two_sum(terms.high, o.terms.high);
    terms.high = s.hi;
    terms.low = terms.low + o.terms.low + s.lo;
    terms.magnitude += o.terms.magnitude;
  }
  __device__ shared_sum from_lane(int step) const {
    return {{__shfl_xor_sync(every_lane, terms.high, step), __shfl_xor_sync(every_lane, terms.low, step),
             __shfl_xor_sync(every_lane, terms.magnitude, step)}};
  }
  /// Nothing was rounded where (n + 2) M <= 2^106 times what divides every term (kernels/core/certificate.hpp).
  __device__ bool round(double start, const operand_note<double>& image, const operand_note<double>& factor,
                        const sum_length& n, double& rounded) const {
    const std::int64_t additions = n.terms + n.additions + 1;
    const bool exact = start == 0 && 2 * static_cast<double>(additions + 2) * terms.magnitude <=
                                         compensated_exact_room * (image.lowest * factor.lowest);
    return round_if_decided(terms.high, terms.low, start, exact ? 0 : terms.radius(additions), rounded);
  }
};

}  // namespace halfulp::kernels::cuda
