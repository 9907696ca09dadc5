#pragma once

#include <halfulp/oracle/core/exact_sum.hpp>
#include <halfulp/oracle/core/expansion.hpp>
#include <halfulp/oracle/core/sums.hpp>
#include <halfulp/oracle/real/enclosure.hpp>
#include <halfulp/oracle/truth.hpp>

namespace halfulp {

/// [value - radius, value + radius], outward at 160 bits.
enclosure enclosure_of(double_double value, double radius);

/// What a sum of n terms, each product and addition rounded to format f, may lose, in ULPs of the exact result:
///   componentwise: gamma_n sum |a b|   (any order of summation)  [higham02, 3.5]
///   normwise:      gamma_n ||a|| ||b|| (also transformed algorithms such as Winograd's, per window)
/// each plus n 2^(e_min - p) for underflow; infinite where the result is.
ulp_bounds bounds_of(const format& f, const magnitude_sum& m, const enclosure& range);

/// n, sum |a b| and ||a|| ||b|| of a sum, each rounded up.
struct sum_magnitudes {
  std::int64_t terms;
  double products, norms;
};
/// The same for a result in [value - radius, value + radius], in binary64: at most twice as large, where that interval is
/// not a point and lies within 2^-50 of a power of two.
ulp_bounds bounds_of(const format& f, const sum_magnitudes& m, double_double value, double radius);

/// range / n for n >= 1, outward at 160 bits; a point where the quotient has no more.
enclosure divided(const enclosure& range, std::int64_t n);

/// r at the least precision that still holds it exactly.
real shortened(const real& r);

/// The exact value of a finite sum; `rounded`, its rounding, where the sum is infinite, NaN or zero.
template <class T, class Rounded>
real to_real(const exact_sum<T>& sum, Rounded rounded) {
  if (sum.is_nan_sum() || sum.is_infinite_sum() || sum.sign() == 0) return to_real(rounded);
  const auto digit = sum.magnitude();
  real r = make_real(32 * exact_sum<T>::digits);
  for (int k = exact_sum<T>::digits - 1; k >= 0; --k) {
    mpfr_mul_2ui(raw(r), raw(r), 32, MPFR_RNDN);
    mpfr_add_ui(raw(r), raw(r), static_cast<unsigned long>(digit[static_cast<std::size_t>(k)]), MPFR_RNDN);
  }
  mpfr_mul_2si(raw(r), raw(r), exact_sum<T>::lowest, MPFR_RNDN);
  mpfr_setsign(raw(r), raw(r), sum.sign() < 0, MPFR_RNDN);
  return shortened(r);
}

/// A sum of terms and products in interval arithmetic on MPFR numbers of `bits` bits: the sum with nothing in common
/// with the others but the terms.
class interval_sum {
 public:
  explicit interval_sum(mpfr_prec_t bits) : range_{make_real(bits), make_real(bits)} {}

  template <class T>
  void add(T a) {
    add_point(to_real(a));
  }
  template <class T>
  void add_product(T a, T b) {
    real p = make_real(2 * format_of<T>.precision);  // holds the product exactly
    mpfr_mul(raw(p), raw(to_real(a)), raw(to_real(b)), MPFR_RNDN);
    add_point(p);
  }
  const enclosure& value() const { return range_; }

 private:
  void add_point(const real& p);
  enclosure range_;
};

}  // namespace halfulp
