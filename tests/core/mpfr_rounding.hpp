#pragma once

#include <halfulp/oracle/real/real.hpp>

namespace halfulp::tests {

/// RN_F(x) by MPFR's own emulation of a format (its exponent range and mpfr_subnormalize): a referee that shares no
/// code with round_to_nearest.
template <class T>
double mpfr_rounded(const real& x) {
  constexpr format f = format_of<T>;
  const mpfr_exp_t e_min = mpfr_get_emin();
  const mpfr_exp_t e_max = mpfr_get_emax();
  mpfr_set_emin(f.e_min - f.precision + 2);
  mpfr_set_emax(f.e_max + 1);
  mpfr_t y;
  mpfr_init2(y, f.precision);
  const int rounded = mpfr_set(y, raw(x), MPFR_RNDN);
  mpfr_subnormalize(y, mpfr_check_range(y, rounded, MPFR_RNDN), MPFR_RNDN);
  const double value = mpfr_get_d(y, MPFR_RNDN);
  mpfr_clear(y);
  mpfr_set_emin(e_min);
  mpfr_set_emax(e_max);
  return value;
}

}  // namespace halfulp::tests
