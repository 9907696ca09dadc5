// Real and complex binary64 numbers of the CUDA kernels: products by fma, magnitudes that are easy to bound. Plain C++,
// tested on the host.
#pragma once

#include <cmath>

#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/core/sums.hpp>

namespace halfulp::kernels::cuda {

struct complex_number {
  double re, im;
};

/// The working number for elements of `parts` components.
template <int Parts>
struct number_of_parts {
  using type = double;
};
template <>
struct number_of_parts<2> {
  using type = complex_number;
};
template <class E>
inline constexpr int parts_of_number = sizeof(E) / sizeof(double);

HALFULP_HOST_DEVICE inline double conjugate(double x) {
  return x;
}
HALFULP_HOST_DEVICE inline complex_number conjugate(complex_number z) {
  return {z.re, -z.im};
}
HALFULP_HOST_DEVICE inline double negated(double x) {
  return -x;
}
HALFULP_HOST_DEVICE inline complex_number negated(complex_number z) {
  return {-z.re, -z.im};
}
HALFULP_HOST_DEVICE inline double sum(double x, double y) {
  return x + y;
}
HALFULP_HOST_DEVICE inline complex_number sum(complex_number x, complex_number y) {
  return {x.re + y.re, x.im + y.im};
}
HALFULP_HOST_DEVICE inline double difference(double x, double y) {
  return x - y;
}
HALFULP_HOST_DEVICE inline complex_number difference(complex_number x, complex_number y) {
  return {x.re - y.re, x.im - y.im};
}

/// |z|^2, its terms rounded.
HALFULP_HOST_DEVICE inline double square(double x) {
  return x * x;
}
HALFULP_HOST_DEVICE inline double square(complex_number z) {
  return z.re * z.re + z.im * z.im;
}
/// |re| + |im|, at least |z|, and at most sqrt(2) times that: of a product at most the product of those of its factors.
HALFULP_HOST_DEVICE inline double magnitude(double x) {
  return std::fabs(x);
}
HALFULP_HOST_DEVICE inline double magnitude(complex_number z) {
  return std::fabs(z.re) + std::fabs(z.im);
}

/// a b + s, each real product-sum rounded once: a sum of n products, in any order of d roundings on a term's way, loses at
/// most gamma_d, for complex numbers gamma_(2 d), times the sum of the products of magnitudes.  [higham02, 3.1]
HALFULP_HOST_DEVICE inline double multiply_add(double a, double b, double s) {
  return std::fma(a, b, s);
}
HALFULP_HOST_DEVICE inline complex_number multiply_add(complex_number a, complex_number b, complex_number s) {
  return {std::fma(-a.im, b.im, std::fma(a.re, b.re, s.re)), std::fma(a.im, b.re, std::fma(a.re, b.im, s.im))};
}

/// 1 / x, each part within 4 u of its exact value, barring underflow.
HALFULP_HOST_DEVICE inline double reciprocal(double x) {
  return 1 / x;
}
HALFULP_HOST_DEVICE inline complex_number reciprocal(complex_number z) {
  const double square = std::fma(z.re, z.re, z.im * z.im);
  return {z.re / square, -z.im / square};
}

/// The parts of a number, to go through them.
HALFULP_HOST_DEVICE inline double part_of(double x, int) {
  return x;
}
HALFULP_HOST_DEVICE inline double part_of(complex_number z, int part) {
  return part == 0 ? z.re : z.im;
}
HALFULP_HOST_DEVICE inline void set_part(double& x, int, double value) {
  x = value;
}
HALFULP_HOST_DEVICE inline void set_part(complex_number& z, int part, double value) {
  (part == 0 ? z.re : z.im) = value;
}

/// A real sum in compensated arithmetic, high + low, |x_low| <= u |x|. In any order of additions and merges, m roundings on the way
/// of a term to `low`, d additions and merges on its way to `high`: |got - exact| <= u |exact| + gamma_m gamma_(d + 4) M, M the
/// sum of magnitudes, since a partial sum loses at most u of what it holds, and a term is in d of them.  [ogita05]
struct compensated_number {
  double high, low;

  HALFULP_HOST_DEVICE void add(double a, double x, double x_low) {
    const double_double p = two_product(a, x), s = two_sum(high, p.hi);
    high = s.hi;
    low = std::fma(a, x_low, low + (s.lo + p.lo));
  }
  HALFULP_HOST_DEVICE void merge(const compensated_number& other) {
    const double_double s = two_sum(high, other.high);
    high = s.hi;
    low += s.lo + other.low;
  }
  /// `low` is made small beside `high`; nothing is lost. See joined_bound.
  HALFULP_HOST_DEVICE void join() {
    const double_double s = two_sum(high, low);
    high = s.hi;
    low = s.lo;
  }
};
/// |high + low - exact| <= compensated_bound(depth) M for sums that are never joined and at most `depth` additions and merges on the
/// way of a term: 2 roundings of `low` at each, 1 more of what is added.
HALFULP_HOST_DEVICE inline double compensated_bound(std::int64_t depth) {
  return up(gamma(2 * depth + 3, unit_roundoff) * gamma(depth + 4, unit_roundoff));
}
/// The same for `terms` products with a join after `chunk` of them at most. After a join |low| <= u M; each product adds at most
/// u M, u of itself and x_low to it, and its three roundings lose u of what they give: at most (2 chunk + 10) u^2 M.
HALFULP_HOST_DEVICE inline double joined_bound(std::int64_t terms, std::int64_t chunk) {
  return up(static_cast<double>(terms) * static_cast<double>(2 * chunk + 10) * (unit_roundoff * unit_roundoff));
}

/// The same for each part of a sum of products of real or complex numbers.
template <class E>
struct compensated_sum {
  compensated_number part[parts_of_number<E>];

  /// += a (x + x_low)
  HALFULP_HOST_DEVICE void add(double a, double x, double x_low) { part[0].add(a, x, x_low); }
  HALFULP_HOST_DEVICE void add(complex_number a, complex_number x, complex_number x_low) {
    part[0].add(a.re, x.re, x_low.re);
    part[0].add(-a.im, x.im, x_low.im);
    part[1].add(a.re, x.im, x_low.im);
    part[1].add(a.im, x.re, x_low.re);
  }
  HALFULP_HOST_DEVICE void merge(const compensated_sum& other) {
    for (int p = 0; p < parts_of_number<E>; ++p) part[p].merge(other.part[p]);
  }
  HALFULP_HOST_DEVICE void join() {
    for (int p = 0; p < parts_of_number<E>; ++p) part[p].join();
  }
};

}  // namespace halfulp::kernels::cuda
