#pragma once

#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp {

/// Arithmetic on enclosures in MPFR numbers of a fixed precision: every operation is rounded outward, so that the
/// result holds whatever comes of numbers in the arguments.
class interval_arithmetic {
 public:
  explicit interval_arithmetic(mpfr_prec_t bits) : bits_(bits), low_(make_real(bits)), high_(make_real(bits)) {}

  enclosure zero() const { return {make_real(bits_), make_real(bits_)}; }
  /// The number x of binary64.
  enclosure of(double x) const;

  /// s += a v, or s -= a v where `minus` is set.
  void add_product(enclosure& s, const real& a, const enclosure& v, bool minus);
  void add_product(enclosure& s, const enclosure& a, const enclosure& v, bool minus);
  void add(enclosure& s, const enclosure& v);
  /// v / a for a number a != 0.
  void divide(enclosure& v, const real& a) const;
  /// v / a for an enclosure of positive numbers.
  void divide_by_positive(enclosure& v, const enclosure& a) const;

 private:
  void add_ends(enclosure& s, bool minus);  // of low_ and high_
  mpfr_prec_t bits_;
  real low_, high_;
};

}  // namespace halfulp
