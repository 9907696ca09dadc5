#pragma once

#include <halfulp/oracle/real/enclosure.hpp>

namespace halfulp {

/// A certified error in ULPs: the exact error lies in [lo, hi].
struct ulp_error {
  double lo = 0;
  double hi = 0;
};

/// The error of a candidate y, a number of format f, against the exact result in `truth`:
/// |y - r| / ulp_F(r) over all r in it, an infinite y or RN_F(r) counted as +-2^(e_max + 1).
/// The caller has seen that y is not correctly rounded: that is decided by bits, never by this number.
/// A NaN on one side only is an infinite error.
ulp_error error_in_ulps(const format& f, const real& y, const enclosure& truth);

/// |y - r| / ulp_F(|r|) of a complex candidate and truth: the normwise error.
ulp_error normwise_error_in_ulps(const format& f, const real& y_re, const real& y_im, const enclosure& re,
                                 const enclosure& im);

}  // namespace halfulp
