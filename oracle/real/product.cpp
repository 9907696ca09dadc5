#include <halfulp/oracle/real/product.hpp>

#include <algorithm>
#include <cmath>

#include <halfulp/oracle/real/sums.hpp>

namespace halfulp {

void exact_product::multiply(double factor) {
  nan_ |= is_nan(factor);
  negative_ ^= is_negative(factor);
  infinite_ |= is_infinite(factor);
  zero_ |= is_zero(factor);
  if (!is_finite(factor) || is_zero(factor)) return;
  const binary_real r = decompose(factor);
  const int twos = std::countr_zero(r.significand);
  const std::uint64_t odd = r.significand >> twos;
  exponent_ += r.exponent + twos;
  if (odd == 1) return;
  odd_parts_.push_back(odd);
  const auto product = static_cast<unsigned __int128>(odd_) * odd;
  odd_fits_ = odd_fits_ && product >> 64 == 0;
  odd_ = static_cast<std::uint64_t>(product);
}

double exact_product::special_value() const {
  if (nan_ || (infinite_ && zero_)) return canonical_nan<double>();
  return infinite_ ? infinity_of<double>(negative_) : zero_of<double>(negative_);
}

exact_product::scaled exact_product::significands(mpfr_prec_t bits) const {
  scaled s{make_real(bits), make_real(bits)};
  mpfr_set_ui(raw(s.lo), 1, MPFR_RNDN);
  mpfr_set_ui(raw(s.hi), 1, MPFR_RNDN);
  for (const std::uint64_t odd : odd_parts_) {
    mpfr_mul_ui(raw(s.lo), raw(s.lo), odd, MPFR_RNDD);
    mpfr_mul_ui(raw(s.hi), raw(s.hi), odd, MPFR_RNDU);
  }
  return s;
}

binary_real exact_product::leading(const real& magnitude) const {
  binary_real r = leading_bits(magnitude);
  r.exponent += exponent_;
  r.negative = negative_;
  return r;
}

enclosure exact_product::range() const {
  if (is_special()) return enclosure::point(to_real(special_value()));
  scaled s = significands(odd_fits_ ? 64 : 160);
  mpfr_mul_2si(raw(s.lo), raw(s.lo), exponent_, MPFR_RNDD);
  mpfr_mul_2si(raw(s.hi), raw(s.hi), exponent_, MPFR_RNDU);
  if (!negative_) return {s.lo, s.hi};
  mpfr_neg(raw(s.lo), raw(s.lo), MPFR_RNDN);
  mpfr_neg(raw(s.hi), raw(s.hi), MPFR_RNDN);
  return {s.hi, s.lo};
}

void product_truth::multiply(double factor) {
  exact_.multiply(factor);
  ++factors_;
  if (!is_finite(factor) || is_zero(factor)) return;
  const int e = std::ilogb(factor);
  below_ += std::min(e, 0);
  above_ += std::max(e + 1, 0);
}

ulp_bounds product_truth::bounds(const format& f) const {
  const enclosure range = exact_.range();
  if (below_ < f.e_min || above_ > f.e_max) return {INFINITY, INFINITY};
  magnitude_sum magnitude;  // the bound of a sum of as many terms, of which one is the product and the others 0
  magnitude.add(
      std::max(std::abs(mpfr_get_d(raw(range.lo), MPFR_RNDA)), std::abs(mpfr_get_d(raw(range.hi), MPFR_RNDA))));
  for (std::int64_t k = 2; k < factors_; ++k) magnitude.add(0);
  return bounds_of(f, magnitude, range);
}

}  // namespace halfulp
