#pragma once

#include <halfulp/oracle/real/real.hpp>

namespace halfulp::linalg {

/// A nonnegative number that is at least the exact value of the expression it was computed by: every operation is
/// rounded up, at 64 bits and without any limit to its exponent.
class upper_bound {
 public:
  upper_bound(double x = 0) : value_(make_real(64)) { mpfr_set_d(raw(value_), x, MPFR_RNDU); }
  /// At least |x|.
  static upper_bound of(const real& x) {
    upper_bound b;
    mpfr_abs(raw(b.value_), raw(x), MPFR_RNDU);
    return b;
  }

  const real& value() const { return value_; }

  friend upper_bound operator+(upper_bound x, const upper_bound& y) {
    mpfr_add(raw(x.value_), raw(x.value_), raw(y.value_), MPFR_RNDU);
    return x;
  }
  friend upper_bound operator*(upper_bound x, const upper_bound& y) {
    mpfr_mul(raw(x.value_), raw(x.value_), raw(y.value_), MPFR_RNDU);
    return x;
  }
  /// x / y for an exact or too small y > 0.
  friend upper_bound operator/(upper_bound x, const real& y) {
    mpfr_div(raw(x.value_), raw(x.value_), raw(y), MPFR_RNDU);
    return x;
  }
  friend upper_bound root(upper_bound x) {
    mpfr_sqrt(raw(x.value_), raw(x.value_), MPFR_RNDU);
    return x;
  }
  friend bool operator<(const upper_bound& x, const upper_bound& y) {
    return mpfr_less_p(raw(x.value_), raw(y.value_)) != 0;
  }

 private:
  real value_;
};

}  // namespace halfulp::linalg
